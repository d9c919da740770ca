/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What kube-apiserver asks: the request of an AdmissionReview, and who sent it.
 *
 * These structs are allocated and filled by the library only, and read-only to
 * everyone else. Never embed one, copy one or take its size: fields may be
 * appended in any minor version. Strings are NUL-terminated UTF-8 and hold no
 * NUL byte; they are never NULL where Kubernetes requires the field and NULL
 * where an optional field was absent. Everything is *borrowed* until the
 * callback returns.
 */
#ifndef ADMWH_REQUEST_H
#define ADMWH_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include <admwh/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The operation under review (k8s.io/api/admission/v1 Operation). */
enum admwh_operation {
	ADMWH_CREATE = 1, /**< object is set, oldObject is not */
	ADMWH_UPDATE = 2, /**< both are set; also for a PATCH */
	ADMWH_DELETE = 3, /**< oldObject is set, object is not */
	ADMWH_CONNECT =
	    4,          /**< object is the options of a connection, for instance PodExecOptions */
	ADMWH_OTHER = 5 /**< one this library does not know: operation_name tells */
};

/** The AdmissionReview version that was sent and in which the answer goes out. */
enum admwh_review_version {
	ADMWH_REVIEW_V1 = 1,     /**< admission.k8s.io/v1 */
	ADMWH_REVIEW_V1BETA1 = 2 /**< admission.k8s.io/v1beta1 */
};

/** Group, version and kind (metav1.GroupVersionKind). The core group is "". */
struct admwh_gvk {
	const char *group;   /**< "" for the core group */
	const char *version; /**< for instance "v1" */
	const char *kind;    /**< for instance "Pod" */
};

/** Group, version and resource (metav1.GroupVersionResource). The core group is "". */
struct admwh_gvr {
	const char *group;    /**< "" for the core group */
	const char *version;  /**< for instance "v1" */
	const char *resource; /**< for instance "pods" */
};

/** One entry of userInfo.extra. Complete: it never grows. */
struct admwh_extra {
	const char *key;           /**< lower case, as the API server sends it */
	const char *const *values; /**< n_values strings */
	size_t n_values;           /**< may be 0 */
};

/** The user who made the API request (authenticationv1.UserInfo), not the caller of the webhook. */
struct admwh_user {
	const char *username;            /**< NULL when the API server sent none */
	const char *uid;                 /**< NULL when the API server sent none */
	const char *const *groups;       /**< n_groups strings */
	size_t n_groups;                 /**< may be 0 */
	const struct admwh_extra *extra; /**< n_extra entries */
	size_t n_extra;                  /**< may be 0 */
};

/**
 * The caller of the webhook as proved by its certificate: verified facts, never
 * the certificate itself.
 */
struct admwh_peer {
	const char *bundle; /**< trust bundle that vouched for it */
	const char *rule;   /**< rule that let it in: "cn:kube-apiserver", or "any-name" */
	const char
	    *common_name;    /**< the one CN of the subject; NULL when there is none or several */
	const char *subject; /**< RFC 4514 text */
	const char *issuer;  /**< RFC 4514 text */
	const char *serial;  /**< lower-case hexadecimal */
	const char *fingerprint;          /**< SHA-256 of the certificate, lower-case hexadecimal */
	const char *const *organizations; /**< O of the subject, those that are clean text */
	size_t n_organizations;           /**< may be 0 */
	const char *const
	    *organizational_units;       /**< OU of the subject, those that are clean text */
	size_t n_organizational_units;   /**< may be 0 */
	const char *const *dns_names;    /**< subjectAltName dNSName */
	size_t n_dns_names;              /**< may be 0 */
	const char *const *uris;         /**< subjectAltName uniformResourceIdentifier */
	size_t n_uris;                   /**< may be 0 */
	const char *const *ip_addresses; /**< subjectAltName iPAddress, as text */
	size_t n_ip_addresses;           /**< may be 0 */
	int64_t not_before;              /**< seconds since 1970-01-01 UTC */
	int64_t not_after;               /**< seconds since 1970-01-01 UTC */
	const char *tls_version;         /**< "TLSv1.2" or "TLSv1.3" */
	const char *cipher;              /**< as the TLS library names it */
};

