/* SPDX-License-Identifier: MIT */
/* The program's own events. See log.h. */
#include "log.h"

#include <stdarg.h>

enum { FIELDS_MAX = 8 };

void kw_log(const struct admwh_server *server, enum admwh_log_level level, const char *event, ...)
{
	struct admwh_log_field fields[FIELDS_MAX];
	struct admwh_log_record record = {.level = level, .event = event, .fields = fields};
	va_list arguments;
	const char *key;

	va_start(arguments, event);
	while (record.n_fields < FIELDS_MAX && (key = va_arg(arguments, const char *)))
		fields[record.n_fields++] =
		    (struct admwh_log_field){.key = key, .value = va_arg(arguments, const char *)};
	va_end(arguments);
	admwh_server_log(server, &record);
}
