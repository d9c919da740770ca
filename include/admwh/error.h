/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Error codes. A function that can fail returns 0 or one of these negative codes, or it returns
 * NULL. The message is kept by the handle that the function was called with. The hundreds digit is
 * the stage of a request that failed: accept, handshake, identify, read, decode, dispatch, encode,
 * write.
 */
#ifndef ADMWH_ERROR_H
#define ADMWH_ERROR_H

#include <admwh/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup errors
 * @{ */

/** Every error code: name, number, text. */
#define ADMWH_ERROR_MAP(XX)                                                                        \
	XX(INVAL, -1, "invalid argument")                                                          \
	XX(NOMEM, -2, "out of memory")                                                             \
	XX(STATE, -3, "not possible in this state")                                                \
	XX(EXISTS, -4, "already exists")                                                           \
	XX(NOT_FOUND, -5, "not found")                                                             \
	XX(IO, -6, "input or output failed")                                                       \
	XX(LISTEN, -101, "cannot listen")                                                          \
	XX(TLS, -201, "TLS failed")                                                                \
	XX(KEYPAIR, -202, "certificate or private key is not usable")                              \
	XX(CLIENT_CA, -203, "client CA is not usable")                                             \
	XX(NO_CERTIFICATE, -204, "no client certificate")                                          \
	XX(UNTRUSTED, -205, "client certificate is not trusted")                                   \
	XX(REVOKED, -206, "client certificate is on a deny list")                                  \
	XX(REFUSED, -301, "caller is not allowed")                                                 \
	XX(TOKEN, -302, "no valid bearer token")                                                   \
	XX(LIMIT, -402, "limit exceeded")                                                          \
	XX(TIMEOUT, -403, "timed out")                                                             \
	XX(SYNTAX, -501, "malformed JSON")                                                         \
	XX(REVIEW, -502, "not an AdmissionReview")                                                 \
	XX(POINTER, -503, "malformed JSON Pointer")                                                \
	XX(HANDLER, -601, "handler failed")                                                        \
	XX(UNDECIDED, -602, "handler decided nothing")                                             \
	XX(DEADLINE, -603, "deadline passed")                                                      \
	XX(OVERLOAD, -604, "too much work in progress")                                            \
	XX(PATCH, -701, "patch does not apply")                                                    \
	XX(WRITE, -801, "connection lost")

/** Error codes: ADMWH_E_INVAL and so on, see ADMWH_ERROR_MAP. */
enum admwh_error {
	ADMWH_OK = 0, /**< no error */
#define ADMWH_ERROR_ENUM(name, number, text) ADMWH_E_##name = number,
	ADMWH_ERROR_MAP(ADMWH_ERROR_ENUM)
#undef ADMWH_ERROR_ENUM
};

/**
 * Text of an error code.
 *
 * @param err  a code that a function of this library returned
 * @return *borrowed* (static) text; "unknown error" for other numbers
 * @since 0.1.0
 */
ADMWH_API const char *admwh_strerror(int err);

/**
 * Name of an error code without its prefix, for instance "PATCH".
 *
 * @param err  a code that a function of this library returned
 * @return *borrowed* (static) text; "UNKNOWN" for other numbers
 * @since 0.1.0
 */
ADMWH_API const char *admwh_error_name(int err);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
