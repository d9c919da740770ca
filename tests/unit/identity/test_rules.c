/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "identity/rules.h"

#define HEX64 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define HEX64_UPPER "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF"
#define HEX64_COLONS                                                                               \
	"00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:"  \
	"DD:EE:FF"

static char long_name[AWH_RULE_BYTES_MAX + 2];

static int set_up(void **state)
{
	(void)state;
	memset(long_name, 'a', sizeof(long_name) - 1);
	return 0;
}

static void refuses_values_no_certificate_could_meet(void **state)
{
	static const struct {
		enum admwh_rule kind;
		const char *value;
	} cases[] = {
	    {(enum admwh_rule)0, "a"},
	    {(enum admwh_rule)8, "a"},
	    {(enum admwh_rule) - 1, "a"},
	    {ADMWH_RULE_CN, NULL},
	    {ADMWH_RULE_CN, ""},
	    {ADMWH_RULE_CN, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
	    {ADMWH_RULE_CN, "a\nb"},
	    {ADMWH_RULE_CN, "a\x7f"},
	    {ADMWH_RULE_CN, "a\xff"},
	    {ADMWH_RULE_CN, "\xc2\x85"},
	    {ADMWH_RULE_CN, "a\tb"},
	    {ADMWH_RULE_CN, "\xed\xa0\x80"},
	    {ADMWH_RULE_DNS, ""},
	    {ADMWH_RULE_DNS, "a b"},
	    {ADMWH_RULE_DNS, "k\xc3\xbc.example"},
	    {ADMWH_RULE_DNS, long_name},
	    {ADMWH_RULE_URI, ""},
	    {ADMWH_RULE_URI, "spiffe://a b"},
	    {ADMWH_RULE_URI, "spiffe://\xc3\xbc"},
	    {ADMWH_RULE_URI, long_name},
	    {ADMWH_RULE_IP, ""},
	    {ADMWH_RULE_IP, "10.0.0"},
	    {ADMWH_RULE_IP, "10.0.0.1/8"},
	    {ADMWH_RULE_IP, "010.0.0.1"},
	    {ADMWH_RULE_IP, "10.0.0.1 "},
	    {ADMWH_RULE_IP, "0x7f000001"},
	    {ADMWH_RULE_IP, "[::1]"},
	    {ADMWH_RULE_IP, "fe80::1%eth0"},
	    {ADMWH_RULE_IP, ":::"},
	    {ADMWH_RULE_IP, "localhost"},
	    {ADMWH_RULE_IP, "0000:0000:0000:0000:0000:0000:0000:0000:0000"},
	    {ADMWH_RULE_IP, long_name},
	    {ADMWH_RULE_O, ""},
	    {ADMWH_RULE_O, "a\x01"},
	    {ADMWH_RULE_O, long_name},
	    {ADMWH_RULE_OU, ""},
	    {ADMWH_RULE_OU, long_name},
	    {ADMWH_RULE_SHA256, ""},
	    {ADMWH_RULE_SHA256, "00"},
	    {ADMWH_RULE_SHA256, HEX64 "0"},
	    {ADMWH_RULE_SHA256, HEX64 "00"},
	    {ADMWH_RULE_SHA256, "g0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"},
	    {ADMWH_RULE_SHA256, ":" HEX64},
	    {ADMWH_RULE_SHA256, HEX64 ":"},
	    {ADMWH_RULE_SHA256, " " HEX64},
	    {ADMWH_RULE_SHA256,
	     "00::112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"},
	    {ADMWH_RULE_SHA256, long_name},
	    {ADMWH_RULE_SPKI_SHA256, "00"},
	    {ADMWH_RULE_SPKI_SHA256, HEX64 "00"},
	};
	struct awh_values rules = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_error error = {0};

		assert_int_equal(awh_rules_add(&rules, cases[i].kind, cases[i].value, 64, &error),
				 ADMWH_E_INVAL);
		assert_true(error.text[0] != '\0');
	}
	assert_int_equal(rules.n_items, 0);
	awh_values_deinit(&rules);
}

