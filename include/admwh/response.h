/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What a handler answers. A response starts undecided; a handler that leaves it
 * so has failed, and failure is never an allow. uid, apiVersion and patch type
 * are the library's business and cannot be set wrong here.
 */
#ifndef ADMWH_RESPONSE_H
#define ADMWH_RESPONSE_H

#include <admwh/error.h>
#include <admwh/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The answer under construction; *borrowed* until the callback returns. */
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
 * Deny the request. A later decision replaces an earlier one; a patch is dropped.
 *
 * @param resp    the response of the running callback
 * @param code    HTTP status for the user (Status.code): 400 to 599, clamped into that range; 0
 *                for none, where the route's dialect has that, else 400; in Kubernetes' dialect
 *                Status.reason follows from it unless set by admwh_response_set_reason()
 * @param format  printf format of the message the user reads (Status.message); cut at 64 KiB
 * @return 0; ADMWH_E_NOMEM; ADMWH_E_INVAL when format is NULL
 * @since 0.1.0
 */
ADMWH_API int admwh_response_deny(struct admwh_response *resp, int code, const char *format, ...)
    ADMWH_PRINTF(3, 4);

/**
 * Say that this handler cannot decide. What the API server is told is the
 * route's choice, see admwh_route_set_on_failure(). No later decision undoes it.
 *
 * @param resp    the response of the running callback
 * @param format  printf format of the reason
 * @return ADMWH_E_HANDLER, so that a handler can `return admwh_response_fail(resp, ...);`
 * @since 0.1.0
 */
ADMWH_API int admwh_response_fail(struct admwh_response *resp, const char *format, ...)
    ADMWH_PRINTF(2, 3);

/**
 * Set the machine-readable reason of a denial (metav1.StatusReason, for
 * instance "Forbidden" or "Invalid").
 *
 * @param resp    the response of the running callback
 * @param reason  copied; NULL for the one that follows from the code
 * @return 0 or ADMWH_E_NOMEM
 * @since 0.1.0
 */
ADMWH_API int admwh_response_set_reason(struct admwh_response *resp, const char *reason);

/**
 * Add one cause to a denial (metav1.StatusCause in Status.details.causes).
 *
 * @param resp     the response of the running callback
 * @param type     StatusCause.reason, for instance "FieldValueInvalid"; copied; NULL for none
 * @param message  copied; NULL for none
 * @param field    path of the field, for instance "spec.replicas"; copied; NULL for none
 * @return 0 or ADMWH_E_NOMEM
 * @since 0.1.0
 */
ADMWH_API int admwh_response_add_cause(struct admwh_response *resp, const char *type,
				       const char *message, const char *field);

/**
 * Add a warning that the user sees, on allow and on deny.
 *
 * Control characters become spaces, invalid UTF-8 becomes U+FFFD, and all warnings of one
 * response together are kept under the API server's 4096 characters: what
 * does not fit is cut. Repeated and empty warnings are dropped.
 *
 * @param resp    the response of the running callback
 * @param format  printf format; best under 120 characters and without a "Warning:" prefix
 * @return 0; ADMWH_E_NOMEM; ADMWH_E_INVAL when format is NULL
 * @since 0.1.0
 */
ADMWH_API int admwh_response_add_warning(struct admwh_response *resp, const char *format, ...)
    ADMWH_PRINTF(2, 3);

/**
 * Add an audit annotation. The API server prefixes the webhook's name.
 *
 * @param resp   the response of the running callback
 * @param key    1 to 63 characters of [A-Za-z0-9._-], first and last alphanumeric; copied
 * @param value  copied
 * @return 0; ADMWH_E_NOMEM; ADMWH_E_INVAL when the key is not of that form (the API server
 *         would drop it); ADMWH_E_EXISTS when the key has another value already
 * @since 0.1.0
 */
ADMWH_API int admwh_response_add_audit_annotation(struct admwh_response *resp, const char *key,
						  const char *value);

/** How an answer is written where servers differ and clients take all. */
enum admwh_dialect {
	/** The review's response alone. The default. */
	ADMWH_DIALECT_KUBERNETES = 1,
	/**
	 * As Rancher's webhook: the review is echoed with its response, HTML-escaped, with a final
	 * newline; "metadata" and "status" stand in a denial's status, which keeps the reason it
	 * was given (none by itself); a failure left to the policy says "Internal error occurred:
	 * ...", with its message as a cause. A denial with code 0 has none. Reviews of any
	 * Content-Type are taken, and reviews without apiVersion and kind.
	 */
	ADMWH_DIALECT_RANCHER = 2,
	/**
	 * As Kubewarden's policy-server: auditAnnotations and warnings are there, null when unset;
	 * a denial's status has only what the handler gave (a message, a code when it is not 0, a
	 * reason, causes), and is left out when that is nothing. Edited arrays are compared index
	 * by index. Reviews of any application/...+json are taken, and reviews without apiVersion
	 * and kind, as Kubewarden's audit scanner sends them: the answer is of version v1.
	 */
	ADMWH_DIALECT_KUBEWARDEN = 3,
	/** As Kubernetes', but a denial's status has only what the handler gave, as Kubewarden's.
	 */
	ADMWH_DIALECT_PLAIN = 4
};

#ifdef __cplusplus
}
#endif

#endif
