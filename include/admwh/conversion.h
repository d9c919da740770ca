/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Conversion of custom resources from one version to another: the webhook that
 * `spec.conversion` of a CustomResourceDefinition names (ConversionReview of
 * apiextensions.k8s.io/v1 and v1beta1).
 *
 * kube-apiserver calls conversion webhooks **without a client certificate** and without a token: it
 * has no kubeconfig for them. So conversions have a listener of their own, which asks for no
 * certificate, serves nothing else, and has its own event loop, worker threads and limits
 * (ADMWH_LIMIT_CONVERSION_CONNECTIONS and the others of that name). Restrict access to it by a
 * NetworkPolicy: docs/conversion.md.
 */
#ifndef ADMWH_CONVERSION_H
#define ADMWH_CONVERSION_H

#include <stddef.h>
#include <stdint.h>

#include <admwh/config.h>
#include <admwh/error.h>
#include <admwh/export.h>
#include <admwh/file.h>
#include <admwh/patch.h>
#include <admwh/request.h>
#include <admwh/review.h>
#include <admwh/server.h>
#include <admwh/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup conversions
 * @{ */

/** One object that is to be converted; *borrowed* until the callback returns. Texts are UTF-8. */
struct admwh_conversion {
	/** Of the ConversionReview; never NULL. */
	const char *uid;
	/** API group of the object, before and after: "example.com". */
	const char *group;
	/** Kind of the object, before and after. */
	const char *kind;
	/** Version that the object has: "v1beta1". */
	const char *version;
	/** Version that it is to have, another one: "v1". */
	const char *desired_version;
	/** metadata.name; NULL without one. */
	const char *name;
	/** metadata.namespace; NULL for an object without one. */
	const char *ns;
	/** The object as it was sent. */
	struct admwh_value object;
	/** Its place in `request.objects`, from 0. */
	size_t index;
	/** Number of objects in `request.objects`. */
	size_t count;
	/** The HTTP request that it came by; NULL without a server. */
	const struct admwh_http *http;
};

/**
 * Converts one object. It is called once for each object of a ConversionReview that does not have
 * the desired version yet, in their order, on one thread; **calls for different reviews may be
 * concurrent**.
 *
 * The handler edits the object by the functions of patch.h: admwh_patch_edit(),
 * admwh_patch_move() and so on. It does not set `apiVersion`: the library does. Of `metadata` only
 * labels and annotations may change, and `kind` may not.
 *
 * @param conv      the object and the versions
 * @param patch     what is to change; operations are not sent, their result is
 * @param userdata  what was registered
 * @return 0; a negative number fails the whole review, see admwh_conversion_fail()
 */
typedef int admwh_convert_fn(const struct admwh_conversion *conv, struct admwh_patch *patch,
			     void *userdata);

/** Two versions of kinds of a group, and what converts between them. Unset members are 0. */
struct admwh_conversion_pair {
	const char *group;      /**< NULL: any */
	const char *kind;       /**< NULL: all kinds of the group */
	const char *older;      /**< "v1beta1" */
	const char *newer;      /**< "v1" */
	admwh_convert_fn *up;   /**< from older to newer; NULL: nothing but the version changes */
	admwh_convert_fn *down; /**< from newer to older; NULL likewise */
};

/** Conversions between several versions, see admwh_conversions_run(). Unset members are 0. */
struct admwh_conversions {
	const struct admwh_conversion_pair *pairs; /**< n_pairs */
	size_t n_pairs;                            /**< up to 64 */
	void *userdata;                            /**< passed to up and down */
	const void *unused[4];                     /**< NULL */
};

/**
 * Convert an object by pairs of versions: an admwh_convert_fn, to be registered with a struct
 * admwh_conversions as its userdata.
 *
 *     static const struct admwh_conversion_pair pairs[] = {
 *         {.older = "v1alpha1", .newer = "v1", .up = from_alpha, .down = to_alpha},
 *         {.older = "v1beta1", .newer = "v1", .up = from_beta, .down = to_beta},
 *     };
 *     static struct admwh_conversions conversions = {.pairs = pairs, .n_pairs = 2};
 *
 *     admwh_server_add_conversion(server, "/convert", admwh_conversions_run, &conversions);
 *
 * An object goes the way of the fewest pairs: from v1alpha1 to v1beta1 by way of v1. Each step is
 * told its own two versions, and sees the object as the step before it left it. A version that no
 * way leads to fails the review.
 *
 * @param conv         the object and the versions
 * @param patch        what is to change
 * @param conversions  a struct admwh_conversions
 * @return 0; what a step returned that failed; ADMWH_E_HANDLER
 * @since 0.1.0
 */
ADMWH_API int admwh_conversions_run(const struct admwh_conversion *conv, struct admwh_patch *patch,
				    void *conversions);

/**
 * Fail the whole review: no object is converted, and the user of the API sees the message behind
 * the object's place, namespace and name. It is final: later objects are not looked at.
 *
 * A review also fails, by messages of the library, for an operation that cannot be applied, for a
 * value that was read as another type, and for a changed kind or metadata.
 *
 * @param conv    the conversion of the running callback
 * @param format  printf format of the reason, cut at 500 bytes
 * @return ADMWH_E_HANDLER, so that a handler can `return admwh_conversion_fail(conv, ...);`;
 *         ADMWH_E_INVAL when an argument is NULL
 * @since 0.1.0
 */
ADMWH_API int admwh_conversion_fail(const struct admwh_conversion *conv, const char *format, ...)
    ADMWH_PRINTF(2, 3);

/**
 * The object of a file of the program's own, as it was when the review began, for all of its
 * objects.
 *
 * @param conv  the conversion of the running callback
 * @param file  of the config that the server was made of, see admwh_config_add_file()
 * @return as admwh_request_file()
 * @since 0.1.0
 */
ADMWH_API const void *admwh_conversion_file(const struct admwh_conversion *conv,
					    const struct admwh_file *file);

/**
 * Set the address of the conversion listener. A server has one if it has a handler of conversions,
 * too: admwh_server_add_conversion().
 *
 * The listener has the server's key pair and TLS profile, and asks for no client certificate.
 *
 * @param config   a config
 * @param address  as for admwh_config_set_listen()
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_conversion_listen(struct admwh_config *config,
								   const char *address);

/**
 * Convert the objects of the ConversionReviews that come by this path of the conversion listener.
 * The main listener does not serve it.
 *
 * @param server    a server that was not started. Its start is ADMWH_E_STATE without
 *                  admwh_config_set_conversion_listen()
 * @param path      `spec.conversion.webhook.clientConfig.service.path`, as for
 *                  admwh_server_add_validator(); not that of another handler of the server
 * @param convert   the handler; **may be called concurrently**
 * @param userdata  passed to every call; outlives the server
 * @return 0; ADMWH_E_INVAL; ADMWH_E_EXISTS; ADMWH_E_NOMEM; ADMWH_E_STATE once the server was
 *         started
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_server_add_conversion(struct admwh_server *server,
							    const char *path,
							    admwh_convert_fn *convert,
							    void *userdata);

/**
 * Number of the port of the conversion listener.
 *
 * @param server  a server that was started; NULL gives 0
 * @return the port; 0 before the start and where there is no conversion listener
 * @since 0.1.0
 */
ADMWH_API uint16_t admwh_server_conversion_port(const struct admwh_server *server);

/**
 * Answer a ConversionReview without a server, on the calling thread, for unit tests of a handler.
 * There is no deadline; a review has at most 200 levels of nesting and 1,000,000 values.
 *
 * @param body      a ConversionReview as JSON text
 * @param body_len  bytes
 * @param convert   the handler
 * @param userdata  passed to every call
 * @return *new*, free with admwh_answer_free(), also when the body is no ConversionReview (the
 *         status says so); admwh_answer_is_allowed() tells of a conversion that succeeded. NULL
 *         when memory ran out or an argument is NULL
 * @since 0.1.0
 */
ADMWH_API struct admwh_answer *admwh_review_convert(const char *body, size_t body_len,
						    admwh_convert_fn *convert, void *userdata);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
