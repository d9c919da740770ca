/* SPDX-License-Identifier: MIT */
/*
 * Image references. The library has no public header for them yet, and its shared object hides its
 * own copy: the examples compile src/kube/image.c themselves, the only private source that they
 * use.
 */
#ifndef COMMON_IMAGE_H
#define COMMON_IMAGE_H

#include "../../src/kube/image.h"

#endif
