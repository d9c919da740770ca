/* SPDX-License-Identifier: MIT */
/* Which phase a renewal is in, and how long each lasts. */
#include "renew/renewal.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/fields.h"
#include "common/files.h"
#include "common/print.h"
#include "common/yaml.h"

const char *const renewal_kinds[] = {"server", "server-ca", "client", "client-ca", "token", NULL};

unsigned int renewal_phases(enum renewal_kind kind)
{
	return kind == RENEW_SERVER || kind == RENEW_CLIENT ? 1 : 3;
}

/*
 * The kubelet brings a Secret into a Pod within a minute or two. kube-apiserver takes a changed
 * webhook configuration in seconds, looks at its certificate files every five minutes, and at its
 * token file every minute.
 */
unsigned int renewal_wait(enum renewal_kind kind, unsigned int phase)
{
	enum { MINUTE = 60 };
	static const unsigned int minutes[][2] = {
	    [RENEW_SERVER_CA] = {1, 3},
	    [RENEW_CLIENT_CA] = {3, 6},
	    [RENEW_TOKEN] = {3, 3},
	};

	return phase >= 1 && phase < renewal_phases(kind) ? minutes[kind][phase - 1] * MINUTE : 0;
}

static void read_time(struct renewal *renewal, const struct field *root)
{
	const char *text = field_required(root, "since");
	struct field since = field_member(root, "since");
	struct tm tm = {0};

	if (text && !strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm))
		field_fault(&since, "expected a time");
	renewal->since = (int64_t)timegm(&tm);
}

static int read_document(struct renewal *renewal, const struct yaml_file *file, const char *name)
{
	static const char *const members[] = {"apiVersion", "kind",  "what", "caller",
					      "phase",      "since", NULL};
	struct fields fields = {.file = file, .name = name};
	struct field root = field_root(&fields);
	const char *caller;

	field_only(&root, members);
	if (field_required(&root, "what"))
		renewal->kind =
		    (enum renewal_kind)field_choice(&root, "what", renewal_kinds, RENEW_SERVER_CA);
	renewal->phase = field_number(&root, "phase", 1, 1, 2);
	caller = field_text(&root, "caller", NULL);
	renewal->caller = caller ? text_new("%s", caller) : NULL;
	read_time(renewal, &root);
	fields_free_kept(&fields);
	return fields.faults > 0 ? -1 : 0;
}

int renewal_read(struct renewal *renewal)
{
	char *name = path_join(renewal->folder, RENEWAL_PATH);
	struct yaml_file *file = NULL;
	int err = access(name, F_OK) ? 1 : 0;

	if (err == 0) {
		file = yaml_read_file(name);
		err = file && yaml_count(file) == 1 ? read_document(renewal, file, name) : -1;
	}
	yaml_file_free(file);
	free(name);
	return err;
}

int renewal_write(const struct renewal *renewal)
{
	char *name = path_join(renewal->folder, RENEWAL_PATH), *text, since[32];
	time_t when = (time_t)renewal->since;
	struct tm tm;
	int err;

	strftime(since, sizeof(since), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&when, &tm));
	text = text_new("apiVersion: admwhctl/v1\n"
			"kind: Renewal\n"
			"what: %s\n"
			"%s%s%s"
			"phase: %u\n"
			"since: \"%s\"\n",
			renewal_kinds[renewal->kind], renewal->caller ? "caller: " : "",
			renewal->caller ? renewal->caller : "", renewal->caller ? "\n" : "",
			renewal->phase, since);
	err = file_write(name, text, strlen(text), 0600);
	free(text);
	free(name);
	return err;
}

void renewal_deinit(struct renewal *renewal)
{
	for (size_t i = 0; i < renewal->n_removed; i++)
		free(renewal->removed[i]);
	free(renewal->removed);
	free(renewal->caller);
	output_deinit(&renewal->output);
}
