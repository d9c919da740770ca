/* SPDX-License-Identifier: MIT */
/*
 * AES-GCM by nettle against published vectors (tests/vectors/aead: those of the
 * specification of GCM, and of NIST's CAVP) and against wolfCrypt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../vectors.h"
#include "pki.h"
#include "tls/aead.h"

#include <wolfssl/wolfcrypt/aes.h>

enum { RECORD_MAX = 16384 };

struct bytes {
	uint8_t data[128];
	size_t len;
};

static int make_aead(void **state)
{
	*state = awh_aead_is_usable() ? awh_aead_new() : NULL;
	return 0;
}

static struct awh_aead *need_aead(void **state)
{
	if (!awh_aead_is_usable())
		skip();
	assert_non_null(*state);
	return *state;
}

static int drop_aead(void **state)
{
	awh_aead_free(*state);
	return 0;
}

static struct bytes from_hex(const json_t *entry, const char *key)
{
	const char *text = json_string_value(json_object_get(entry, key));
	struct bytes bytes = {.len = text ? strlen(text) / 2 : 0};

	assert_true(bytes.len <= sizeof(bytes.data));
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned int byte;

		assert_int_equal(sscanf(text + 2 * i, "%2x", &byte), 1);
		bytes.data[i] = (uint8_t)byte;
	}
	return bytes;
}

static bool is_zero(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (data[i])
			return false;
	return true;
}

struct vector {
	const char *name;
	struct bytes key, nonce, aad, plaintext, ciphertext, tag;
	bool is_valid;
};

static struct awh_aead_record record_of(const struct vector *vector, const struct bytes *in,
					uint8_t *out)
{
	return (struct awh_aead_record){
	    .key = vector->key.data,
	    .key_len = vector->key.len,
	    .nonce = vector->nonce.data,
	    .aad = vector->aad.data,
	    .aad_len = vector->aad.len,
	    .in = in->data,
	    .out = out,
	    .len = in->len,
	};
}

static void check_seal(struct awh_aead *aead, const struct vector *vector)
{
	struct bytes out = vector->plaintext;
	uint8_t tag[AWH_AEAD_TAG];

	for (int in_place = 0; in_place < 2; in_place++) {
		struct awh_aead_record record =
		    record_of(vector, in_place ? &out : &vector->plaintext, out.data);

		out = vector->plaintext;
		awh_aead_seal(aead, &record, tag);
		if (memcmp(out.data, vector->ciphertext.data, out.len) != 0 ||
		    memcmp(tag, vector->tag.data, sizeof(tag)) != 0)
			fail_msg("%s: sealed otherwise", vector->name);
	}
}

/* As it is, and with a bit changed in each of its parts. */
static void check_open(struct awh_aead *aead, const struct vector *vector)
{
	struct vector forged = *vector;
	struct bytes *parts[] = {&forged.tag, &forged.nonce, &forged.aad, &forged.ciphertext,
				 &forged.key};
	struct bytes out = {0};
	struct awh_aead_record record = record_of(vector, &vector->ciphertext, out.data);

	if (awh_aead_open(aead, &record, vector->tag.data) != vector->is_valid)
		fail_msg("%s", vector->name);
	if (memcmp(out.data, vector->plaintext.data, record.len) != 0) /* or zeros */
		fail_msg("%s: opened otherwise", vector->name);
	for (size_t i = 0; vector->is_valid && i < sizeof(parts) / sizeof(*parts); i++)
		for (size_t at = 0; at < parts[i]->len; at++) {
			struct bytes in;

			forged = *vector;
			parts[i]->data[at] ^= (uint8_t)(1 << at % 8);
			in = forged.ciphertext;
			record = record_of(&forged, &in, in.data);
			assert_false(awh_aead_open(aead, &record, forged.tag.data));
			assert_true(is_zero(in.data, record.len));
		}
}

static void agrees_with_published_vectors(void **state)
{
	struct awh_aead *aead = need_aead(state);
	size_t len = 0, i, valid = 0, forged = 0;
	char *text = read_vector("aead", "cases", ".json", &len);
	json_t *cases = json_loads(text ? text : "", 0, NULL);
	json_t *entry;

	assert_non_null(cases);
	json_array_foreach(cases, i, entry) {
		struct vector vector = {
		    .name = json_string_value(json_object_get(entry, "case")),
		    .key = from_hex(entry, "key"),
		    .nonce = from_hex(entry, "nonce"),
		    .aad = from_hex(entry, "aad"),
		    .plaintext = from_hex(entry, "plaintext"),
		    .ciphertext = from_hex(entry, "ciphertext"),
		    .tag = from_hex(entry, "tag"),
		    .is_valid = json_is_string(json_object_get(entry, "plaintext")),
		};

		if (vector.is_valid)
			check_seal(aead, &vector);
		check_open(aead, &vector);
		valid += vector.is_valid;
		forged += !vector.is_valid;
	}
	assert_true(valid > 40 && forged > 20);
	json_decref(cases);
	free(text);
}

