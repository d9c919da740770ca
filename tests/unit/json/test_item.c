/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "json/scan.h"

static void names_what_was_found(void **state)
{
	static const struct {
		enum awh_item item;
		const char *name;
	} cases[] = {
	    {AWH_ITEM_NULL, "null"},        {AWH_ITEM_FALSE, "a boolean"},
	    {AWH_ITEM_TRUE, "a boolean"},   {AWH_ITEM_NUMBER, "a number"},
	    {AWH_ITEM_STRING, "a string"},  {AWH_ITEM_ARRAY, "an array"},
	    {AWH_ITEM_OBJECT, "an object"}, {AWH_ITEM_END, "nothing"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(awh_item_name(cases[i].item), cases[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_what_was_found),
	};

	return cmocka_run_group_tests_name("item", tests, NULL, NULL);
}