static void keeps_each_value_in_one_form(void **state)
{
	static const struct {
		enum admwh_rule kind;
		const char *value, *text;
	} cases[] = {
	    {ADMWH_RULE_CN, "kube-apiserver", "cn:kube-apiserver"},
	    {ADMWH_RULE_CN, " Spaces are kept ", "cn: Spaces are kept "},
	    {ADMWH_RULE_CN,
	     "k\xc3\xbc"
	     "be",
	     "cn:k\xc3\xbc"
	     "be"},
	    {ADMWH_RULE_CN, "a:b", "cn:a:b"},
	    {ADMWH_RULE_DNS, "API.Example", "dns:api.example"},
	    {ADMWH_RULE_DNS, "*.example", "dns:*.example"},
	    {ADMWH_RULE_URI, "spiffe://Cluster/X", "uri:spiffe://Cluster/X"},
	    {ADMWH_RULE_IP, "10.0.0.1", "ip:10.0.0.1"},
	    {ADMWH_RULE_IP, "2001:DB8:0:0::1", "ip:2001:db8::1"},
	    {ADMWH_RULE_IP, "0:0:0:0:0:0:0:0", "ip:::"},
	    {ADMWH_RULE_IP, "::ffff:10.0.0.1", "ip:::ffff:10.0.0.1"},
	    {ADMWH_RULE_O, "system:masters", "o:system:masters"},
	    {ADMWH_RULE_OU, "Admission", "ou:Admission"},
	    {ADMWH_RULE_SHA256, HEX64, "sha256:" HEX64},
	    {ADMWH_RULE_SHA256, HEX64_UPPER, "sha256:" HEX64},
	    {ADMWH_RULE_SHA256, HEX64_COLONS, "sha256:" HEX64},
	    {ADMWH_RULE_SPKI_SHA256, HEX64_COLONS, "spki-sha256:" HEX64},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_values rules = {0};

		assert_int_equal(awh_rules_add(&rules, cases[i].kind, cases[i].value, 64, NULL), 0);
		assert_string_equal(rules.items[0].text, cases[i].text);
		awh_values_deinit(&rules);
	}
}

static const char *const none[] = {NULL};

/* A peer that has this one name of a kind, and nothing else. */
static struct awh_peer *peer_with(enum admwh_rule kind, const char *const *name)
{
	struct awh_peer *peer = awh_peer_new();

	assert_non_null(peer);
	peer->cn_form = kind == ADMWH_RULE_CN ? AWH_CN_ONE : AWH_CN_ABSENT;
	peer->facts.common_name = kind == ADMWH_RULE_CN ? *name : NULL;
	peer->facts.dns_names = kind == ADMWH_RULE_DNS ? name : none;
	peer->facts.n_dns_names = kind == ADMWH_RULE_DNS;
	peer->facts.uris = kind == ADMWH_RULE_URI ? name : none;
	peer->facts.n_uris = kind == ADMWH_RULE_URI;
	peer->facts.ip_addresses = kind == ADMWH_RULE_IP ? name : none;
	peer->facts.n_ip_addresses = kind == ADMWH_RULE_IP;
	peer->facts.organizations = kind == ADMWH_RULE_O ? name : none;
	peer->facts.n_organizations = kind == ADMWH_RULE_O;
	peer->facts.organizational_units = kind == ADMWH_RULE_OU ? name : none;
	peer->facts.n_organizational_units = kind == ADMWH_RULE_OU;
	peer->facts.fingerprint = kind == ADMWH_RULE_SHA256 ? *name : NULL;
	peer->key = kind == ADMWH_RULE_SPKI_SHA256 ? *name : NULL;
	return peer;
}

struct match {
	enum admwh_rule kind; /* of the rule */
	const char *rule;
	enum admwh_rule name_kind;
	const char *name; /* in the certificate */
};

static void check_matches(const struct match *cases, size_t n, bool expected)
{
	for (size_t i = 0; i < n; i++) {
		struct awh_peer *peer = peer_with(cases[i].name_kind, &cases[i].name);
		struct awh_values rules = {0};
		const struct awh_value *found;

		assert_int_equal(awh_rules_add(&rules, cases[i].kind, cases[i].rule, 64, NULL), 0);
		awh_values_seal(&rules);
		found = awh_rules_find(&rules, peer, 64);
		if (!!found != expected)
			fail_msg("case %zu: rule \"%s\", name \"%s\"", i, cases[i].rule,
				 cases[i].name);
		awh_values_deinit(&rules);
		awh_peer_unref(peer);
	}
}

