/* SPDX-License-Identifier: MIT */
/*
 * dispatch: which handler answers which path. Paths are compared byte for byte;
 * nothing is cleaned or guessed, and nothing decoded but the segment that a
 * pattern, "/policy/{id}", stands for.
 */
#ifndef AWH_DISPATCH_ROUTE_H
#define AWH_DISPATCH_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include <admwh/conversion.h>
#include <admwh/route.h>

#include "base/error.h"
#include "dispatch/access.h"
#include "kube/workload.h"

enum awh_route_kind { AWH_ROUTE_VALIDATE, AWH_ROUTE_MUTATE, AWH_ROUTE_CONVERT, AWH_ROUTE_PAGE };

struct awh_buf;
struct awh_files;
struct awh_hooks;
struct awh_http_head;
struct awh_http_reply;

/* Shows something without a review: writes a body, and sets status and content type of the reply.
 */
typedef void awh_page_fn(const struct admwh_route *route, const struct awh_http_head *head,
			 struct awh_http_reply *reply, struct awh_buf *body);

/* Which reviews a handler gets. */
struct awh_filter {
	char *group;             /* NULL: any */
	char *kind;              /* NULL: any */
	unsigned int operations; /* bits of ADMWH_OPERATION_BIT(); 0: any */
};

struct admwh_route {
	enum awh_route_kind kind;
	char *path;              /* NULL for a route of its own */
	size_t segment;          /* of path, where "{NAME}" begins; 0: it has none */
	struct awh_error *error; /* what its setters complain to: its server's, or own_error */
	struct awh_error own_error;
	admwh_validate_fn *validate;
	admwh_mutate_fn *mutate;
	admwh_convert_fn *convert;
	awh_page_fn *page;
	void *userdata;
	enum admwh_on_failure on_failure;
	struct awh_access access;
	bool is_inline;
	bool raw;
	bool nul_in_trees;
	bool warn;                  /* a denial becomes an allow with warnings */
	bool has_patching;          /* else those of its dialect */
	unsigned int patching;      /* enum awh_diff_option, see awh_route_patching() */
	enum admwh_dialect dialect; /* 0 is Kubernetes' */
	struct awh_filter *filters; /* none: every review passes */
	size_t n_filters;
	enum admwh_unmatched unmatched;
	struct awh_workloads workloads;
	const struct awh_files *files; /* its server's; NULL for a route of its own */
	const struct awh_hooks *hooks; /* its server's; NULL for a route of its own */
	bool frozen;                   /* its server has started */
	size_t check; /* of AWH_ROUTE_PAGE: which one it shows, where it shows one */
	size_t
	    number; /* among its server's routes, in the order of their paths, then conversions */
};

/* Routes by path, sorted. */
struct awh_routes {
	struct admwh_route **items;
	size_t n_items;
};

/*
 * *steals* route, also on failure. A page may have any path, a handler those that kube-apiserver
 * sends. 0; ADMWH_E_INVAL, ADMWH_E_EXISTS, ADMWH_E_NOMEM.
 */
int awh_routes_add(struct awh_routes *routes, const char *path, struct admwh_route *route,
		   struct awh_error *error);

/* The route of this path, or else the one of a pattern that stands for it. */
struct admwh_route *awh_routes_find(const struct awh_routes *routes, const char *path);

/* Let the handler of reviews at this path only warn. 0; ADMWH_E_INVAL: there is none. */
int awh_routes_warn(struct awh_routes *routes, const char *path, struct awh_error *error);

/* Options cannot change any more. first: the number of the first route */
void awh_routes_freeze(struct awh_routes *routes, size_t first);

void awh_routes_deinit(struct awh_routes *routes);

/* userdata: of the page */
struct admwh_route *awh_route_new_page(awh_page_fn *page, void *userdata);

/* convert: NULL gives NULL */
struct admwh_route *awh_route_new_conversion(admwh_convert_fn *convert, void *userdata);

/* Does the handler get this review? */
bool awh_route_matches(const struct admwh_route *route, const struct admwh_request *request);

/* How the operations of objects that were edited are found: enum awh_diff_option. */
unsigned int awh_route_patching(const struct admwh_route *route);

/* The methods a route answers, for Allow. */
const char *awh_route_methods(const struct admwh_route *route);

#endif
