/* SPDX-License-Identifier: MIT */
#include "health/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

int awh_checks_add(struct awh_checks *checks, const struct awh_check *check,
		   struct awh_error *error)
{
	struct awh_check *items;

	if (!check->run || !awh_is_name(check->name))
		return awh_fail(error, ADMWH_E_INVAL,
				"a check needs a function and a name of 1 to 63 characters of "
				"[A-Za-z0-9._-]");
	for (size_t i = 0; i < checks->n_items; i++)
		if (strcmp(checks->items[i].name, check->name) == 0)
			return awh_fail(error, ADMWH_E_EXISTS, "there is a check %s already",
					check->name);
	items = realloc(checks->items, (checks->n_items + 1) * sizeof(*items));
	if (!items)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	items[checks->n_items] = *check;
	checks->items = items;
	checks->n_items++;
	return 0;
}

void awh_checks_deinit(struct awh_checks *checks)
{
	free(checks->items);
	*checks = (struct awh_checks){0};
}

/* One "key=value" of a query, as sent; *query moves behind it. False at the end. */
static bool next_parameter(const char **query, const char **parameter, size_t *len)
{
	if (!*query || !**query)
		return false;
	*parameter = *query;
	*len = strcspn(*query, "&");
	*query += *len;
	if (**query == '&')
		++*query;
	return true;
}

static bool is_verbose(const char *query)
{
	const char *parameter;
	size_t len;

	while (next_parameter(&query, &parameter, &len))
		if (strncmp(parameter, "verbose", 7) == 0 && (len == 7 || parameter[7] == '='))
			return true;
	return false;
}

/* The next name to leave out, as sent; no name needs an escape. */
static bool next_excluded(const char **query, const char **name, size_t *len)
{
	static const char key[] = "exclude=";
	const char *parameter;

	while (next_parameter(query, &parameter, len)) {
		if (*len < strlen(key) || strncmp(parameter, key, strlen(key)) != 0)
			continue;
		*name = parameter + strlen(key);
		*len -= strlen(key);
		return true;
	}
	return false;
}

static bool is_excluded(const struct awh_check *check, const char *query)
{
	const char *name;
	size_t len;

	while (next_excluded(&query, &name, &len))
		if (len == strlen(check->name) && memcmp(name, check->name, len) == 0)
			return true;
	return false;
}

static bool has(const struct awh_checks *checks, const char *name, size_t len)
{
	for (size_t i = 0; i < checks->n_items; i++)
		if (len == strlen(checks->items[i].name) &&
		    memcmp(name, checks->items[i].name, len) == 0)
			return true;
	return false;
}

static void put_unknown(const struct awh_checks *checks, const char *query, struct awh_buf *body)
{
	const char *name, *before = "warn: some health checks cannot be excluded: no matches for ";
	bool any = false;
	size_t len;

	while (next_excluded(&query, &name, &len)) {
		if (has(checks, name, len))
			continue;
		awh_buf_puts(body, before);
		awh_put_json_string(body, name, len);
		before = ",";
		any = true;
	}
	if (any)
		awh_buf_puts(body, "\n");
}

/* One line; the status it asks for, 0 when it is well. */
static int run_one(const struct awh_check *check, const char *query, struct awh_buf *body)
{
	const char *what;

	if (is_excluded(check, query)) {
		if (!check->is_quiet)
			awh_buf_printf(body, "[+]%s excluded: ok\n", check->name);
		return 0;
	}
	what = check->run(check->userdata);
	if (!what) {
		if (!check->is_quiet)
			awh_buf_printf(body, "[+]%s ok\n", check->name);
		return 0;
	}
	awh_buf_printf(body, "[-]%s failed: reason withheld\n", check->name);
	return check->is_own ? 503 : 500;
}

int awh_checks_run(const struct awh_checks *checks, const char *name, const char *query,
		   struct awh_buf *body)
{
	int worst = 0;

	for (size_t i = 0; i < checks->n_items; i++) {
		int status = run_one(&checks->items[i], query, body);

		if (status > worst)
			worst = status;
	}
	put_unknown(checks, query, body);
	if (worst) {
		awh_buf_printf(body, "%s check failed\n", name);
		return worst;
	}
	if (is_verbose(query)) {
		awh_buf_printf(body, "%s check passed\n", name);
		return 200;
	}
	awh_buf_reset(body);
	awh_buf_puts(body, "ok");
	return 200;
}

bool awh_checks_hold(const struct awh_checks *checks)
{
	for (size_t i = 0; i < checks->n_items; i++)
		if (checks->items[i].run(checks->items[i].userdata))
			return false;
	return true;
}

int awh_check_run(const struct awh_check *check, struct awh_buf *body)
{
	const char *what = check->run(check->userdata);

	if (!what) {
		awh_buf_puts(body, "ok");
		return 200;
	}
	awh_buf_printf(body, "internal server error: %s\n", what);
	return check->is_own ? 503 : 500;
}