static void is_not_met_by_other_names(void **state)
{
	static const struct match cases[] = {
	    {ADMWH_RULE_CN, "api", ADMWH_RULE_CN, "apii"},
	    {ADMWH_RULE_CN, "api", ADMWH_RULE_CN, "ap"},
	    {ADMWH_RULE_CN, "api", ADMWH_RULE_CN, "API"},
	    {ADMWH_RULE_CN, "api", ADMWH_RULE_CN, ""},
	    {ADMWH_RULE_CN, "*", ADMWH_RULE_CN, "api"},
	    {ADMWH_RULE_DNS, "*.example", ADMWH_RULE_DNS, "api.example"},
	    {ADMWH_RULE_DNS, "api.example", ADMWH_RULE_DNS, "api-example"},
	    {ADMWH_RULE_DNS, "api.example", ADMWH_RULE_DNS, "api.example."},
	    {ADMWH_RULE_DNS, "api.example", ADMWH_RULE_DNS, "*.example"},
	    {ADMWH_RULE_DNS, "example", ADMWH_RULE_DNS, "api.example"},
	    {ADMWH_RULE_DNS, "a", ADMWH_RULE_DNS, ""},
	    {ADMWH_RULE_DNS, "a", ADMWH_RULE_DNS, long_name},
	    /* Only ASCII letters have another case: these differ by 0x20, too. */
	    {ADMWH_RULE_DNS, "a[b", ADMWH_RULE_DNS, "a{b"},
	    {ADMWH_RULE_DNS, "a@b", ADMWH_RULE_DNS, "a`b"},
	    {ADMWH_RULE_URI, "spiffe://a/b", ADMWH_RULE_URI, "spiffe://a/B"},
	    {ADMWH_RULE_URI, "spiffe://a/b", ADMWH_RULE_URI, "SPIFFE://a/b"},
	    {ADMWH_RULE_URI, "spiffe://a/b", ADMWH_RULE_URI, "spiffe://a/b/"},
	    {ADMWH_RULE_URI, "spiffe://a/b", ADMWH_RULE_URI, "spiffe://a"},
	    {ADMWH_RULE_IP, "10.0.0.1", ADMWH_RULE_IP, "10.0.0.11"},
	    {ADMWH_RULE_IP, "10.0.0.1", ADMWH_RULE_IP, "::ffff:10.0.0.1"},
	    {ADMWH_RULE_IP, "::ffff:10.0.0.1", ADMWH_RULE_IP, "10.0.0.1"},
	    {ADMWH_RULE_IP, "::10.0.0.1", ADMWH_RULE_IP, "10.0.0.1"},
	    {ADMWH_RULE_O, "a", ADMWH_RULE_O, "A"},
	    {ADMWH_RULE_OU, "a", ADMWH_RULE_OU, "a "},
	    {ADMWH_RULE_SHA256, HEX64, ADMWH_RULE_SHA256,
	     "10112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"},
	    /* A name of one kind is nothing to a rule of another. */
	    {ADMWH_RULE_CN, "a", ADMWH_RULE_DNS, "a"},
	    {ADMWH_RULE_CN, "a", ADMWH_RULE_O, "a"},
	    {ADMWH_RULE_DNS, "a", ADMWH_RULE_CN, "a"},
	    {ADMWH_RULE_DNS, "a", ADMWH_RULE_URI, "a"},
	    {ADMWH_RULE_URI, "a", ADMWH_RULE_DNS, "a"},
	    {ADMWH_RULE_O, "a", ADMWH_RULE_OU, "a"},
	    {ADMWH_RULE_OU, "a", ADMWH_RULE_O, "a"},
	    {ADMWH_RULE_IP, "10.0.0.1", ADMWH_RULE_DNS, "10.0.0.1"},
	    {ADMWH_RULE_DNS, "10.0.0.1", ADMWH_RULE_IP, "10.0.0.1"},
	    {ADMWH_RULE_SHA256, HEX64, ADMWH_RULE_CN, HEX64},
	    {ADMWH_RULE_CN, HEX64, ADMWH_RULE_SHA256, HEX64},
	    {ADMWH_RULE_SHA256, HEX64, ADMWH_RULE_SPKI_SHA256, HEX64},
	    {ADMWH_RULE_SPKI_SHA256, HEX64, ADMWH_RULE_SHA256, HEX64},
	};

	(void)state;
	check_matches(cases, sizeof(cases) / sizeof(*cases), false);
}

