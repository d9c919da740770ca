/* SPDX-License-Identifier: MIT */
#include "tls/offload.h"

/* As `./configure --enable-pkcallbacks --enable-atomicuser` makes it, and Debian. */
#if defined(HAVE_PK_CALLBACKS) && defined(ATOMIC_USER) && defined(HAVE_AESGCM) &&                  \
    defined(HAVE_EX_DATA)
#define HAS_CALLBACK 1
#else
#define HAS_CALLBACK 0
#endif

enum awh_tls_aes awh_tls_aes(bool may_offload)
{
	/* A validated module does all cryptography: that is what it was chosen for. */
#if defined(HAVE_FIPS)
	(void)may_offload;
	return AWH_TLS_AES_WOLFSSL_FIPS;
#elif defined(WOLFSSL_AESNI) || defined(WOLFSSL_ARMASM)
	(void)may_offload;
	return AWH_TLS_AES_WOLFSSL;
#else
	return HAS_CALLBACK && may_offload && awh_aead_is_usable() ? AWH_TLS_AES_NETTLE
								   : AWH_TLS_AES_SOFTWARE;
#endif
}

const char *awh_tls_aes_name(enum awh_tls_aes aes)
{
	switch (aes) {
	case AWH_TLS_AES_NETTLE:
		return "nettle";
	case AWH_TLS_AES_WOLFSSL:
		return "wolfssl";
	case AWH_TLS_AES_WOLFSSL_FIPS:
		return "wolfssl-fips";
	default:
		return "software";
	}
}

#if HAS_CALLBACK
enum { SESSION = 0 }; /* index of the only data that a WOLFSSL is given here */

/* A wolfSSL that keeps no keys after it has installed them would show zeros. */
static bool is_key(const uint8_t *key, size_t len)
{
	uint8_t any = 0;

	for (size_t i = 0; i < len; i++)
		any |= key[i];
	return any != 0;
}

/* wolfSSL's keys change with a KeyUpdate (RFC 8446 section 7.2), so they are read anew each time.
 */
static int process(WOLFSSL *ssl, int is_sent, byte *out, const byte *in, word32 len,
		   const byte *nonce, word32 nonce_len, byte *tag, word32 tag_len, const byte *aad,
		   word32 aad_len)
{
	const struct awh_tls_session *session = wolfSSL_get_ex_data(ssl, SESSION);
	struct awh_aead_record record = {
	    .nonce = nonce, .aad = aad, .aad_len = aad_len, .in = in, .out = out, .len = len};

	if (!session || nonce_len != AWH_AEAD_NONCE || tag_len != AWH_AEAD_TAG)
		return NOT_COMPILED_IN;
	record.key = is_sent ? wolfSSL_GetServerWriteKey(ssl) : wolfSSL_GetClientWriteKey(ssl);
	record.key_len = (size_t)wolfSSL_GetKeySize(ssl);
	if (!is_key(record.key, record.key_len))
		return NOT_COMPILED_IN;
	if (!is_sent)
		return awh_aead_open(session->aead, &record, tag) ? 0 : AES_GCM_AUTH_E;
	awh_aead_seal(session->aead, &record, tag);
	return 0;
}

/* AES-CCM has keys and tags of the same sizes, and the same callback. */
static bool is_wanted(const struct awh_tls_session *session)
{
	int key_len = wolfSSL_GetKeySize(session->ssl);

	return session->context->aes == AWH_TLS_AES_NETTLE &&
	       wolfSSL_version(session->ssl) == TLS1_3_VERSION &&
	       wolfSSL_GetBulkCipher(session->ssl) == wolfssl_aes_gcm &&
	       (key_len == 16 || key_len == AWH_AEAD_KEY_MAX);
}

void awh_offload_use(WOLFSSL_CTX *ctx)
{
	wolfSSL_CTX_SetPerformTlsRecordProcessingCb(ctx, process);
}

int awh_offload_begin(struct awh_tls_session *session)
{
	if (!is_wanted(session))
		return 0;
	session->aead = awh_aead_new();
	if (session->aead && wolfSSL_set_ex_data(session->ssl, SESSION, session) == WOLFSSL_SUCCESS)
		return 0;
	return ADMWH_E_NOMEM;
}
#else
void awh_offload_use(WOLFSSL_CTX *ctx)
{
	(void)ctx;
}

int awh_offload_begin(struct awh_tls_session *session)
{
	(void)session;
	return 0;
}
#endif
