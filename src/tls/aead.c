/* SPDX-License-Identifier: MIT */
#include "tls/aead.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#if defined(__aarch64__)
#include <sys/auxv.h>
#endif

#include <nettle/gcm.h>
#include <nettle/memops.h>
#include <nettle/nettle-meta.h>

#include "base/wipe.h"

/* A key, as it came and expanded. */
struct key {
	uint8_t bytes[AWH_AEAD_KEY_MAX];
	size_t len; /* 0: none */
	union {
		struct aes128_ctx aes128;
		struct aes256_ctx aes256;
	} expanded;
};

struct awh_aead {
	struct key seal, open;
};

/* One record's way through GCM. */
struct gcm {
	const struct nettle_cipher *cipher;
	const void *key;
	struct gcm_key hash;
	struct gcm_ctx state;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool usable; /* written once */

static bool has_instructions(void)
{
#if defined(__x86_64__)
	return __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul") &&
	       __builtin_cpu_supports("ssse3");
#elif defined(__aarch64__)
	const unsigned long wanted = HWCAP_AES | HWCAP_PMULL;

	return (getauxval(AT_HWCAP) & wanted) == wanted;
#else
	return false;
#endif
}

static void look(void)
{
	usable = has_instructions() && !getenv("NETTLE_FAT_OVERRIDE");
}

bool awh_aead_is_usable(void)
{
	pthread_once(&once, look);
	return usable;
}

struct awh_aead *awh_aead_new(void)
{
	return calloc(1, sizeof(struct awh_aead));
}

void awh_aead_free(struct awh_aead *aead)
{
	if (aead)
		explicit_bzero(aead, sizeof(*aead));
	free(aead);
}

/* The key of a connection changes now and then (RFC 8446 section 4.6.3). */
static void use_key(struct key *key, const struct nettle_cipher *cipher,
		    const struct awh_aead_record *record)
{
	if (key->len == record->key_len && memeql_sec(key->bytes, record->key, record->key_len))
		return;
	explicit_bzero(key, sizeof(*key));
	cipher->set_encrypt_key(&key->expanded, record->key);
	memcpy(key->bytes, record->key, record->key_len);
	key->len = record->key_len;
}

static void begin(struct gcm *gcm, struct key *key, const struct awh_aead_record *record)
{
	gcm->cipher = record->key_len == AWH_AEAD_KEY_MAX ? &nettle_aes256 : &nettle_aes128;
	gcm->key = &key->expanded;
	use_key(key, gcm->cipher, record);
	gcm_set_key(&gcm->hash, gcm->key, gcm->cipher->encrypt);
	gcm_set_iv(&gcm->state, &gcm->hash, AWH_AEAD_NONCE, record->nonce);
	gcm_update(&gcm->state, &gcm->hash, record->aad_len, record->aad);
}

/* The tag. The hash's key, by which forgeries are made, does not stay on the stack. */
static void end(struct gcm *gcm, uint8_t *tag)
{
	gcm_digest(&gcm->state, &gcm->hash, gcm->key, gcm->cipher->encrypt, AWH_AEAD_TAG, tag);
	explicit_bzero(gcm, sizeof(*gcm));
	awh_wipe_registers(); /* round keys */
}

void awh_aead_seal(struct awh_aead *aead, const struct awh_aead_record *record, uint8_t *tag)
{
	struct gcm gcm;

	begin(&gcm, &aead->seal, record);
	gcm_encrypt(&gcm.state, &gcm.hash, gcm.key, gcm.cipher->encrypt, record->len, record->out,
		    record->in);
	end(&gcm, tag);
}

bool awh_aead_open(struct awh_aead *aead, const struct awh_aead_record *record, const uint8_t *tag)
{
	uint8_t computed[AWH_AEAD_TAG];
	struct gcm gcm;
	bool is_right;

	begin(&gcm, &aead->open, record);
	gcm_decrypt(&gcm.state, &gcm.hash, gcm.key, gcm.cipher->encrypt, record->len, record->out,
		    record->in);
	end(&gcm, computed);
	is_right = memeql_sec(computed, tag, sizeof(computed));
	if (!is_right)
		explicit_bzero(record->out, record->len);
	explicit_bzero(computed, sizeof(computed)); /* the tag that a forger is after */
	return is_right;
}
