/* SPDX-License-Identifier: MIT */
/*
 * The files of examples/runecast on any bytes: policies and, behind a NUL byte, scan
 * results, which are then asked about each other ('p'); and the file of tokens ('t').
 *
 * What must hold: what is refused is refused in one line that names the file, and no
 * line about tokens repeats one (they all begin with "secret-"); a policy that was read
 * refuses something, and each image that was scanned is found by its name.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <admwh/admwh.h>

#include "check.h"
#include "policies.h"
#include "scan_results.h"
#include "tokens.h"

static void check_problem(const struct problem *problem, bool failed)
{
	check(failed == (problem->text[0] != '\0'), "refused without a problem, or taken with one");
	check(!failed || strncmp(problem->text, "f.json: ", 8) == 0, "no file is named");
	for (const char *c = problem->text; *c; c++)
		check((unsigned char)*c >= ' ', "a problem of several lines");
}

static json_t *parse(struct place *place, const char *text, size_t len)
{
	json_t *root = config_parse(place, text, len);

	check_problem(place->problem, !root);
	return root;
}

static struct policies *read_policies(const char *text, size_t len)
{
	struct problem problem = {""};
	struct place place = {.file = "f.json", .problem = &problem};
	json_t *root = parse(&place, text, len);
	struct policies *policies = root ? policies_read(&place, root) : NULL;

	check_problem(&problem, !policies);
	json_decref(root);
	return policies;
}

static struct scan_results *read_results(const char *text, size_t len)
{
	struct problem problem = {""};
	struct place place = {.file = "f.json", .problem = &problem};
	json_t *root = parse(&place, text, len);
	struct scan_results *results = root ? scan_results_read(&place, root) : NULL;

	check_problem(&problem, !results);
	json_decref(root);
	return results;
}

/* Every kind of vulnerability that there is, without a fix and with one. */
static void check_refuses(const struct policy *policy)
{
	struct vulnerability items[2 * SEVERITIES];
	struct scan scan = {.items = items, .n_items = 2 * SEVERITIES};
	char id[] = "\xff"; /* no text of JSON is this */
	bool limits = false;

	for (size_t i = 0; i < 2 * SEVERITIES; i++)
		items[i] = (struct vulnerability){id, (enum severity)(i / 2), i % 2};
	for (size_t i = 0; i < SEVERITIES * COUNTS; i++)
		limits |= policy->most[i / COUNTS][i % COUNTS] == 0;
	check(!limits || !policy_permits(policy, &scan), "a policy that refuses nothing");
	check(policy_permits(policy, &(const struct scan){.items = items}),
	      "an image without vulnerabilities is refused");
}

static void ask(const struct policies *policies, const struct scan_results *results)
{
	for (size_t i = 0; policies && i < policies->n_items; i++) {
		const struct policy *policy = &policies->items[i];

		check(policies_find(policies, policy->id) == policy, "a policy is lost");
		check_refuses(policy);
		for (size_t j = 0; results && j < results->n_items; j++)
			policy_permits(policy, &results->items[j]);
	}
	for (size_t j = 0; results && j < results->n_items; j++)
		check(scan_results_find(results, results->items[j].image) == &results->items[j],
		      "an image is lost");
}

static void read_both(const char *text, size_t len)
{
	const size_t first = strnlen(text, len), rest = first < len ? first + 1 : len;
	struct policies *policies = read_policies(text, first);
	struct scan_results *results = read_results(text + rest, len - rest);

	ask(policies, results);
	scan_results_free(results, NULL);
	policies_free(policies, NULL);
}

/* As at the start of the server: the library reads the file and asks the example about it. */
static void read_tokens(const char *text, size_t len)
{
	static int fd = -1;
	static char name[64];
	struct admwh_config *config = admwh_config_new();
	int err;

	if (fd < 0) {
		fd = memfd_create("tokens", MFD_CLOEXEC);
		snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	}
	check(fd >= 0 && ftruncate(fd, 0) == 0 && pwrite(fd, text, len, 0) == (ssize_t)len,
	      "no file");
	err = admwh_config_set_token_file(config, name, tokens_read, NULL);
	check((err < 0) == (admwh_config_error(config)[0] != '\0'), "refused without a reason");
	check(!strstr(admwh_config_error(config), "secret-"), "a message repeats a token");
	admwh_config_free(config);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	if (len > 0 && bytes[0] == 'p')
		read_both((const char *)bytes + 1, len - 1);
	if (len > 0 && bytes[0] == 't')
		read_tokens((const char *)bytes + 1, len - 1);
	return 0;
}