static void is_met_by_its_name(void **state)
{
	static const struct match cases[] = {
	    {ADMWH_RULE_CN, "api", ADMWH_RULE_CN, "api"},
	    {ADMWH_RULE_DNS, "API.example", ADMWH_RULE_DNS, "api.EXAMPLE"},
	    {ADMWH_RULE_DNS, "*.example", ADMWH_RULE_DNS, "*.Example"},
	    {ADMWH_RULE_DNS, "A", ADMWH_RULE_DNS, "a"},
	    {ADMWH_RULE_DNS, "az[", ADMWH_RULE_DNS, "AZ["},
	    {ADMWH_RULE_DNS, long_name + 1, ADMWH_RULE_DNS, long_name + 1},
	    {ADMWH_RULE_URI, "spiffe://a/b", ADMWH_RULE_URI, "spiffe://a/b"},
	    {ADMWH_RULE_IP, "10.0.0.1", ADMWH_RULE_IP, "10.0.0.1"},
	    {ADMWH_RULE_IP, "2001:db8:0::0001", ADMWH_RULE_IP, "2001:db8::1"},
	    {ADMWH_RULE_O, "a", ADMWH_RULE_O, "a"},
	    {ADMWH_RULE_OU, "a", ADMWH_RULE_OU, "a"},
	    {ADMWH_RULE_SHA256, HEX64_COLONS, ADMWH_RULE_SHA256, HEX64},
	    {ADMWH_RULE_SPKI_SHA256, HEX64_COLONS, ADMWH_RULE_SPKI_SHA256, HEX64},
	};

	(void)state;
	check_matches(cases, sizeof(cases) / sizeof(*cases), true);
}

static void looks_at_every_name_of_a_kind(void **state)
{
	static const char *const units[] = {"first", "second", "third"};
	struct awh_peer *peer = awh_peer_new();
	struct awh_values rules = {0};

	(void)state;
	peer->facts.organizational_units = units;
	peer->facts.n_organizational_units = 3;
	assert_int_equal(awh_rules_add(&rules, ADMWH_RULE_OU, "third", 64, NULL), 0);
	awh_values_seal(&rules);
	assert_string_equal(awh_rules_find(&rules, peer, 64)->text, "ou:third");
	peer->facts.n_organizational_units = 2;
	assert_null(awh_rules_find(&rules, peer, 64));
	awh_values_deinit(&rules);
	awh_peer_unref(peer);
}

static void finds_nothing_in_an_empty_set(void **state)
{
	static const char *const name[] = {"a"};
	struct awh_values rules = {0};

	(void)state;
	for (int kind = 1; kind <= ADMWH_RULE_SPKI_SHA256; kind++) {
		struct awh_peer *peer = peer_with((enum admwh_rule)kind, name);

		assert_null(awh_rules_find(&rules, peer, 64));
		assert_null(awh_rules_find(NULL, peer, 64));
		assert_null(awh_denials_find(&rules, peer));
		assert_null(awh_denials_find(NULL, peer));
		awh_peer_unref(peer);
	}
	awh_values_seal(&rules);
	awh_values_deinit(&rules);
}

static void does_not_look_at_a_cn_over_the_limit(void **state)
{
	static const char *const name[] = {"abcdef"};
	struct awh_peer *peer = peer_with(ADMWH_RULE_CN, name);
	struct awh_values rules = {0};

	(void)state;
	assert_int_equal(awh_rules_add(&rules, ADMWH_RULE_CN, "abcdef", 64, NULL), 0);
	awh_values_seal(&rules);
	assert_non_null(awh_rules_find(&rules, peer, 6));
	assert_null(awh_rules_find(&rules, peer, 5));
	awh_values_deinit(&rules);
	awh_peer_unref(peer);
}

struct file_case {
	const char *text;
	size_t len; /* 0: up to the NUL */
	const char *error;
};

#define TEXT(text, error)                                                                          \
	{                                                                                          \
		text, sizeof(text) - 1, error                                                      \
	}

