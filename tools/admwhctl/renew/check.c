/* SPDX-License-Identifier: MIT */
/* Which certificate ends when. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/certificate.h"
#include "common/files.h"
#include "common/print.h"
#include "renew/renewal.h"

enum { DAY = 86400 };

struct check {
	const char *folder;
	unsigned int days;
	int n_ending;
	bool is_error;
};

static void print_line(struct check *check, const char *path, const struct certificate *certificate)
{
	int64_t left = certificate->to - (int64_t)time(NULL);
	bool is_ending = left <= (int64_t)check->days * DAY;
	enum colour shade = left <= 0 ? RED : is_ending ? YELLOW : PLAIN;
	time_t when = (time_t)certificate->to;
	struct tm tm;
	char date[32];

	strftime(date, sizeof(date), "%Y-%m-%d", gmtime_r(&when, &tm));
	check->n_ending += is_ending;
	printf("%s%-40s %s %6lld days%s  %s%s\n", colour(stdout, shade), path, date,
	       (long long)(left / DAY), colour(stdout, PLAIN), certificate_name(certificate),
	       left <= 0   ? ": has ended"
	       : is_ending ? ": ends soon"
			   : "");
}

/* steals path */
static void check_file(struct check *check, char *path)
{
	bool is_error = false;
	size_t len;
	char *pem = output_there(check->folder, path, &len, &is_error);
	struct certificates certificates = {0};
	const char *problem = pem ? certificates_read(&certificates, pem, len) : "it is not there";

	for (size_t i = 0; !problem && i < certificates.n; i++)
		print_line(check, path, &certificates.list[i]);
	if (problem) {
		check->is_error = true;
		complain("%s/%s: %s", check->folder, path, problem);
	}
	certificates_deinit(&certificates);
	free(pem);
	free(path);
}

static void check_caller(struct check *check, const struct installation *installation,
			 const struct caller *caller)
{
	check_file(check, caller_ca_path(installation, caller, "crt"));
	if (!caller->nodes)
		check_file(check, caller_pair_path(caller, NULL, "crt"));
	for (size_t i = 0; caller->nodes && caller->nodes[i]; i++)
		check_file(check, caller_pair_path(caller, caller->nodes[i], "crt"));
}

int renewal_check(const struct installation *installation, const char *folder, unsigned int days)
{
	struct check check = {folder, days, 0, false};

	if (!installation->is_server_public) {
		check_file(&check, text_new("private/server-ca.crt"));
		check_file(&check, text_new("private/server.crt"));
	}
	for (size_t i = 0; i < installation->n_callers; i++)
		if (installation->authentication & BY_MTLS)
			check_caller(&check, installation, &installation->callers[i]);
	return check.is_error ? -1 : check.n_ending;
}
