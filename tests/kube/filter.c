/* SPDX-License-Identifier: MIT */
/* Questions of answer.h from standard input, one a line; their answers on standard output. */
#include <stdlib.h>

#include "answer.h"

int main(void)
{
	char *line = NULL, text[ANSWER_SIZE];
	size_t size = 0;
	ssize_t len;

	while ((len = getline(&line, &size, stdin)) > 0) {
		struct admwh_document *document = admwh_document_parse(line, (size_t)len);

		answer(admwh_document_value(document), text);
		admwh_document_free(document);
		puts(text);
	}
	free(line);
	return fflush(stdout) == 0 ? 0 : 1;
}
