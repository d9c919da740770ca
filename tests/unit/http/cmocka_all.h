/* SPDX-License-Identifier: MIT */
/* What CMocka's header needs before it, and it. */
#ifndef AWH_TESTS_HTTP_CMOCKA_ALL_H
#define AWH_TESTS_HTTP_CMOCKA_ALL_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
