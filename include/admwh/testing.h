/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Unit tests of policies: a call of a webhook without a socket, by a caller and within a deadline
 * of the test's choice, and what an answer says in words that a test compares.
 *
 * No test framework is needed: every check is a text to compare.
 */
#ifndef ADMWH_TESTING_H
#define ADMWH_TESTING_H

#include <stddef.h>
#include <stdint.h>

#include <admwh/export.h>
#include <admwh/identity.h>
#include <admwh/request.h>
#include <admwh/review.h>
#include <admwh/route.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup tests
 * @{ */

/**
 * A call of a webhook: who calls, from where, and the time there is. It serves any number of
 * reviews, one after another. Used by one thread, but for admwh_call_advance().
 */
struct admwh_call;

/**
 * Create a call: from 192.0.2.1:50000, without a certificate, a token and a deadline.
 *
 * @return *new*, free with admwh_call_free(); NULL when memory ran out, which every function takes:
 *         a test checks nothing but the answer
 * @since 0.1.0
 */
ADMWH_API struct admwh_call *admwh_call_new(void);

/**
 * Let the caller have a verified certificate of a trust bundle: `req->peer` is set, with names of
 * admwh_call_add_name(), and facts that no test should depend on.
 *
 * The library does not authorize the caller: that a server would not let it in (rules of bundles,
 * admwh_route_allow()) is the server's matter.
 *
 * @param call    a call
 * @param bundle  name of the bundle, for instance "audit-scanner"; copied
 * @return 0; ADMWH_E_INVAL; ADMWH_E_NOMEM, after which reviews have no answer
 * @since 0.1.0
 */
ADMWH_API int admwh_call_set_certificate(struct admwh_call *call, const char *bundle);

/**
 * Add a name to the certificate. The first one is the rule that the caller is let in by.
 *
 * @param call   a call with a certificate
 * @param rule   ADMWH_RULE_CN, which may be called once, ADMWH_RULE_DNS, ADMWH_RULE_URI,
 *               ADMWH_RULE_IP, ADMWH_RULE_O or ADMWH_RULE_OU
 * @param value  the name; copied, not checked
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE without a certificate; ADMWH_E_NOMEM, as there
 * @since 0.1.0
 */
ADMWH_API int admwh_call_add_name(struct admwh_call *call, enum admwh_rule rule, const char *value);

/**
 * Let the caller hold a valid bearer token: `req->bearer` is set.
 *
 * @param call      a call
 * @param name      of the holder, as in a token file; copied
 * @param groups    n_groups texts; copied; NULL when there are none
 * @param n_groups  may be 0
 * @return 0; ADMWH_E_INVAL; ADMWH_E_NOMEM, as in admwh_call_set_certificate()
 * @since 0.1.0
 */
ADMWH_API int admwh_call_set_token(struct admwh_call *call, const char *name,
				   const char *const *groups, size_t n_groups);

/**
 * Let the caller hold a token that an API server obtained to call this webhook (KEP-6060):
 * `req->bearer` is set, with the groups of the service account, and its `webhook`, with facts
 * beside these that no test should depend on. A review of a resource of another API group is
 * answered with HTTP 403, as on a server, and the handler is not called. **Experimental**, see
 * webhook_tokens.h.
 *
 * @param call       a call
 * @param name       of the holder, a service account: "system:serviceaccount:NAMESPACE:NAME";
 * copied
 * @param kind       of the webhook configuration that the token is bound to
 * @param webhook    its metadata.name; copied
 * @param api_group  whose resources it may ask about, "" for the core group, "*" for all; copied
 * @return 0; ADMWH_E_INVAL; ADMWH_E_NOMEM, as in admwh_call_set_certificate()
 * @since 0.1.0
 */
ADMWH_API int admwh_call_experimental_set_webhook_token(struct admwh_call *call, const char *name,
							enum admwh_webhook_kind kind,
							const char *webhook, const char *api_group);

/**
 * Set what `req->http` has as address.
 *
 * @param call     a call
 * @param address  caller's address and port; copied
 * @return 0; ADMWH_E_INVAL; ADMWH_E_NOMEM, as in admwh_call_set_certificate()
 * @since 0.1.0
 */
ADMWH_API int admwh_call_set_address(struct admwh_call *call, const char *address);

/**
 * Set what admwh_request_path_segment() has, for a handler of a route with a pattern: by name "id"
 * and segment "pod-privileged" a route is called as `/policy/{id}` of a server is by a POST to
 * `/policy/pod-privileged`. The route of the test needs no pattern.
 *
 * @param call     a call
 * @param name     as the pattern has it, without braces; copied
 * @param segment  decoded, as the handler sees it; copied
 * @return 0; ADMWH_E_INVAL, also for a segment that no path can have: empty, above 253 bytes, ".",
 *         "..", with a "/" or a control character, no UTF-8; ADMWH_E_NOMEM, as in
 *         admwh_call_set_certificate()
 * @since 0.1.0
 */
ADMWH_API int admwh_call_set_path_segment(struct admwh_call *call, const char *name,
					  const char *segment);

/**
 * Give each review of this call a deadline. The call has a clock of its own, which stands still but
 * for admwh_call_advance(): no test depends on how fast a machine is.
 *
 * @param call  a call
 * @param ms    milliseconds, from 1; what admwh_request_remaining_ms() says when the handler begins
 * @return 0; ADMWH_E_INVAL
 * @since 0.1.0
 */
ADMWH_API int admwh_call_set_deadline(struct admwh_call *call, int64_t ms);

/**
 * Let time pass, in a handler or in any other thread. A review that is still deferred at its
 * deadline is answered by the library, as on a server; a handler that runs is not interrupted, and
 * has failed if it decides at its deadline or later. Call and route outlive such a deferral.
 *
 * @param call  a call
 * @param ms    milliseconds
 * @return 0; ADMWH_E_INVAL when ms is negative
 * @since 0.1.0
 */
ADMWH_API int admwh_call_advance(struct admwh_call *call, int64_t ms);

/**
 * admwh_route_review() in this call.
 *
 * @param call      a call
 * @param route     a route without a server, or a route of a server
 * @param body      an AdmissionReview as JSON text
 * @param body_len  bytes
 * @return as admwh_route_review()
 * @since 0.1.0
 */
ADMWH_API struct admwh_answer *admwh_call_review(struct admwh_call *call,
						 const struct admwh_route *route, const char *body,
						 size_t body_len);

/**
 * Free a call.
 *
 * @param call  NULL is allowed
 * @since 0.1.0
 */
ADMWH_API void admwh_call_free(struct admwh_call *call);

/**
 * What an answer says, a line for each thing, to be compared with the text that a test expects:
 *
 *     denied 403: namespace frozen is frozen
 *     warning: use another one
 *     audit denied-by: frozen
 *
 * The first line is the decision, as in logs and metrics (admwh_decision_name(), `malformed` or
 * `refused`), a code, a message; and `, HTTP 422` where the status is not 200. Of an allow it is
 * `allowed`, and a line `patch: OPERATION PATH VALUE` follows for each operation:
 *
 *     allowed
 *     patch: add /metadata/labels {"seen":"true"}
 *     patch: remove /spec/replicas
 *
 * @param answer  an answer; NULL gives "no answer: out of memory"
 * @return *borrowed* until the answer is freed; no newline at the end
 * @since 0.1.0
 */
ADMWH_API const char *admwh_answer_text(struct admwh_answer *answer);

/**
 * How admwh_answer_text() differs from what a test expects, to be printed:
 *
 *       allowed
 *     - patch: add /metadata/labels {"seen":"true"}
 *     + patch: add /metadata/labels {"seen":"yes"}
 *
 * @param answer    an answer
 * @param expected  lines; newlines at the end make no difference
 * @return NULL when they are the same; else *borrowed* until the answer is freed or the next call
 * @since 0.1.0
 */
ADMWH_API const char *admwh_answer_differs(struct admwh_answer *answer, const char *expected);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