/* Another key, nonce and header for each record, so that each direction expands a key each time. */
static void compare(struct awh_aead *aead, Aes *aes, size_t key_len, size_t len)
{
	static uint8_t plain[RECORD_MAX], ours[RECORD_MAX], theirs[RECORD_MAX];
	uint8_t key[AWH_AEAD_KEY_MAX], nonce[AWH_AEAD_NONCE], aad[5] = {23, 3, 3};
	uint8_t our_tag[AWH_AEAD_TAG], their_tag[AWH_AEAD_TAG];
	struct awh_aead_record record = {key, key_len, nonce, aad, sizeof(aad), plain, ours, len};

	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(len >> 3 ^ i * 37);
	for (size_t i = 0; i < sizeof(nonce); i++)
		nonce[i] = (uint8_t)(len * 11 + i);
	for (size_t i = 0; i < len; i++)
		plain[i] = (uint8_t)((i * 7 + len) >> 2);
	aad[3] = (uint8_t)(len >> 8);
	aad[4] = (uint8_t)len;
	awh_aead_seal(aead, &record, our_tag);
	assert_int_equal(wc_AesGcmSetKey(aes, key, (word32)key_len), 0);
	assert_int_equal(wc_AesGcmEncrypt(aes, theirs, plain, (word32)len, nonce, sizeof(nonce),
					  their_tag, sizeof(their_tag), aad, sizeof(aad)),
			 0);
	if (memcmp(ours, theirs, len) != 0 || memcmp(our_tag, their_tag, sizeof(our_tag)) != 0)
		fail_msg("%zu bytes with a key of %zu", len, key_len);
	record.in = theirs;
	assert_true(awh_aead_open(aead, &record, their_tag));
	assert_memory_equal(ours, plain, len);
}

static void agrees_with_wolfcrypt_on_records_of_every_size(void **state)
{
	struct awh_aead *aead = need_aead(state);
	Aes aes;

	assert_int_equal(wc_AesInit(&aes, NULL, INVALID_DEVID), 0);
	for (size_t len = 1; len <= RECORD_MAX; len++)
		compare(aead, &aes, len % 2 ? 16 : 32, len);
	for (size_t len = 1; len <= 300; len++)
		compare(aead, &aes, len % 2 ? 32 : 16, len);
	wc_AesFree(&aes);
}

/* Two keys that are equal but in their last byte, and one that begins like another. */
static void takes_no_key_for_another(void **state)
{
	struct awh_aead *aead = need_aead(state);
	static const uint8_t nonce[AWH_AEAD_NONCE];
	uint8_t keys[3][AWH_AEAD_KEY_MAX] = {{1}, {1}, {1}};
	const size_t lens[] = {16, 16, 32};
	uint8_t first[3][64], again[64], tag[AWH_AEAD_TAG];

	keys[1][15] = 1;
	for (size_t i = 0; i < 9; i++) {
		struct awh_aead_record record = {keys[i % 3], lens[i % 3], nonce, NULL,
						 0,           again,       again, 64};

		memset(again, 0, sizeof(again));
		awh_aead_seal(aead, &record, tag);
		if (i < 3)
			memcpy(first[i], again, sizeof(again));
		assert_memory_equal(first[i % 3], again, sizeof(again));
	}
	for (size_t i = 0; i < 3; i++)
		assert_memory_not_equal(first[i], first[(i + 1) % 3], 64);
}

/* The first test: the answer is found once a process. */
static void is_not_usable_where_nettle_is_told_to_use_no_instructions(void **state)
{
	pid_t child = fork();
	int status = -1;

	(void)state;
	if (child == 0) {
		setenv("NETTLE_FAT_OVERRIDE", "none", 1);
		_exit(awh_aead_is_usable());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void says_whether_it_is_usable(void **state)
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	char line[8192];
	bool has_aes = false;

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		if (strncmp(line, "flags", 5) == 0 || strncmp(line, "Features", 8) == 0)
			has_aes = strstr(line, " aes") &&
				  (strstr(line, " pclmulqdq") || strstr(line, " pmull"));
	fclose(file);
	assert_int_equal(awh_aead_is_usable(), has_aes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(is_not_usable_where_nettle_is_told_to_use_no_instructions),
	    cmocka_unit_test(says_whether_it_is_usable),
	    cmocka_unit_test_setup_teardown(agrees_with_published_vectors, make_aead, drop_aead),
	    cmocka_unit_test_setup_teardown(agrees_with_wolfcrypt_on_records_of_every_size,
					    make_aead, drop_aead),
	    cmocka_unit_test_setup_teardown(takes_no_key_for_another, make_aead, drop_aead),
	};

	return cmocka_run_group_tests_name("aead", tests, start_wolfssl, NULL);
}
