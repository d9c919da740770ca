/* SPDX-License-Identifier: MIT */
/* The CAs of the callers. See client_cas.h. */
#include "client_cas.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"

enum { CA_FILE_MAX = 1024 * 1024, BUNDLE_NAME_SIZE = 64 }; /* of the library */

/* A bundle is named after its file: /client-ca/client-ca.crt makes "client-ca". */
static void name_bundle(char name[BUNDLE_NAME_SIZE], const char *file)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
	const char *slash = strrchr(file, '/');
	const char *base = slash ? slash + 1 : file;
	size_t len = strspn(base, letters);

	if (len == 0)
		snprintf(name, BUNDLE_NAME_SIZE, "callers");
	else
		snprintf(name, BUNDLE_NAME_SIZE, "%.*s", (int)(len < 63 ? len : 63), base);
}

/* Of what cannot be read nothing is known: the library says what is wrong with it. */
static bool has_same_contents(const char *a, const char *b)
{
	size_t a_len = 0, b_len = 0;
	char *a_data = file_read(a, CA_FILE_MAX, &a_len);
	char *b_data = a_data ? file_read(b, CA_FILE_MAX, &b_len) : NULL;
	bool same = b_data && a_len == b_len && memcmp(a_data, b_data, a_len) == 0;

	free(a_data);
	free(b_data);
	return same;
}

/* The first of the files with the contents of this one, which is one of them. */
static const char *find_first_alike(const char *files, const char *file)
{
	const char *earlier = files;

	while (earlier < file && !has_same_contents(earlier, file))
		earlier += strlen(earlier) + 1;
	return earlier;
}

static int add_file(struct admwh_config *config, const char *file, const char *named_after)
{
	struct admwh_bundle *bundle;
	char name[BUNDLE_NAME_SIZE];

	name_bundle(name, named_after);
	bundle = admwh_config_bundle(config, name);
	if (!bundle || admwh_bundle_add_ca_file(bundle, file) ||
	    admwh_bundle_allow_any_name(bundle))
		return -1;
	return 0;
}

int kw_client_cas_add(struct admwh_config *config, const char *list, const struct kw_log *log)
{
	char *files = strdup(list), *rest = files, *file;
	int status = files ? 0 : ADMWH_E_NOMEM;

	/* What strsep() has gone past is one text after the other. */
	while (status == 0 && (file = strsep(&rest, ","))) {
		const char *first = find_first_alike(files, file);

		if (first != file)
			kw_log(log, ADMWH_LOG_WARNING, "client_ca.repeated", "file", file,
			       "same_as", first, NULL);
		status = add_file(config, file, first);
	}
	free(files);
	return status;
}
