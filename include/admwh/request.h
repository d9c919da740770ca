/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The request of an AdmissionReview, and its sender (k8s.io/api/admission/v1 AdmissionRequest).
 *
 * The library allocates and fills these structs; to the program they are read-only. Never embed,
 * copy or measure one: minor versions may append fields. Strings are NUL-terminated UTF-8 without a
 * NUL byte. A string is never NULL where Kubernetes requires the field, and NULL where an optional
 * field is absent. Everything is *borrowed* until the callback returns.
 */
#ifndef ADMWH_REQUEST_H
#define ADMWH_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include <admwh/export.h>
#include <admwh/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup requests
 * @{ */

/**
 * The operation under review (k8s.io/api/admission/v1 Operation), with what the API server sends
 * for it. The library does not check that object and oldObject are there: a handler that cannot
 * decide without one asks admwh_value_is_set(), and fails the review.
 */
enum admwh_operation {
	ADMWH_CREATE = 1,  /**< sent with object, without oldObject */
	ADMWH_UPDATE = 2,  /**< sent with both; also for a PATCH */
	ADMWH_DELETE = 3,  /**< sent with oldObject, without object */
	ADMWH_CONNECT = 4, /**< object is of options, for instance PodExecOptions */
	ADMWH_OTHER = 5    /**< unknown to this library, see operation_name */
};

/** The version of the AdmissionReview that was sent, and of its answer. */
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

/** An entry of userInfo.extra. Complete: no field will be appended. */
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

/** The caller of the webhook, as its client certificate proves: facts that were verified. */
struct admwh_peer {
	const char *bundle;      /**< trust bundle whose CA issued the certificate */
	const char *rule;        /**< rule that it matched: "cn:kube-apiserver", or "any-name" */
	const char *common_name; /**< the only CN; NULL without one or with several */
	const char *subject;     /**< RFC 4514 text */
	const char *issuer;      /**< RFC 4514 text */
	const char *serial;      /**< lower-case hexadecimal */
	const char *fingerprint; /**< SHA-256 of the certificate, lower-case hexadecimal */
	const char *const *organizations;        /**< O of the subject, where valid text */
	size_t n_organizations;                  /**< may be 0 */
	const char *const *organizational_units; /**< OU of the subject, where valid text */
	size_t n_organizational_units;           /**< may be 0 */
	const char *const *dns_names;            /**< subjectAltName dNSName */
	size_t n_dns_names;                      /**< may be 0 */
	const char *const *uris;                 /**< subjectAltName uniformResourceIdentifier */
	size_t n_uris;                           /**< may be 0 */
	const char *const *ip_addresses;         /**< subjectAltName iPAddress, as text */
	size_t n_ip_addresses;                   /**< may be 0 */
	int64_t not_before;                      /**< seconds since 1970-01-01 UTC */
	int64_t not_after;                       /**< seconds since 1970-01-01 UTC */
	const char *tls_version;                 /**< "TLSv1.2" or "TLSv1.3" */
	const char *cipher; /**< cipher suite, as admwh_config_set_tls_ciphers() takes it */
};

/** The kind of a webhook configuration. */
enum admwh_webhook_kind {
	ADMWH_WEBHOOK_VALIDATING = 1, /**< ValidatingWebhookConfiguration */
	ADMWH_WEBHOOK_MUTATING = 2    /**< MutatingWebhookConfiguration */
};

/**
 * What a token says that an API server obtained to call this webhook (KEP-6060). **Experimental**:
 * its claims may change with Kubernetes. Texts hold no control characters.
 */
struct admwh_webhook_token {
	const char *issuer;              /**< claim iss */
	const char *id;                  /**< claim jti; NULL when absent */
	const char *ns;                  /**< namespace of the service account */
	const char *service_account;     /**< its name */
	const char *service_account_uid; /**< its uid */
	enum admwh_webhook_kind kind;    /**< of the webhook configuration that it is bound to */
	const char *webhook;             /**< name of that configuration */
	const char *webhook_uid;         /**< uid of that configuration */
	const char *api_group;           /**< whose resources it may ask about; "*" for all */
	int64_t not_after;               /**< seconds since 1970 */
};

/** The holder of the bearer token of the request. */
struct admwh_bearer {
	const char *name; /**< as in the token file; of a webhook token: claim sub */
	/** n_groups strings, as in the token file; of a webhook token: those of its service account
	 */
	const char *const *groups;
	size_t n_groups;                           /**< may be 0 */
	const struct admwh_webhook_token *webhook; /**< NULL: the token is of the token file */
};

/** The HTTP request that carried the review. */
struct admwh_http {
	const char *method;      /**< always "POST" for a review */
	const char *target;      /**< request target as sent, query included */
	const char *address;     /**< caller's address and port, for instance "127.0.0.1:40312" */
	const char *traceparent; /**< W3C trace context as sent, unchecked; NULL when absent */
};

/**
 * An AdmissionRequest. Functions give object, oldObject and options, so that a policy that reads
 * only the envelope does not pay for them.
 */
struct admwh_request {
	enum admwh_review_version version;        /**< of the review */
	const char *uid;                          /**< of this call of the webhook */
	const struct admwh_gvk *kind;             /**< of the object as sent */
	const struct admwh_gvr *resource;         /**< of the object as sent */
	const char *subresource;                  /**< NULL when absent */
	const struct admwh_gvk *request_kind;     /**< of the original request; NULL when absent */
	const struct admwh_gvr *request_resource; /**< of the original request; NULL when absent */
	const char *request_subresource;          /**< NULL when absent */
	const char *name;                  /**< NULL when absent (generateName, deletecollection) */
	const char *ns;                    /**< namespace; NULL for a cluster-scoped object */
	enum admwh_operation operation;    /**< the operation under review */
	const struct admwh_user *user;     /**< the user who made the API request */
	bool dry_run;                      /**< nothing will be persisted: have no side effects */
	const struct admwh_peer *peer;     /**< NULL without a verified client certificate */
	const struct admwh_http *http;     /**< NULL in admwh_route_review() */
	const char *operation_name;        /**< the operation as sent, for instance "CREATE" */
	const struct admwh_bearer *bearer; /**< NULL without a valid bearer token */
};

/**
 * The object under review, to be read where it stands: no tree is built. What is malformed about
 * it fails the review unless the handler denies, see value.h.
 *
 * In a chain of mutators it is the object as it came to this mutator. On a raw route it is any JSON
 * value, null included.
 *
 * @param req  the request of the running callback, or of a deferral; NULL gives an absent value
 * @return its value, valid until the callback returns, or the deferral is freed; absent when the
 *         review says null (DELETE)
 * @since 0.1.0
 */
ADMWH_API struct admwh_value admwh_request_object(const struct admwh_request *req);

/**
 * The existing object (UPDATE, DELETE); otherwise as admwh_request_object().
 *
 * @param req  the request of the running callback, or of a deferral; NULL gives an absent value
 * @return its value; absent when the review says null
 * @since 0.1.0
 */
ADMWH_API struct admwh_value admwh_request_old_object(const struct admwh_request *req);

/**
 * The options of the operation (CreateOptions, UpdateOptions, DeleteOptions); otherwise as
 * admwh_request_object().
 *
 * @param req  the request of the running callback, or of a deferral; NULL gives an absent value
 * @return its value; absent when the review says null (CONNECT)
 * @since 0.1.0
 */
ADMWH_API struct admwh_value admwh_request_options(const struct admwh_request *req);

/**
 * The object under review, as a jansson value; the first call builds it. It is read-only: struct
 * admwh_patch changes the object. Integers beyond int64 are reals in it; the library writes them
 * with their original text.
 *
 * An object that holds U+0000 in a string or a name of a member is given only where
 * admwh_route_set_nul_in_trees() says so: json_string_value() shows the part before it as if it
 * were the whole. Elsewhere the result is NULL and the review fails, with the path of the U+0000,
 * unless the handler denies.
 *
 * @param req  the request of the running callback
 * @return *borrowed* until the callback returns; NULL when the review says null (DELETE); NULL for
 *         U+0000, when memory runs out, and when `bodies-in-flight` has no room for it: unless the
 *         handler denies, the review then fails as a failed handler, or is rejected for the room
 * @since 0.1.0
 */
ADMWH_API json_t *admwh_request_object_json(const struct admwh_request *req);

/**
 * The existing object (UPDATE, DELETE); otherwise as admwh_request_object_json().
 *
 * @param req  the request of the running callback
 * @return *borrowed* until the callback returns; NULL as there
 * @since 0.1.0
 */
ADMWH_API json_t *admwh_request_old_object_json(const struct admwh_request *req);

/**
 * The options of the operation (CreateOptions, UpdateOptions, DeleteOptions); otherwise as
 * admwh_request_object_json().
 *
 * @param req  the request of the running callback
 * @return *borrowed* until the callback returns; NULL when the review says null (CONNECT), and as
 *         there
 * @since 0.1.0
 */
ADMWH_API json_t *admwh_request_options_json(const struct admwh_request *req);

/**
 * Does object, oldObject or options hold U+0000, in a string or the name of a member? It is legal
 * there (RFC 8259 section 7): in the data of a ConfigMap, for instance.
 *
 * @param req  the request of the running callback; NULL gives false
 * @return true when one of them does
 * @since 0.1.0
 */
ADMWH_API bool admwh_request_holds_nul(const struct admwh_request *req);

/**
 * The whole review as it was received.
 *
 * @param req  the request of the running callback
 * @param len  set to the length in bytes; may be NULL
 * @return *borrowed* until the callback returns; not NUL-terminated
 * @since 0.1.0
 */
ADMWH_API const char *admwh_request_body(const struct admwh_request *req, size_t *len);

/**
 * Time until the deadline, when the library answers in place of the handler. The deadline is the
 * API server's `?timeout=` less ADMWH_LIMIT_DEADLINE_MARGIN, or ADMWH_LIMIT_DEADLINE if that is
 * sooner.
 *
 * @param req  the request of the running callback
 * @return milliseconds; 0 when the deadline has passed; INT64_MAX without a deadline, as in
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

/**
 * The segment of the request's path that the pattern of its route stands for: "pod-privileged" of
 * a POST to `/policy/pod-privileged` at the route `/policy/{id}`. It is decoded: "%20" is a space.
 *
 * @param req   the request of the running callback
 * @param name  as the pattern has it, "id"
 * @return *borrowed* until the callback returns: 1 to 253 bytes of UTF-8 without "/" and control
 *         characters, not "." or ".."; NULL when the pattern has another name, the route no
 *         pattern, or the review did not come by HTTP and is no admwh_call_set_path_segment()'s
 * @since 0.1.0
 */
ADMWH_API const char *admwh_request_path_segment(const struct admwh_request *req, const char *name);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
