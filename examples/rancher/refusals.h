/* SPDX-License-Identifier: MIT */
/*
 * What callers are told who are answered without a review: Rancher's words.
 */
#ifndef RANCHER_REFUSALS_H
#define RANCHER_REFUSALS_H

#include <admwh/admwh.h>

admwh_refusal_fn refusals_word;

#endif
