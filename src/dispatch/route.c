/* SPDX-License-Identifier: MIT */
#include "dispatch/route.h"

#include <stdlib.h>
#include <string.h>

#include <admwh/json.h>

#include "base/text.h"
#include "dispatch/path.h"
#include "review/encode.h"

static struct admwh_route *route_new(enum awh_route_kind kind)
{
	struct admwh_route *route = calloc(1, sizeof(*route));

	if (!route)
		return NULL;
	route->error = &route->own_error;
	route->kind = kind;
	route->on_failure = ADMWH_ON_FAILURE_DENY;
	route->access.auth = ADMWH_ROUTE_AUTH_ALL;
	return route;
}

static void route_free(struct admwh_route *route)
{
	if (!route)
		return;
	awh_access_deinit(&route->access);
	for (size_t i = 0; i < route->n_filters; i++) {
		free(route->filters[i].group);
		free(route->filters[i].kind);
	}
	free(route->filters);
	awh_workloads_deinit(&route->workloads);
	free(route->path);
	free(route);
}

/* Each setter begins with this. Clears the error. 0; ADMWH_E_INVAL; ADMWH_E_STATE when frozen. */
static int begin_set(struct admwh_route *route)
{
	if (!route)
		return ADMWH_E_INVAL;
	awh_error_clear(route->error);
	if (route->frozen)
		return awh_fail(route->error, ADMWH_E_STATE, "the server was started already");
	return 0;
}

/* The same for an option with a choice from 1 to most: ADMWH_E_INVAL for any other. */
static int begin_choice(struct admwh_route *route, const char *option, int value, int most)
{
	int err = begin_set(route);

	if (err == 0 && (value < 1 || value > most))
		err = awh_fail(route->error, ADMWH_E_INVAL, "%s %d: expected 1 to %d", option,
			       value, most);
	return err;
}

struct admwh_route *awh_route_new_page(awh_page_fn *page, void *userdata)
{
	struct admwh_route *route = route_new(AWH_ROUTE_PAGE);

	if (route) {
		route->page = page;
		route->userdata = userdata;
	}
	return route;
}

unsigned int awh_route_patching(const struct admwh_route *route)
{
	return route->has_patching ? route->patching : awh_dialect_patching(route->dialect);
}

const char *awh_route_methods(const struct admwh_route *route)
{
	return route->kind == AWH_ROUTE_PAGE ? "GET, HEAD" : "POST";
}

static bool passes(const struct awh_filter *filter, const struct admwh_request *request)
{
	return (!filter->group || strcmp(filter->group, request->kind->group) == 0) &&
	       (!filter->kind || strcmp(filter->kind, request->kind->kind) == 0) &&
	       (!filter->operations ||
		(filter->operations & ADMWH_OPERATION_BIT((unsigned int)request->operation)));
}

bool awh_route_matches(const struct admwh_route *route, const struct admwh_request *request)
{
	for (size_t i = 0; i < route->n_filters; i++)
		if (passes(&route->filters[i], request))
			return true;
	return route->n_filters == 0;
}

