/* SPDX-License-Identifier: MIT */
#include "tls/protocol.h"

#include <string.h>

#include "tls/requirements.h"

/*
 * Forward secrecy and AEAD only, for ECDSA and RSA key pairs. The server's order decides: where
 * wolfSSL is built without the processor's AES instructions (Debian 12), ChaCha20 costs half, and
 * unlike AES it is computed in constant time. AES by nettle comes before it, in TLS 1.3 only.
 */
#define CHACHA_13 "TLS13-CHACHA20-POLY1305-SHA256"
#define CHACHA_12 "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
#define AES_13 "TLS13-AES128-GCM-SHA256:TLS13-AES256-GCM-SHA384"
#define AES_12                                                                                     \
	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"                               \
	"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384"
#if defined(WOLFSSL_AESNI) || defined(WOLFSSL_ARMASM)
static const char intermediate[] = AES_13 ":" AES_12 ":" CHACHA_13 ":" CHACHA_12;
static const char modern[] = AES_13 ":" CHACHA_13;
#else
static const char intermediate[] = CHACHA_13 ":" CHACHA_12 ":" AES_13 ":" AES_12;
static const char modern[] = CHACHA_13 ":" AES_13;
#endif
static const char offloaded[] = AES_13 ":" CHACHA_13 ":" CHACHA_12 ":" AES_12;
static const char offloaded_modern[] = AES_13 ":" CHACHA_13;
static const char prefix_13[] = "TLS13-";

/*
 * What a client may sign its handshake with, as a CertificateRequest lists it for TLS 1.2. Unless
 * set, wolfSSL lists SHA-1 and SHA-224 too. Its list for TLS 1.3 is its own.
 */
static const char signatures[] = "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:"
				 "RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:"
				 "RSA+SHA256:RSA+SHA384:RSA+SHA512"
#ifdef HAVE_ED25519
				 ":ED25519"
#endif
    ;

/* Builds for FIPS may have no X25519, and wolfSSL refuses a list with a curve that it lacks. */
#ifdef HAVE_CURVE25519
#define CURVES "X25519:P-256:P-384"
#else
#define CURVES "P-256:P-384"
#endif

/* wolfSSL 5.8.0 is the first with the group that browsers and Go offer, X25519MLKEM768. */
#if LIBWOLFSSL_VERSION_HEX >= 0x05008000 && defined(WOLFSSL_HAVE_MLKEM) &&                         \
    !defined(WOLFSSL_NO_ML_KEM) && !defined(WOLFSSL_NO_ML_KEM_768) && defined(HAVE_CURVE25519)
#define HAS_HYBRID 1
#else
#define HAS_HYBRID 0
#endif

int awh_tls_setup_fail(struct awh_error *error, const char *what, int code)
{
	wolfSSL_ERR_clear_error();
	if (code == MEMORY_E || code == MEMORY_ERROR)
		return awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	return awh_fail(error, ADMWH_E_TLS, "%s refused (%d): TLS cannot be made safe", what, code);
}

/*
 * TLS 1.2 obeys the list of curves alone, TLS 1.3 the groups as well; the hybrid group is one of
 * TLS 1.3, which the headers may know and the library that runs may not.
 */
static int set_groups(WOLFSSL_CTX *ctx, struct awh_error *error)
{
	AWH_TLS_CHECK(wolfSSL_CTX_set1_curves_list(ctx, CURVES));
#if HAS_HYBRID
	int groups[] = {WOLFSSL_X25519MLKEM768, WOLFSSL_ECC_X25519, WOLFSSL_ECC_SECP256R1,
			WOLFSSL_ECC_SECP384R1};

	if (wolfSSL_CTX_set_groups(ctx, groups, 4) != WOLFSSL_SUCCESS)
		AWH_TLS_CHECK(wolfSSL_CTX_set_groups(ctx, groups + 1, 3));
#endif
	return 0;
}

int awh_protocol_use(WOLFSSL_CTX *ctx, enum admwh_tls_profile profile, const char *ciphers,
		     struct awh_error *error)
{
	AWH_TLS_CHECK(wolfSSL_CTX_SetMinVersion(
	    ctx, profile == ADMWH_TLS_MODERN ? WOLFSSL_TLSV1_3 : WOLFSSL_TLSV1_2));
	AWH_TLS_CHECK(wolfSSL_CTX_set_cipher_list(ctx, ciphers));
	AWH_TLS_CHECK(wolfSSL_CTX_set1_sigalgs_list(ctx, signatures));
	AWH_TLS_CHECK(wolfSSL_CTX_SetMinRsaKey_Sz(ctx, AWH_RSA_BITS_MIN));
	AWH_TLS_CHECK(wolfSSL_CTX_SetMinEccKey_Sz(ctx, 256));
	return set_groups(ctx, error);
}

const char *awh_tls_ciphers(enum admwh_tls_profile profile, enum awh_tls_aes aes)
{
	if (aes == AWH_TLS_AES_NETTLE)
		return profile == ADMWH_TLS_MODERN ? offloaded_modern : offloaded;
	return profile == ADMWH_TLS_MODERN ? modern : intermediate;
}

const char *awh_tls_versions(enum admwh_tls_profile profile)
{
	return profile == ADMWH_TLS_MODERN ? "TLSv1.3" : "TLSv1.2:TLSv1.3";
}

const char *awh_tls_groups(void)
{
	return HAS_HYBRID ? "X25519MLKEM768:" CURVES : CURVES;
}

/* Is it one of the names of a list? */
static bool has_name(const char *list, const char *name, size_t len)
{
	while (*list) {
		size_t n = strcspn(list, ":");

		if (n == len && memcmp(list, name, len) == 0)
			return true;
		list += n + (list[n] == ':');
	}
	return false;
}

const char *awh_tls_ciphers_problem(enum admwh_tls_profile profile, const char *ciphers)
{
	const char *rest = ciphers;
	bool has_13 = false;

	for (;;) {
		size_t len = strcspn(rest, ":");

		if (!has_name(intermediate, rest, len))
			return "one is none of those that /configz shows by default";
		if (!has_name(profile == ADMWH_TLS_MODERN ? modern : intermediate, rest, len))
			return "one is of TLS 1.2, which the TLS profile does not have";
		has_13 = has_13 || strncmp(rest, prefix_13, strlen(prefix_13)) == 0;
		if (rest[len] == '\0')
			break;
		rest += len + 1;
	}
	return has_13 ? NULL : "none is of TLS 1.3";
}
