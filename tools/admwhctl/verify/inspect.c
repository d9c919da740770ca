/* SPDX-License-Identifier: MIT */
#include "verify/inspect.h"

#include <stdlib.h>
#include <time.h>

#include "common/files.h"
#include "common/values.h"

void inspect_source(struct verdict *verdict, const struct source *source)
{
	if (!source->where)
		return;
	examine(verdict);
	if (source->is_elsewhere)
		unchecked(verdict, text_new("%s", source->where), text_new("%s", source->why),
			  "put a copy into private/ (server.crt, server.key, client-ca.crt), so "
			  "that it is checked");
	else if (!source->bytes)
		fault(verdict, text_new("%s", source->where), text_new("%s", source->why),
		      "correct the path, the mount or the generator: the file would not be there");
}

void inspect_pair(struct verdict *verdict, const struct certificate *certificate,
		  const struct source *where, const struct source *key, const char *todo)
{
	const char *problem = certificate_key_problem(certificate, key->bytes, key->len);

	examine(verdict);
	if (problem)
		fault(verdict, text_new("%s", key->where),
		      text_new("%s (certificate: %s)", problem, where->where), todo);
}

char *day_of(int64_t seconds)
{
	char text[32] = "?";
	time_t time = (time_t)seconds;
	struct tm parts;

	if (gmtime_r(&time, &parts))
		strftime(text, sizeof(text), "%Y-%m-%d", &parts);
	return text_new("%s", text);
}

void inspect_dates(const struct facts *facts, struct verdict *verdict,
		   const struct certificate *certificate, const char *where, const char *todo)
{
	char *from = day_of(certificate->from);
	char *to = day_of(certificate->to);

	examine(verdict);
	if (facts->now > certificate->to)
		fault(verdict, text_new("%s", where), text_new("it ended on %s", to), todo);
	else if (facts->now < certificate->from)
		fault(verdict, text_new("%s", where),
		      text_new("it is valid from %s on, and not yet", from),
		      "look at this machine's clock, and at the date that it was made with");
	else if (certificate->to - facts->now < (int64_t)facts->days * 86400)
		warn(verdict, text_new("%s", where), text_new("it ends on %s", to), todo);
	else
		detail(verdict, text_new("until %s", to));
	free(from);
	free(to);
}

void inspect_cas(const struct facts *facts, struct verdict *verdict, const struct certificates *cas,
		 const char *where, const char *todo)
{
	for (size_t i = 0; i < cas->n; i++) {
		const struct certificate *ca = &cas->list[i];

		if (!ca->is_ca)
			fault(verdict, text_new("%s", where),
			      text_new("certificate %zu is no CA (basicConstraints)", i + 1), todo);
		if (ca->has_usage && !(ca->usage & USAGE_KEY_CERT_SIGN))
			fault(verdict, text_new("%s", where),
			      text_new("certificate %zu may sign none (keyCertSign)", i + 1), todo);
		inspect_dates(facts, verdict, ca, where, todo);
	}
}

char *certificate_names(const struct certificate *certificate)
{
	json_t *all = json_array();
	char *text;

	json_array_extend(all, certificate->dns);
	json_array_extend(all, certificate->addresses);
	json_array_extend(all, certificate->uris);
	text = json_array_size(all) > 0 ? texts_joined(all) : text_new("none");
	json_decref(all);
	return text;
}
