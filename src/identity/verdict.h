/* SPDX-License-Identifier: MIT */
/*
 * The verdict on a caller, in one word: a metric's label and a field of the log.
 * Every failed handshake has one, and every request.
 */
#ifndef AWH_IDENTITY_VERDICT_H
#define AWH_IDENTITY_VERDICT_H

#include "identity/identity.h"

#define AWH_VERDICT_MAP(XX)                                                                        \
	XX(OK, "ok")                                                                               \
	XX(NO_CERTIFICATE, "no_certificate")                                                       \
	XX(UNKNOWN_CA, "unknown_ca")                                                               \
	XX(EXPIRED, "expired")                                                                     \
	XX(USAGE, "usage")                                                                         \
	XX(UNFIT, "unfit")                                                                         \
	XX(KEY_UNPROVED, "key_unproved")                                                           \
	XX(REVOKED, "revoked")                                                                     \
	XX(NAME_REFUSED, "name_refused")                                                           \
	XX(TOKEN_REFUSED, "token_refused")                                                         \
	XX(GROUP_REFUSED, "group_refused")                                                         \
	XX(API_GROUP_REFUSED, "api_group_refused")                                                 \
	XX(NOISE, "noise")                                                                         \
	XX(TIMEOUT, "timeout")                                                                     \
	XX(ERROR, "error")

enum awh_verdict {
#define AWH_VERDICT_ENUM(id, text) AWH_VERDICT_##id,
	AWH_VERDICT_MAP(AWH_VERDICT_ENUM)
#undef AWH_VERDICT_ENUM
};

#define AWH_VERDICT_COUNT(id, text) +1
enum { AWH_VERDICTS = 0 AWH_VERDICT_MAP(AWH_VERDICT_COUNT) };

const char *awh_verdict_name(enum awh_verdict verdict);

/*
 * The verdict for the code of a failed handshake or of awh_authorize().
 *
 * peer: its proof distinguishes an unknown CA from an expired certificate; NULL for none
 */
enum awh_verdict awh_verdict_of(int code, const struct awh_peer *peer);

#endif
