/* SPDX-License-Identifier: MIT */
#include "identity/verdict.h"

const char *awh_verdict_name(enum awh_verdict verdict)
{
	static const char *const names[] = {
#define NAME(id, text) text,
	    AWH_VERDICT_MAP(NAME)
#undef NAME
	};

	return (unsigned int)verdict < AWH_VERDICTS ? names[verdict] : "unknown";
}

static enum awh_verdict verdict_of_proof(enum awh_proof proof)
{
	switch (proof) {
	case AWH_PROOF_EXPIRED:
		return AWH_VERDICT_EXPIRED;
	case AWH_PROOF_USAGE:
		return AWH_VERDICT_USAGE;
	case AWH_PROOF_UNFIT:
		return AWH_VERDICT_UNFIT;
	case AWH_PROOF_UNPROVED:
		return AWH_VERDICT_KEY_UNPROVED;
	case AWH_PROOF_NONE:
	case AWH_PROOF_VERIFIED:
	case AWH_PROOF_UNTRUSTED:
		break;
	}
	return AWH_VERDICT_UNKNOWN_CA;
}

enum awh_verdict awh_verdict_of(int code, const struct awh_peer *peer)
{
	switch (code) {
	case ADMWH_OK:
		return AWH_VERDICT_OK;
	case ADMWH_E_NO_CERTIFICATE:
		return AWH_VERDICT_NO_CERTIFICATE;
	case ADMWH_E_UNTRUSTED:
		return verdict_of_proof(peer ? peer->proof : AWH_PROOF_UNTRUSTED);
	case ADMWH_E_REVOKED:
		return AWH_VERDICT_REVOKED;
	case ADMWH_E_REFUSED:
		return AWH_VERDICT_NAME_REFUSED;
	case ADMWH_E_TOKEN:
		return AWH_VERDICT_TOKEN_REFUSED;
	case ADMWH_E_TLS:
		return AWH_VERDICT_NOISE;
	case ADMWH_E_TIMEOUT:
		return AWH_VERDICT_TIMEOUT;
	default:
		return AWH_VERDICT_ERROR;
	}
}
