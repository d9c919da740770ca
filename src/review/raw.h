/* SPDX-License-Identifier: MIT */
/*
 * Raw requests, {"request": ...}: their value is the object of a review without
 * any other member.
 */
#ifndef AWH_REVIEW_RAW_H
#define AWH_REVIEW_RAW_H

#include "review/decoder.h"

/* Decode to the end of the text. Returns as awh_scan_next(); see also decoder->complaint. */
int awh_decode_raw(struct awh_decoder *decoder);

#endif
