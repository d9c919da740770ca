/* SPDX-License-Identifier: MIT */
/*
 * Raw requests, {"request": ...}: their value is the object of a review without
 * any other member.
 */
#ifndef AWH_REVIEW_RAW_H
#define AWH_REVIEW_RAW_H

#include "review/decoder.h"

/* Decode the text's value. 0 or ADMWH_E_NOMEM; see also decoder->complaint. */
int awh_decode_raw(struct awh_decoder *decoder);

#endif
