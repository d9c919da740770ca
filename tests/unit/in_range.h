/* SPDX-License-Identifier: MIT */
/* assert_uint_in_range() of CMocka 2, which deprecates the name that it had before. */
#ifndef TESTS_IN_RANGE_H
#define TESTS_IN_RANGE_H

#ifndef assert_uint_in_range
#define assert_uint_in_range assert_in_range
#endif

#endif