/** Who holds the bearer token that came with the review. */
struct admwh_bearer {
	const char *name;          /**< as the token file says */
	const char *const *groups; /**< n_groups texts, as the token file says */
	size_t n_groups;           /**< may be 0 */
};

/** How the review travelled. */
struct admwh_http {
	const char *method;      /**< always "POST" for a review */
	const char *target;      /**< request target as sent, query included */
	const char *address;     /**< caller's address and port, for instance "127.0.0.1:40312" */
	const char *traceparent; /**< W3C trace context as sent, unchecked; NULL when absent */
};

/**
 * One AdmissionRequest (k8s.io/api/admission/v1). object, oldObject and options
 * are reached by functions, so that a policy that looks at the envelope alone
 * never pays for them.
 */
struct admwh_request {
	enum admwh_review_version version;        /**< of the review */
	const char *uid;                          /**< of this one call of the webhook */
	const struct admwh_gvk *kind;             /**< of the object as sent */
	const struct admwh_gvr *resource;         /**< of the object as sent */
	const char *subresource;                  /**< NULL when absent */
	const struct admwh_gvk *request_kind;     /**< original; NULL when absent */
	const struct admwh_gvr *request_resource; /**< original; NULL when absent */
	const char *request_subresource;          /**< NULL when absent */
	const char *name;                  /**< NULL when absent (generateName, deletecollection) */
	const char *ns;                    /**< namespace; NULL for a cluster-scoped object */
	enum admwh_operation operation;    /**< what is to be done */
	const struct admwh_user *user;     /**< who asked the API server for it */
	bool dry_run;                      /**< nothing will be stored: have no side effects */
	const struct admwh_peer *peer;     /**< NULL without a verified client certificate */
	const struct admwh_http *http;     /**< NULL when the review did not come by HTTP */
	const char *operation_name;        /**< the operation as sent, for instance "CREATE" */
	const struct admwh_bearer *bearer; /**< NULL without a valid bearer token */
};

/**
 * The object under review.
 *
 * Built at the first call. It may be read freely; to change it in a mutator use
 * struct admwh_patch. Integers beyond int64 are reals here, and keep their exact
 * text where the library writes them.
 *
 * @param req  the request of the running callback
 * @return *borrowed* until the callback returns; NULL when the review says null (DELETE).
 *         When memory runs out it is NULL too and the review fails as a handler failure.
 * @since 0.1.0
 */
ADMWH_API json_t *admwh_request_object_json(const struct admwh_request *req);

/**
 * The existing object (UPDATE, DELETE); otherwise as admwh_request_object_json().
 *
 * @param req  the request of the running callback
 * @return *borrowed* until the callback returns; NULL when the review says null
 * @since 0.1.0
 */
ADMWH_API json_t *admwh_request_old_object_json(const struct admwh_request *req);

/**
 * The operation's options (CreateOptions, UpdateOptions, DeleteOptions; NULL for CONNECT);
 * otherwise as admwh_request_object_json().
 *
 * @param req  the request of the running callback
 * @return *borrowed* until the callback returns; NULL when the review says null
 * @since 0.1.0
 */
ADMWH_API json_t *admwh_request_options_json(const struct admwh_request *req);

/**
 * The bytes of the whole review, as received.
 *
 * @param req  the request of the running callback
 * @param len  set to the length in bytes
 * @return *borrowed* until the callback returns; not NUL-terminated
 * @since 0.1.0
 */
ADMWH_API const char *admwh_request_body(const struct admwh_request *req, size_t *len);

/**
 * Time left until the library answers in this handler's place.
 *
 * The deadline is the API server's `?timeout=` less a margin, or the configured
 * one if that is sooner.
 *
 * @param req  the request of the running callback
 * @return milliseconds, 0 when the deadline has passed; INT64_MAX without a deadline, as in
 *         admwh_route_review()
 * @since 0.1.0
 */
ADMWH_API int64_t admwh_request_remaining_ms(const struct admwh_request *req);

/**
 * Kubernetes' name of an operation, for instance "CREATE".
 *
 * @param operation  an operation
 * @return *borrowed* (static) text; "" for ADMWH_OTHER and for a number that is no operation
 * @since 0.1.0
 */
ADMWH_API const char *admwh_operation_name(enum admwh_operation operation);

#ifdef __cplusplus
}
#endif

#endif