static void names_the_line_of_an_allow_file_that_is_wrong(void **state)
{
	static const struct file_case cases[] = {
	    TEXT("kube-apiserver\n", "line 1: expected cn:, dns:, uri:, ip:, o:, ou:, sha256: or "
				     "spki-sha256: and a value"),
	    TEXT("cn:a\nCN:a\n", "line 2: expected cn:, dns:, uri:, ip:, o:, ou:, sha256: or "
				 "spki-sha256: and a value"),
	    TEXT("\n\n#x\n serial:00", "line 4: expected cn:, dns:, uri:, ip:, o:, ou:, sha256: or "
				       "spki-sha256: and a value"),
	    TEXT("\xef\xbb\xbf"
		 "cn:a",
		 "line 1: expected cn:, dns:, uri:, ip:, o:, ou:, sha256: or spki-sha256: and a "
		 "value"),
	    TEXT("cn:", "line 1: cn: an empty value matches no certificate"),
	    TEXT("cn:\r\n", "line 1: cn: an empty value matches no certificate"),
	    TEXT("cn: a", "line 1: cn: a space before or behind the value"),
	    TEXT("cn:a ", "line 1: cn: a space before or behind the value"),
	    TEXT("cn:a\r\r\n", "line 1: cn: not UTF-8, or a control character in it"),
	    TEXT("cn:a\rdns:b", "line 1: cn: not UTF-8, or a control character in it"),
	    TEXT("cn:a\0b", "line 1: cn: not UTF-8, or a control character in it"),
	    TEXT("cn:a\n\0\n", "line 2: expected cn:, dns:, uri:, ip:, o:, ou:, sha256: or "
			       "spki-sha256: and a value"),
	    TEXT("cn:a\xff", "line 1: cn: not UTF-8, or a control character in it"),
	    TEXT("ip:10.0.0.0/8", "line 1: ip:10.0.0.0/8: expected an IPv4 or IPv6 address"),
	    TEXT("sha256:00",
		 "line 1: sha256:00: expected the 64 hexadecimal digits of a SHA-256 digest"),
	    TEXT("ip:"
		 "a\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
		 "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
		 "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
		 "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9",
		 "line 1: "
		 "ip:a\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
		 "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
		 "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
		 "\xc3\xa9\xc3\xa9...: expected an IPv4 or IPv6 address"),
	    TEXT("dns:a b", "line 1: dns:a b: expected visible ASCII characters"),
	    TEXT("cn:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		 "line 1: cn:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...: "
		 "CN of "
		 "65 bytes is longer than the limit of 64"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_values rules = {0};
		struct awh_error error = {0};

		assert_int_equal(awh_rules_read(&rules, cases[i].text, cases[i].len, 64, &error),
				 ADMWH_E_INVAL);
		assert_string_equal(error.text, cases[i].error);
		awh_values_deinit(&rules);
	}
}

static void reads_allow_files(void **state)
{
	static const char text[] = "# who may call\r\n"
				   "cn:kube-apiserver\r\n"
				   "\r\n"
				   "\n"
				   "dns:API.example\n"
				   "cn:kube-apiserver\n" /* twice is once */
				   "#cn:gone\n"
				   "uri:spiffe://cluster.local/ns/x/sa/y\n"
				   "ip:2001:db8::1\n"
				   "o:Example Inc.\n"
				   "ou:#1\n"
				   "sha256:" HEX64; /* no line end */
	static const char *const expected[] = {
	    "cn:kube-apiserver", "dns:api.example", "uri:spiffe://cluster.local/ns/x/sa/y",
	    "ip:2001:db8::1",    "o:Example Inc.",  "ou:#1",
	    ("sha256:" HEX64)};
	struct awh_values rules = {0};

	(void)state;
	assert_int_equal(awh_rules_read(&rules, text, sizeof(text) - 1, 64, NULL), 0);
	awh_values_seal(&rules);
	assert_int_equal(rules.n_items, 7);
	for (size_t i = 0; i < 7; i++)
		assert_string_equal(rules.items[i].text, expected[i]);
	awh_values_deinit(&rules);
}

static void reads_nothing_from_an_empty_file(void **state)
{
	struct awh_values rules = {0};

	(void)state;
	assert_int_equal(awh_rules_read(&rules, "", 0, 64, NULL), 0);
	assert_int_equal(awh_rules_read(&rules, NULL, 0, 64, NULL), 0);
	assert_int_equal(awh_rules_read(&rules, "\n\r\n#\n", 5, 64, NULL), 0);
	assert_int_equal(rules.n_items, 0);
	awh_values_deinit(&rules);
}

static void reads_a_megabyte_of_rules_and_finds_each(void **state)
{
	enum { LINES = 70000 };
	char *text = malloc(LINES * 15 + 1);
	struct awh_values rules = {0};
	size_t len = 0;

	(void)state;
	assert_non_null(text);
	for (unsigned int i = 0; i < LINES; i++)
		len += (size_t)sprintf(text + len, "dns:n%u.x\n", i * 7919U % LINES);
	assert_int_equal(awh_rules_read(&rules, text, len, 64, NULL), 0);
	awh_values_seal(&rules);
	assert_int_equal(rules.n_items, LINES);
	for (unsigned int i = 0; i < LINES; i += 997) {
		char name[16];
		const char *const names[] = {name};
		struct awh_peer *peer = peer_with(ADMWH_RULE_DNS, names);

		snprintf(name, sizeof(name), "N%u.X", i);
		assert_non_null(awh_rules_find(&rules, peer, 64));
		awh_peer_unref(peer);
	}
	awh_values_deinit(&rules);
	free(text);
}

static void refuses_a_line_of_a_megabyte(void **state)
{
	size_t len = 1024 * 1024;
	char *text = malloc(len);
	struct awh_values rules = {0};

	(void)state;
	assert_non_null(text);
	memset(text, 'a', len);
	memcpy(text, "uri:", 4);
	assert_int_equal(awh_rules_read(&rules, text, len, 64, NULL), ADMWH_E_INVAL);
	memcpy(text, "sha256:", 7);
	assert_int_equal(awh_rules_read(&rules, text, len, 64, NULL), ADMWH_E_INVAL);
	memcpy(text, "serial:", 7);
	assert_int_equal(awh_denials_read(&rules, text, len, NULL), ADMWH_E_INVAL);
	awh_values_deinit(&rules);
	free(text);
}

static void names_the_line_of_a_deny_file_that_is_wrong(void **state)
{
	static const struct file_case cases[] = {
	    TEXT("cn:a\n", "line 1: expected serial:, sha256: or spki-sha256: and a value"),
	    TEXT("0aff\n", "line 1: expected serial:, sha256: or spki-sha256: and a value"),
	    TEXT("serial:\n", "line 1: serial: an empty value matches no certificate"),
	    TEXT("\nserial:0x1\n",
		 "line 2: serial:0x1: expected the hexadecimal digits of a serial number"),
	    TEXT("serial:1-2\n",
		 "line 1: serial:1-2: expected the hexadecimal digits of a serial number"),
	    TEXT("serial:-1\n",
		 "line 1: serial:-1: expected the hexadecimal digits of a serial number"),
	    TEXT("serial::\n",
		 "line 1: serial::: expected the hexadecimal digits of a serial number"),
	    TEXT("sha256:0a\n",
		 "line 1: sha256:0a: expected the 64 hexadecimal digits of a SHA-256 digest"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct awh_values denials = {0};
		struct awh_error error = {0};

		assert_int_equal(awh_denials_read(&denials, cases[i].text, cases[i].len, &error),
				 ADMWH_E_INVAL);
		assert_string_equal(error.text, cases[i].error);
		awh_values_deinit(&denials);
	}
}

static bool is_denied(const char *line, const struct awh_peer *peer)
{
	struct awh_values denials = {0};
	bool denied;

	assert_int_equal(awh_denials_read(&denials, line, strlen(line), NULL), 0);
	awh_values_seal(&denials);
	denied = awh_denials_find(&denials, peer) != NULL;
	awh_values_deinit(&denials);
	return denied;
}

static void shuts_out_a_serial_however_it_is_written(void **state)
{
	static const char *const spellings[] = {"serial:aff",   "serial:AFF",    "serial:0aff",
						"serial:0A:FF", "serial:000aFf", "serial:00:0a:ff"};
	static const char *const others[] = {"serial:af", "serial:aff0", "serial:0", "serial:00"};
	static const char *const forms[] = {"aff", "0aff", "000aff"};
	struct awh_peer *peer = awh_peer_new();

	(void)state;
	for (size_t form = 0; form < 3; form++) {
		peer->facts.serial = forms[form];
		for (size_t i = 0; i < sizeof(spellings) / sizeof(*spellings); i++)
			assert_true(is_denied(spellings[i], peer));
		for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
			assert_false(is_denied(others[i], peer));
	}
	peer->facts.serial = "00";
	assert_true(is_denied("serial:0", peer));
	awh_peer_unref(peer);
}

static void shuts_out_what_is_below_a_denied_intermediate(void **state)
{
	struct awh_peer *peer = awh_peer_new();

	(void)state;
	peer->facts.serial = "01";
	peer->facts.fingerprint = HEX64;
	peer->issuers[0] = (struct awh_cert_ids){.serial = "02"};
	peer->issuers[1] = (struct awh_cert_ids){
	    .serial = "03",
	    .fingerprint = "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"};
	peer->n_issuers = 2;
	assert_true(is_denied("serial:1", peer));
	assert_true(is_denied("serial:2", peer));
	assert_true(is_denied("serial:3", peer));
	assert_false(is_denied("serial:4", peer));
	assert_true(is_denied("sha256:" HEX64_COLONS, peer));
	assert_true(is_denied(
	    "sha256:FF112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF", peer));
	peer->n_issuers = 1;
	assert_false(is_denied("serial:3", peer));
	awh_peer_unref(peer);
}

/* In the client's certificate or in one above it; a fingerprint is no key. */
static void denies_a_key_in_whatever_certificate(void **state)
{
	struct awh_peer *peer = awh_peer_new();

	(void)state;
	assert_false(is_denied("spki-sha256:" HEX64, peer));
	peer->facts.fingerprint = HEX64;
	assert_false(is_denied("spki-sha256:" HEX64, peer));
	peer->facts.fingerprint = NULL;
	peer->key = HEX64;
	assert_true(is_denied("spki-sha256:" HEX64_UPPER, peer));
	assert_false(is_denied("sha256:" HEX64, peer));
	peer->key = NULL;
	peer->n_issuers = AWH_ISSUERS_MAX;
	assert_false(is_denied("spki-sha256:" HEX64, peer));
	peer->issuers[AWH_ISSUERS_MAX - 1].key = HEX64;
	assert_true(is_denied("spki-sha256:" HEX64_COLONS, peer));
	awh_peer_unref(peer);
}

static void knows_every_kind_of_the_public_table_by_its_name(void **state)
{
	static const char *const values[] = {
	    [ADMWH_RULE_CN] = "a",       [ADMWH_RULE_DNS] = "a",
	    [ADMWH_RULE_URI] = "a",      [ADMWH_RULE_IP] = "::1",
	    [ADMWH_RULE_O] = "a",        [ADMWH_RULE_OU] = "a",
	    [ADMWH_RULE_SHA256] = HEX64, [ADMWH_RULE_SPKI_SHA256] = HEX64};
	struct awh_values rules = {0};
	size_t n = 0;

	(void)state;
#define CHECK(id, number, name, compared)                                                          \
	assert_int_equal(awh_rules_add(&rules, ADMWH_RULE_##id, values[number], 64, NULL), 0);     \
	assert_memory_equal(rules.items[n].text, name ":", sizeof(name));                          \
	assert_string_equal(rules.items[n].value, values[number]);                                 \
	n++;
	ADMWH_RULE_MAP(CHECK)
#undef CHECK
	awh_values_deinit(&rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refuses_values_no_certificate_could_meet),
	    cmocka_unit_test(is_not_met_by_other_names),
	    cmocka_unit_test(finds_nothing_in_an_empty_set),
	    cmocka_unit_test(does_not_look_at_a_cn_over_the_limit),
	    cmocka_unit_test(names_the_line_of_an_allow_file_that_is_wrong),
	    cmocka_unit_test(names_the_line_of_a_deny_file_that_is_wrong),
	    cmocka_unit_test(refuses_a_line_of_a_megabyte),
	    cmocka_unit_test(keeps_each_value_in_one_form),
	    cmocka_unit_test(is_met_by_its_name),
	    cmocka_unit_test(looks_at_every_name_of_a_kind),
	    cmocka_unit_test(reads_allow_files),
	    cmocka_unit_test(reads_nothing_from_an_empty_file),
	    cmocka_unit_test(reads_a_megabyte_of_rules_and_finds_each),
	    cmocka_unit_test(shuts_out_a_serial_however_it_is_written),
	    cmocka_unit_test(shuts_out_what_is_below_a_denied_intermediate),
	    cmocka_unit_test(denies_a_key_in_whatever_certificate),
	    cmocka_unit_test(knows_every_kind_of_the_public_table_by_its_name),
	};

	return cmocka_run_group_tests_name("rules", tests, set_up, NULL);
}
