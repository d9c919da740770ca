/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pki.h"
#include "tls/context.h"
#include "tls/ids.h"

static bool malloc_fails;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

/* What an arena takes its blocks from. */
void *__wrap_malloc(size_t size)
{
	return malloc_fails ? NULL : __real_malloc(size);
}

static struct awh_peer *fill(const char *file)
{
	struct awh_peer *peer = awh_peer_new();
	struct pki_chain chain;
	struct awh_x509 leaf;

	assert_non_null(peer);
	pki_chain_load(&chain, file);
	assert_null(awh_x509_parse(&leaf, chain.spans[0]));
	assert_int_equal(awh_peer_begin(peer, &leaf), 0);
	assert_int_equal(awh_peer_fill(peer, &leaf), 0);
	pki_chain_deinit(&chain); /* the facts are copies */
	return peer;
}

static void knows_the_forms_of_a_cn(void **state)
{
	static const struct {
		const char *name;
		enum awh_cn_form form;
	} cases[] = {
	    {"good", AWH_CN_ONE},
	    {"cn-printable", AWH_CN_ONE},
	    {"cn-utf8", AWH_CN_ONE},
	    {"cn-4000-bytes", AWH_CN_ONE},
	    {"cn-trailing-space", AWH_CN_ONE},
	    {"cn-absent", AWH_CN_ABSENT},
	    {"cn-only-in-san", AWH_CN_ABSENT},
	    {"subject-empty", AWH_CN_ABSENT},
	    {"cn-two", AWH_CN_SEVERAL},
	    {"cn-two-listed-last", AWH_CN_SEVERAL},
	    {"cn-two-in-one-rdn", AWH_CN_SEVERAL},
	    {"cn-twice-the-same", AWH_CN_SEVERAL},
	    {"cn-empty", AWH_CN_UNFIT},
	    {"cn-nul", AWH_CN_UNFIT},
	    {"cn-nul-first", AWH_CN_UNFIT},
	    {"cn-newline", AWH_CN_UNFIT},
	    {"cn-control", AWH_CN_UNFIT},
	    {"cn-delete", AWH_CN_UNFIT},
	    {"cn-c1", AWH_CN_UNFIT},
	    {"cn-bad-utf8", AWH_CN_UNFIT},
	    {"cn-bmp", AWH_CN_UNFIT},
	    {"cn-universal", AWH_CN_UNFIT},
	    {"cn-t61", AWH_CN_UNFIT},
	    {"cn-ia5", AWH_CN_UNFIT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char file[128];
		struct awh_peer *peer;

		snprintf(file, sizeof(file), "client/%s.crt", cases[i].name);
		peer = fill(file);
		if (peer->cn_form != cases[i].form)
			fail_msg("%s: %d", cases[i].name, peer->cn_form);
		assert_int_equal(peer->facts.common_name != NULL, cases[i].form == AWH_CN_ONE);
		awh_peer_unref(peer);
	}
}

static void keeps_a_long_cn_whole(void **state)
{
	struct awh_peer *peer = fill("client/cn-4000-bytes.crt");

	(void)state;
	assert_int_equal(strlen(peer->facts.common_name), 4000);
	awh_peer_unref(peer);
}

static void lists_alternative_names(void **state)
{
	struct awh_peer *peer = fill("client/alternative-names.crt");
	const struct admwh_peer *facts = &peer->facts;

	(void)state;
	assert_int_equal(facts->n_dns_names, 1);
	assert_string_equal(facts->dns_names[0], "api.example");
	assert_int_equal(facts->n_uris, 1);
	assert_string_equal(facts->uris[0], "spiffe://cluster.local/sa/api");
	assert_int_equal(facts->n_ip_addresses, 2);
	assert_string_equal(facts->ip_addresses[0], "127.0.0.1");
	assert_string_equal(facts->ip_addresses[1], "2001:db8::1");
	awh_peer_unref(peer);
}

/* As many of one kind as there are, whatever the others are. */
static void counts_alternative_names_by_kind(void **state)
{
	static const struct {
		const char *names;
		size_t len, dns, uris, addresses;
	} cases[] = {
	    {"", 0, 0, 0, 0},
	    {"\x82\x01"
	     "a",
	     3, 1, 0, 0},
	    {"\x86\x01"
	     "a",
	     3, 0, 1, 0},
	    {"\x87\x04\x7f\0\0\1", 6, 0, 0, 1},
	    {"\x82\x01"
	     "a\x82\x01"
	     "b\x82\x01"
	     "c\x86\x01"
	     "d",
	     12, 3, 1, 0},
	    {"\x81\x01"
	     "a\x86\x01"
	     "b\x88\x01"
	     "c",
	     9, 0, 1, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct awh_x509 leaf = {
		    .subject = {(const uint8_t *)"\x30\x00", 2},
		    .alternative_names = {(const uint8_t *)cases[i].names, cases[i].len}};
		struct awh_peer *peer = awh_peer_new();

		assert_non_null(peer);
		assert_int_equal(awh_peer_fill(peer, &leaf), 0);
		assert_int_equal(peer->facts.n_dns_names, cases[i].dns);
		assert_int_equal(peer->facts.n_uris, cases[i].uris);
		assert_int_equal(peer->facts.n_ip_addresses, cases[i].addresses);
		awh_peer_unref(peer);
	}
}

static void lists_organizations(void **state)
{
	struct awh_peer *peer = fill("client/organization.crt");
	const struct admwh_peer *facts = &peer->facts;

	(void)state;
	assert_int_equal(facts->n_organizations, 1);
	assert_string_equal(facts->organizations[0], "system:masters");
	assert_int_equal(facts->n_organizational_units, 1);
	assert_string_equal(facts->organizational_units[0], "control plane");
	awh_peer_unref(peer);
}

static void copies_the_plain_facts(void **state)
{
	struct awh_peer *peer = fill("client/good.crt");
	const struct admwh_peer *facts = &peer->facts;

	(void)state;
	assert_string_equal(facts->common_name, "kube-apiserver");
	assert_null(facts->organizations);
	assert_null(facts->organizational_units);
	assert_null(facts->dns_names);
	assert_string_equal(facts->subject, "CN=kube-apiserver");
	assert_string_equal(facts->issuer, "CN=goodca");
	assert_int_equal(strlen(facts->serial), 4);
	assert_int_equal(strspn(facts->serial, "0123456789abcdef"), 4);
	assert_int_equal(strlen(facts->fingerprint), 64);
	assert_int_equal(strspn(facts->fingerprint, "0123456789abcdef"), 64);
	assert_int_equal(facts->not_before, 1577836800);
	assert_int_equal(facts->not_after, 2524607999);
	assert_int_equal(facts->n_dns_names + facts->n_uris + facts->n_ip_addresses, 0);
	assert_null(facts->bundle);
	assert_null(facts->rule);
	awh_peer_unref(peer);
}

/* A serial number loses the octet that keeps it positive, and no other zero. */
static void writes_serial_numbers_as_openssl_does(void **state)
{
	static const struct {
		uint8_t octets[3];
		size_t len;
		const char *text;
	} cases[] = {
	    {{0x00, 0xff}, 2, "ff"},
	    {{0x00}, 1, "00"},
	    {{0x7f, 0x00, 0x01}, 3, "7f0001"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_x509 cert = {.serial = {cases[i].octets, cases[i].len}};
		struct awh_arena arena = AWH_ARENA_NULL;
		struct awh_cert_ids ids;

		cert.der = cert.key_info = cert.serial;
		assert_int_equal(awh_cert_ids_read(&ids, &arena, &cert), 0);
		assert_string_equal(ids.serial, cases[i].text);
		if (SIZE_MAX > UINT32_MAX) {
			/* More than can be digested. */
			cert.key_info.len = (size_t)UINT32_MAX + 1;
			assert_int_equal(awh_cert_ids_read(&ids, &arena, &cert), ADMWH_E_NOMEM);
			assert_null(ids.serial);
		}
		awh_arena_deinit(&arena);
	}
}

/* Fill a peer whose arena has room bytes left and gets no more. */
static int fill_in(const struct awh_x509 *leaf, size_t room)
{
	enum { BLOCK = 4096 }; /* an arena's first */
	struct awh_peer *peer = awh_peer_new();
	int err;

	assert_non_null(peer);
	assert_non_null(awh_arena_alloc(&peer->arena, BLOCK - room));
	malloc_fails = true;
	err = awh_peer_begin(peer, leaf);
	if (err == 0)
		err = awh_peer_fill(peer, leaf);
	malloc_fails = false;
	if (err == 0)
		assert_string_equal(peer->facts.common_name, "kube-apiserver");
	awh_peer_unref(peer);
	return err;
}

/* Each of its texts and lists is the first that has no room. */
static void reports_that_a_fact_has_no_room(void **state)
{
	static const char *const files[] = {"client/alternative-names.crt",
					    "client/organization.crt"};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		struct pki_chain chain;
		struct awh_x509 leaf;
		size_t room = 0;

		pki_chain_load(&chain, files[i]);
		assert_null(awh_x509_parse(&leaf, chain.spans[0]));
		for (; fill_in(&leaf, room) == ADMWH_E_NOMEM; room += 16)
			assert_true(room < 4096);
		assert_int_equal(fill_in(&leaf, room), 0);
		assert_true(room > 1000); /* two lists of 64 names */
		pki_chain_deinit(&chain);
	}
}

static void takes_as_many_issuers_as_a_path_can_have(void **state)
{
	struct awh_peer *peer = fill("client/good.crt");
	struct awh_finding finding = {0};
	struct pki_chain chain;
	struct awh_x509 cert;
	struct awh_anchor above, anchor = {.denied_by = &above};

	(void)state;
	pki_chain_load(&chain, "client/good.crt");
	assert_null(awh_x509_parse(&cert, chain.spans[0]));
	above.cert = cert;
	for (; finding.n_issuers < AWH_ISSUERS_MAX - 1; finding.n_issuers++)
		finding.issuers[finding.n_issuers] = &cert;
	for (int i = 0; i < 2; i++) { /* what was there before does not count */
		assert_int_equal(awh_peer_fill_issuers(peer, &finding), 0);
		assert_int_equal(peer->n_issuers, AWH_ISSUERS_MAX - 1);
	}
	finding.anchor = &anchor;
	assert_int_equal(awh_peer_fill_issuers(peer, &finding), 0);
	assert_int_equal(peer->n_issuers, AWH_ISSUERS_MAX);
	assert_string_equal(peer->issuers[AWH_ISSUERS_MAX - 1].serial, peer->facts.serial);
	pki_chain_deinit(&chain);
	awh_peer_unref(peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(knows_the_forms_of_a_cn),
	    cmocka_unit_test(keeps_a_long_cn_whole),
	    cmocka_unit_test(lists_alternative_names),
	    cmocka_unit_test(counts_alternative_names_by_kind),
	    cmocka_unit_test(lists_organizations),
	    cmocka_unit_test(copies_the_plain_facts),
	    cmocka_unit_test(writes_serial_numbers_as_openssl_does),
	    cmocka_unit_test(takes_as_many_issuers_as_a_path_can_have),
	    cmocka_unit_test(reports_that_a_fact_has_no_room),
	};

	return cmocka_run_group_tests_name("peer", tests, NULL, NULL);
}
