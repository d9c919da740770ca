/* SPDX-License-Identifier: MIT */
/* A review of an object of any kind by a handler, and what it fails with. */
#ifndef TESTS_KUBE_REVIEW_H
#define TESTS_KUBE_REVIEW_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <admwh/admwh.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The message of a denial or a failure, "" for an allow; of the last review. */
static inline const char *message_of(struct admwh_answer *answer)
{
	static char message[1024];
	size_t len;
	const char *body = admwh_answer_body(answer, &len);
	json_t *review = json_loadb(body, len, 0, NULL);
	json_t *status = json_object_get(json_object_get(review, "response"), "status");
	const char *text = json_string_value(json_object_get(status, "message"));

	snprintf(message, sizeof(message), "%s",
		 admwh_answer_is_allowed(answer) ? ""
		 : text                          ? text
						 : "no message");
	json_decref(review);
	return message;
}

static inline const char *review_route(const struct admwh_route *route, const char *group,
				       const char *kind, const char *object, const char *old)
{
	static const char format[] =
	    "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{"
	    "\"uid\":\"u-1\",\"kind\":{\"group\":\"%s\",\"version\":\"v1\",\"kind\":\"%s\"},"
	    "\"resource\":{},\"operation\":\"%s\",\"userInfo\":{},\"object\":%s,"
	    "\"oldObject\":%s}}";
	const char *operation = strcmp(old, "null") == 0      ? "CREATE"
				: strcmp(object, "null") == 0 ? "DELETE"
							      : "UPDATE";
	const size_t size = sizeof(format) + strlen(group) + strlen(kind) + strlen(object) +
			    strlen(old) + strlen(operation);
	char *body = malloc(size);
	struct admwh_answer *answer;
	const char *message;

	snprintf(body, size, format, group, kind, operation, object, old);
	answer = admwh_route_review(route, body, strlen(body));
	message = message_of(answer);
	admwh_answer_free(answer);
	free(body);
	return message;
}

static inline const char *review(admwh_validate_fn *validate, void *userdata, const char *group,
				 const char *kind, const char *object, const char *old)
{
	struct admwh_route *route = admwh_route_new_validator(validate, userdata);
	const char *message = review_route(route, group, kind, object, old);

	admwh_route_free(route);
	return message;
}

#endif
