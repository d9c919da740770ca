/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The response of a handler: allow, deny or fail, warnings, audit annotations; and the dialects in
 * which responses are written. A response starts undecided. A handler that leaves it undecided has
 * failed, and a failure is never an allow. The library itself sets uid, apiVersion and patchType.
 *
 * A response is used by one thread at a time. With a NULL response functions return ADMWH_E_INVAL.
 */
#ifndef ADMWH_RESPONSE_H
#define ADMWH_RESPONSE_H

#include <admwh/error.h>
#include <admwh/export.h>
#include <admwh/request.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup responses
 * @{ */

/**
 * The response of a running handler; *borrowed* until the callback returns
 * (k8s.io/api/admission/v1 AdmissionResponse).
 */
struct admwh_response;

/**
 * Allow the request. A later decision replaces an earlier one.
 *
 * @param resp  the response of the running callback
 * @return 0, so that a handler can `return admwh_response_allow(resp);`
 * @since 0.1.0
 */
ADMWH_API int admwh_response_allow(struct admwh_response *resp);

/**
 * Deny the request. A later decision replaces an earlier one. The patch of a mutator is dropped.
 *
 * @param resp    the response of the running callback
 * @param code    HTTP status for the user (Status.code), clamped to 400 to 599; 0 omits it in the
 *                dialects that can, and gives 400 in others. In the dialect of Kubernetes it
 *                determines Status.reason, unless admwh_response_set_reason() does. kubectl tells
 *                users of a 401 that they are not logged in
 * @param format  printf format of the message for the user (Status.message), cut at 64 KiB
 * @return 0; ADMWH_E_NOMEM; ADMWH_E_INVAL when format is NULL
 * @since 0.1.0
 */
ADMWH_API int admwh_response_deny(struct admwh_response *resp, int code, const char *format, ...)
    ADMWH_PRINTF(3, 4);

/**
 * Answer HTTP 404: what the path names is not there, for instance the policy of a route
 * `/policy/{id}`. It is a failure, as admwh_response_fail() is, but the answer is HTTP 404 whatever
 * admwh_route_set_on_failure() says, so that the API server's failurePolicy decides.
 *
 * @param resp    the response of the running callback
 * @param format  printf format of the message
 * @return ADMWH_E_NOT_FOUND, so that a handler can `return admwh_response_not_found(resp, ...);`
 * @since 0.1.0
 */
ADMWH_API int admwh_response_not_found(struct admwh_response *resp, const char *format, ...)
    ADMWH_PRINTF(2, 3);

/**
 * Fail the review: the handler cannot decide. admwh_route_set_on_failure() says how the API server
 * is answered. A failure is final: a later decision does not replace it.
 *
 * @param resp    the response of the running callback
 * @param format  printf format of the reason
 * @return ADMWH_E_HANDLER, so that a handler can `return admwh_response_fail(resp, ...);`
 * @since 0.1.0
 */
ADMWH_API int admwh_response_fail(struct admwh_response *resp, const char *format, ...)
    ADMWH_PRINTF(2, 3);

/**
 * Set the machine-readable reason of a denial (metav1.StatusReason, for instance "Forbidden" or
 * "Invalid").
 *
 * @param resp    the response of the running callback
 * @param reason  copied; NULL for the reason that belongs to the code
 * @return 0 or ADMWH_E_NOMEM
 * @since 0.1.0
 */
ADMWH_API int admwh_response_set_reason(struct admwh_response *resp, const char *reason);

/**
 * Add a cause to a denial (metav1.StatusCause in Status.details.causes). kubectl prints the message
 * of a denial and not its causes, unless the reason is Invalid: then it prints the causes, and
 * neither the message nor the name of the webhook. admwh_response_decide() puts the causes into the
 * message, too.
 *
 * @param resp     the response of the running callback
 * @param type     StatusCause.reason, for instance "FieldValueInvalid"; copied; NULL for none
 * @param message  copied; NULL for none
 * @param field    path of the field, for instance "spec.replicas"; copied; NULL for none; each of
 * the three is cut at 16 KiB
 * @return 0 or ADMWH_E_NOMEM; causes beyond the limits of admwh_response_add_error() are counted
 * @since 0.1.0
 */
ADMWH_API int admwh_response_add_cause(struct admwh_response *resp, const char *type,
				       const char *message, const char *field);

/**
 * What is wrong with a field, in the words of field.ErrorType of k8s.io/apimachinery, for
 * admwh_response_add_error().
 */
enum admwh_field_error {
	ADMWH_REQUIRED = 1,      /**< "Required value": it is missing */
	ADMWH_INVALID = 2,       /**< "Invalid value: 7": malformed, or out of range */
	ADMWH_NOT_SUPPORTED = 3, /**< "Unsupported value: "x"": not one of a list */
	ADMWH_FORBIDDEN = 4,     /**< "Forbidden": valid, but not allowed; without the value */
	ADMWH_NOT_FOUND = 5,     /**< "Not found: "x"": it names what does not exist */
	ADMWH_DUPLICATE = 6,     /**< "Duplicate value: "x"" */
	ADMWH_TOO_LONG = 7,      /**< "Too long", without the value */
	ADMWH_TOO_MANY = 8,      /**< "Too many: 5", the size of an array or object */
	ADMWH_TYPE_INVALID = 9,  /**< "Invalid value: 7": of another type than the field's */
	ADMWH_TOO_SHORT = 10,    /**< "Too short", without the value */
	ADMWH_TOO_FEW = 11       /**< "Too few: 0", the size of an array or object */
};

/**
 * Add what is wrong with a value of the request, as a cause in the words of Kubernetes:
 * `{"reason": "FieldValueInvalid", "message": "Invalid value: 9: at most 5", "field":
 * "spec.replicas"}`. It decides nothing: after the last check the handler returns
 * admwh_response_decide().
 *
 * A value is printed as field.Error of k8s.io/apimachinery prints it: a string in quotes, an array
 * or object as JSON, absence as null, what is longer than 1 KiB cut. A response keeps 256 causes,
 * and 60 KiB of their texts; the message, and a last cause, say how many more there are.
 *
 * @param resp    the response of the running callback
 * @param kind    one of enum admwh_field_error
 * @param value   a value, which may be absent: its admwh_value_path() is the field, so that a field
 *                that is missing is named as it was asked for
 * @param format  printf format of the detail; NULL for none
 * @return 0; ADMWH_E_NOMEM; ADMWH_E_INVAL for another kind. A review that has lost an error fails
 * @since 0.1.0
 */
ADMWH_API int admwh_response_add_error(struct admwh_response *resp, enum admwh_field_error kind,
				       struct admwh_value value, const char *format, ...)
    ADMWH_PRINTF(4, 5);

/**
 * As admwh_response_add_error(), for what is no value of the request: an argument of a subresource,
 * a name that follows from others, an element of a tree.
 *
 * @param resp    the response of the running callback
 * @param kind    one of enum admwh_field_error
 * @param path    of the field, for instance "spec.containers[0].image"; copied; NULL for none
 * @param value   printed in quotes where a kind prints the value; NULL for none
 * @param format  printf format of the detail; NULL for none
 * @return as admwh_response_add_error()
 * @since 0.1.0
 */
ADMWH_API int admwh_response_add_error_at(struct admwh_response *resp, enum admwh_field_error kind,
					  const char *path, const char *value, const char *format,
					  ...) ADMWH_PRINTF(5, 6);

/**
 * Add that a value is not one of a list: `Unsupported value: "x": supported values: "a", "b"`.
 *
 * @param resp         the response of the running callback
 * @param value        as for admwh_response_add_error()
 * @param supported    n_supported texts; NULL when there are none
 * @param n_supported  0 leaves the list out
 * @return as admwh_response_add_error()
 * @since 0.1.0
 */
ADMWH_API int admwh_response_add_not_supported(struct admwh_response *resp,
					       struct admwh_value value,
					       const char *const *supported, size_t n_supported);

/**
 * Add that a value is too long: `Too long: may not be more than 63 bytes`.
 *
 * @param resp        the response of the running callback
 * @param value       as for admwh_response_add_error()
 * @param most_bytes  how long it may be
 * @return as admwh_response_add_error()
 * @since 0.1.0
 */
ADMWH_API int admwh_response_add_too_long(struct admwh_response *resp, struct admwh_value value,
					  size_t most_bytes);

/**
 * Add that a list is too long: `Too many: 5: must have at most 3 items`.
 *
 * @param resp   the response of the running callback
 * @param value  as for admwh_response_add_error(); an array or object
 * @param most   how many it may have
 * @return as admwh_response_add_error()
 * @since 0.1.0
 */
ADMWH_API int admwh_response_add_too_many(struct admwh_response *resp, struct admwh_value value,
					  size_t most);

/**
 * Decide by the causes that were added: without any allow, unless the response is a denial already,
 * else deny with code 403 (Forbidden). The message has all of them, `field: message`, each once, in
 * brackets where there are several, so that the user sees them: kubectl prints `Error from server
 * (Forbidden): admission webhook "NAME" denied the request: [spec.a: Forbidden: ..., spec.b:
 * Required value: ...]`.
 *
 * @param resp  the response of the running callback
 * @return 0 or ADMWH_E_NOMEM, so that a handler can `return admwh_response_decide(resp);`
 * @since 0.1.0
 */
ADMWH_API int admwh_response_decide(struct admwh_response *resp);

/**
 * As admwh_response_decide(), but a denial has code 422 (Invalid) and, unless
 * admwh_response_set_details() was called, the details of the request. kubectl then prints what it
 * prints of the API server's own validation, one cause a line and **without the name of the
 * webhook**:
 * `The Pod "web" is invalid:`, `* spec.a: Forbidden: ...`.
 *
 * @param resp  the response of the running callback
 * @param req   the request of the running callback; NULL for no details
 * @return 0 or ADMWH_E_NOMEM
 * @since 0.1.0
 */
ADMWH_API int admwh_response_decide_invalid(struct admwh_response *resp,
					    const struct admwh_request *req);

/**
 * Set what a denial is about (metav1.StatusDetails), for programs that read it: kubectl prints kind
 * and name only where the reason is Invalid. Without causes it would then drop the message: kind
 * and name of such a denial are left out.
 *
 * @param resp   the response of the running callback
 * @param group  API group; copied; NULL for none
 * @param kind   kind, or resource as in the API server's own errors; copied; NULL for none
 * @param name   name of the object; copied; NULL for none
 * @return 0 or ADMWH_E_NOMEM
 * @since 0.1.0
 */
ADMWH_API int admwh_response_set_details(struct admwh_response *resp, const char *group,
					 const char *kind, const char *name);

/**
 * Set after how many seconds the user may try again (Status.details.retryAfterSeconds of a denial
 * or a failure). The API server passes it on as Retry-After, and clients made with client-go, such
 * as kubectl, then repeat a request that was denied with 429 or 500 and above by themselves. It is
 * never the Retry-After of the library's own answer, for which the API server would call the
 * webhook again.
 *
 * @param resp     the response of the running callback
 * @param seconds  0 for none
 * @return 0; ADMWH_E_INVAL when seconds is negative
 * @since 0.1.0
 */
ADMWH_API int admwh_response_set_retry_after(struct admwh_response *resp, int seconds);

/**
 * Add a warning for the user, to an allow or to a denial.
 *
 * Control characters become spaces, invalid UTF-8 becomes U+FFFD. The API server accepts 4096
 * characters of warnings in one response; the rest is cut. Repeated and empty warnings are dropped.
 *
 * @param resp    the response of the running callback
 * @param format  printf format; Kubernetes recommends at most 120 characters and no "Warning:"
 *                prefix
 * @return 0; ADMWH_E_NOMEM; ADMWH_E_INVAL when format is NULL
 * @since 0.1.0
 */
ADMWH_API int admwh_response_add_warning(struct admwh_response *resp, const char *format, ...)
    ADMWH_PRINTF(2, 3);

/**
 * Add an audit annotation. The API server prefixes its key with the name of the webhook.
 *
 * @param resp   the response of the running callback
 * @param key    1 to 63 characters of [A-Za-z0-9._-], first and last alphanumeric; copied
 * @param value  copied
 * @return 0; ADMWH_E_NOMEM; ADMWH_E_INVAL when the key has another form (the API server would drop
 *         it); ADMWH_E_EXISTS when the key has another value already
 * @since 0.1.0
 */
ADMWH_API int admwh_response_add_audit_annotation(struct admwh_response *resp, const char *key,
						  const char *value);

/**
 * How responses are written, and which requests are accepted, where servers differ. The API server
 * accepts the responses of every dialect.
 */
enum admwh_dialect {
	/** The response alone. The default. */
	ADMWH_DIALECT_KUBERNETES = 1,
	/**
	 * As Rancher's webhook: the whole review is returned with its response, HTML-escaped, with
	 * a final newline; the status of a denial has "metadata" and "status", no reason unless the
	 * handler sets one, and no code when the handler gives 0; a failure, also one that is left
	 * to the failurePolicy, is a review with "Internal error occurred: ...", and its message as
	 * a cause. Reviews
	 * of any Content-Type are accepted, and reviews without apiVersion and kind.
	 */
	ADMWH_DIALECT_RANCHER = 2,
	/**
	 * As Kubewarden's policy-server: auditAnnotations and warnings are present, null when
	 * unset; the status of a denial has only what the handler gave (a message, a code that is
	 * not 0, a reason, causes), and is absent when that is nothing; an HTTP status other than
	 * 200 goes with {"message": ..., "status": ...}. admwh_patch_edit() compares
	 * arrays index by index. Reviews of any application/...+json are accepted, and reviews
	 * without apiVersion and kind, as Kubewarden's audit scanner sends them: the response is of
	 * admission.k8s.io/v1.
	 */
	ADMWH_DIALECT_KUBEWARDEN = 3,
	/** As Kubernetes', but the status of a denial has only what the handler gave. */
	ADMWH_DIALECT_PLAIN = 4
};

/** @} */

#ifdef __cplusplus
}
#endif

#endif