/* The place of a path, or where it would be: the first item that is not before it. */
static size_t find_place(const struct awh_routes *routes, const char *path, bool *found)
{
	size_t low = 0, high = routes->n_items;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(routes->items[middle]->path, path);

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Behind the paths that begin with this part of a path: its pattern; NULL: there is none. */
static struct admwh_route *find_pattern(const struct awh_routes *routes, const char *path,
					size_t len)
{
	size_t low = 0, high = routes->n_items;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct admwh_route *route = routes->items[middle];
		int order = strncmp(route->path, path, len);

		if (order == 0)
			order = (unsigned char)route->path[len] - '{';
		if (order == 0)
			return route;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Of those that are registered, only a pattern has a "{". */
static int check_path(const char *path, struct admwh_route *route, struct awh_error *error)
{
	int err;

	if (route->kind == AWH_ROUTE_CONVERT)
		return awh_path_check_sent(path, error);
	if (route->kind != AWH_ROUTE_PAGE)
		return awh_path_check_pattern(path, &route->segment, error);
	err = awh_path_check(path, error);
	if (err == 0 && strchr(path, '{'))
		err = awh_fail(error, ADMWH_E_INVAL, "path \"%s\": no page has a pattern", path);
	return err;
}

int awh_routes_add(struct awh_routes *routes, const char *path, struct admwh_route *route,
		   struct awh_error *error)
{
	struct admwh_route **items;
	bool found;
	size_t place;
	int err = check_path(path, route, error);

	if (err < 0)
		goto out;
	place = find_place(routes, path, &found);
	if (found || (route->segment && find_pattern(routes, path, route->segment))) {
		err = awh_fail(error, ADMWH_E_EXISTS, "%s has a handler already", path);
		goto out;
	}
	route->path = awh_strdup(path);
	items = route->path ? realloc(routes->items, (routes->n_items + 1) * sizeof(*items)) : NULL;
	if (!items) {
		err = awh_fail(error, ADMWH_E_NOMEM, "out of memory");
		goto out;
	}
	memmove(items + place + 1, items + place, (routes->n_items - place) * sizeof(*items));
	items[place] = route;
	routes->items = items;
	routes->n_items++;
	return 0;
out:
	route_free(route);
	return err;
}

struct admwh_route *awh_routes_find(const struct awh_routes *routes, const char *path)
{
	char segment[AWH_SEGMENT_MAX + 1];
	const char *slash;
	struct admwh_route *route;
	bool found;
	size_t place = find_place(routes, path, &found);

	if (found) /* "/policy/{id}" is no path that a pattern stands for */
		return routes->items[place]->segment ? NULL : routes->items[place];
	slash = strrchr(path, '/');
	route = slash ? find_pattern(routes, path, (size_t)(slash - path) + 1) : NULL;
	return route && awh_path_segment(segment, slash + 1, strlen(slash + 1)) ? route : NULL;
}

int awh_routes_warn(struct awh_routes *routes, const char *path, struct awh_error *error)
{
	bool found;
	const size_t place = find_place(routes, path, &found);

	if (!found || routes->items[place]->kind == AWH_ROUTE_PAGE)
		return awh_fail(error, ADMWH_E_INVAL, "no reviews are served at the warn path %s",
				path);
	routes->items[place]->warn = true;
	return 0;
}

void awh_routes_freeze(struct awh_routes *routes, size_t first)
{
	for (size_t i = 0; i < routes->n_items; i++) {
		routes->items[i]->frozen = true;
		routes->items[i]->number = first + i;
	}
}

void awh_routes_deinit(struct awh_routes *routes)
{
	for (size_t i = 0; i < routes->n_items; i++)
		route_free(routes->items[i]);
	free(routes->items);
	*routes = (struct awh_routes){0};
}

struct admwh_route *admwh_route_new_validator(admwh_validate_fn *validate, void *userdata)
{
	struct admwh_route *route = validate ? route_new(AWH_ROUTE_VALIDATE) : NULL;

	if (!route)
		return NULL;
	route->validate = validate;
	route->userdata = userdata;
	return route;
}

struct admwh_route *admwh_route_new_mutator(admwh_mutate_fn *mutate, void *userdata)
{
	struct admwh_route *route = mutate ? route_new(AWH_ROUTE_MUTATE) : NULL;

	if (!route)
		return NULL;
	route->mutate = mutate;
	route->userdata = userdata;
	return route;
}

struct admwh_route *awh_route_new_conversion(admwh_convert_fn *convert, void *userdata)
{
	struct admwh_route *route = convert ? route_new(AWH_ROUTE_CONVERT) : NULL;

	if (!route)
		return NULL;
	route->convert = convert;
	route->userdata = userdata;
	return route;
}

void admwh_route_free(struct admwh_route *route)
{
	if (route && !route->path)
		route_free(route);
}

const char *admwh_route_error(const struct admwh_route *route)
{
	return route ? route->error->text : "";
}

int admwh_route_set_on_failure(struct admwh_route *route, enum admwh_on_failure on_failure)
{
	int err = begin_choice(route, "on_failure", (int)on_failure, ADMWH_ON_FAILURE_POLICY);

	if (err == 0)
		route->on_failure = on_failure;
	return err;
}

int admwh_route_set_inline(struct admwh_route *route, bool on)
{
	int err = begin_set(route);

	if (err == 0)
		route->is_inline = on;
	return err;
}

int admwh_route_add_filter(struct admwh_route *route, const char *group, const char *kind,
			   unsigned int operations)
{
	const unsigned int known =
	    ADMWH_OPERATION_BIT(ADMWH_CREATE) | ADMWH_OPERATION_BIT(ADMWH_UPDATE) |
	    ADMWH_OPERATION_BIT(ADMWH_DELETE) | ADMWH_OPERATION_BIT(ADMWH_CONNECT) |
	    ADMWH_OPERATION_BIT(ADMWH_OTHER);
	struct awh_filter filter = {.operations = operations};
	struct awh_filter *filters;
	int err = begin_set(route);

	if (err < 0)
		return err;
	if (operations & ~known)
		return awh_fail(route->error, ADMWH_E_INVAL,
				"operations: expected a sum of ADMWH_OPERATION_BIT()");
	filters = realloc(route->filters, (route->n_filters + 1) * sizeof(*filters));
	if (!filters)
		return awh_fail(route->error, ADMWH_E_NOMEM, "out of memory");
	route->filters = filters;
	filter.group = awh_strdup(group);
	filter.kind = awh_strdup(kind);
	if ((group && !filter.group) || (kind && !filter.kind)) {
		free(filter.group);
		free(filter.kind);
		return awh_fail(route->error, ADMWH_E_NOMEM, "out of memory");
	}
	filters[route->n_filters++] = filter;
	return 0;
}

int admwh_route_add_workload(struct admwh_route *route, const char *group, const char *kind,
			     const char *pod)
{
	int err = begin_set(route);

	return err < 0 ? err : awh_workloads_add(&route->workloads, group, kind, pod, route->error);
}

int admwh_route_set_unmatched(struct admwh_route *route, enum admwh_unmatched unmatched)
{
	int err = begin_choice(route, "unmatched", (int)unmatched, ADMWH_UNMATCHED_ALLOW);

	if (err == 0)
		route->unmatched = unmatched;
	return err;
}

int admwh_route_set_dialect(struct admwh_route *route, enum admwh_dialect dialect)
{
	int err = begin_choice(route, "dialect", (int)dialect, ADMWH_DIALECT_PLAIN);

	if (err == 0)
		route->dialect = dialect;
	return err;
}

int admwh_route_set_raw(struct admwh_route *route, bool on)
{
	int err = begin_set(route);

	if (err == 0)
		route->raw = on;
	return err;
}

int admwh_route_set_warn(struct admwh_route *route, bool on)
{
	int err = begin_set(route);

	if (err == 0)
		route->warn = on;
	return err;
}

int admwh_route_set_nul_in_trees(struct admwh_route *route, bool on)
{
	int err = begin_set(route);

	if (err == 0)
		route->nul_in_trees = on;
	return err;
}

int admwh_route_set_patch_options(struct admwh_route *route, unsigned int options)
{
	const unsigned int all = ADMWH_PATCH_MAKE_INDEX_BY_INDEX | ADMWH_PATCH_MAKE_SMALLEST |
				 ADMWH_PATCH_MAKE_NUMBER_TEXT;
	int err = begin_set(route);

	if (err < 0)
		return err;
	if (options & ~all)
		return awh_fail(route->error, ADMWH_E_INVAL,
				"options: expected a sum of ADMWH_PATCH_MAKE_...");
	route->patching = options;
	route->has_patching = true;
	return 0;
}

int admwh_route_allow(struct admwh_route *route, const char *bundle, enum admwh_rule rule,
		      const char *value)
{
	int err = begin_set(route);

	if (err < 0)
		return err;
	if (!bundle || !*bundle)
		return awh_fail(route->error, ADMWH_E_INVAL, "a rule needs a bundle");
	if (rule == 0 && value)
		return awh_fail(route->error, ADMWH_E_INVAL, "a value needs a rule");
	return awh_access_allow(&route->access, bundle, rule, value, route->error);
}

int admwh_route_set_auth(struct admwh_route *route, enum admwh_route_auth auth)
{
	int err = begin_choice(route, "auth", (int)auth, ADMWH_ROUTE_AUTH_EITHER);

	if (err == 0)
		route->access.auth = auth;
	return err;
}

int admwh_route_require_token_group(struct admwh_route *route, const char *group)
{
	int err = begin_set(route);

	if (err < 0)
		return err;
	if (!group || !*group)
		return awh_fail(route->error, ADMWH_E_INVAL, "a group needs a name");
	return awh_access_require_group(&route->access, group, route->error);
}
