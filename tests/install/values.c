/* SPDX-License-Identifier: MIT */
/* Reads values by the macros of value.h; compiled as C and as C++. Exits with 0 when all is right.
 */
#include <string.h>

#include <admwh/admwh.h>

static int count_names(struct admwh_value list, const char *name)
{
	int count = 0;

	admwh_value_foreach(element, list) {
		admwh_value_foreach(member, element)
			if (admwh_value_is(member, name))
				count++;
	}
	return count;
}

int main(void)
{
	static const char text[] = "{\"a\":{\"b\":[{\"c\":\"x\",\"d\":\"y\"},{\"c\":\"x\"}]}}";
	struct admwh_document *document = admwh_document_parse(text, strlen(text));
	struct admwh_value root = admwh_document_value(document);
	const char *step = "b";
	int wrong = count_names(ADMWH_GET(root, "a", step), "x") != 2 ||
		    !admwh_value_is_absent(ADMWH_GET(root, "a", NULL)) ||
		    !admwh_value_is(admwh_value_find(root, "/a/b/0/d"), "y") ||
		    strcmp(admwh_document_error(document), "") != 0;

	admwh_document_free(document);
	return wrong;
}
