/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tls/wire.h"

#define RECORD(n) "\x16\x03\x03\x00" n
#define VERIFY(algorithms) "\x0f\x00\x00\x06" algorithms "\x00\x02sg"

struct flight {
	const char *bytes;
	size_t len;
	bool is_weak;
};

#define FLIGHT(bytes, weak)                                                                        \
	{                                                                                          \
		bytes, sizeof(bytes) - 1, weak                                                     \
	}

static const struct flight flights[] = {
    FLIGHT(RECORD("\x0a") VERIFY("\x02\x03"), true),  /* SHA-1 */
    FLIGHT(RECORD("\x0a") VERIFY("\x01\x01"), true),  /* MD5 */
    FLIGHT(RECORD("\x0a") VERIFY("\x03\x03"), true),  /* SHA-224 */
    FLIGHT(RECORD("\x0a") VERIFY("\x00\x03"), true),  /* none */
    FLIGHT(RECORD("\x0a") VERIFY("\x04\x03"), false), /* SHA-256 */
    FLIGHT(RECORD("\x0a") VERIFY("\x08\x04"), false), /* RSA-PSS with SHA-256 */
    /* behind another message, in its record and in one of its own */
    FLIGHT(RECORD("\x10") "\x10\x00\x00\x02\x02\x03" VERIFY("\x02\x03"), true),
    FLIGHT(RECORD("\x06") "\x10\x00\x00\x02\x02\x03" RECORD("\x0a") VERIFY("\x02\x03"), true),
    FLIGHT(RECORD("\x04") "\x0e\x00\x00\x00" RECORD("\x0a") VERIFY("\x02\x03"), true),
    /* cut in two by the end of a record, at each end of its header */
    FLIGHT(RECORD("\x01") "\x0f" RECORD("\x09") "\x00\x00\x06\x02\x03\x00\x02sg", true),
    FLIGHT(RECORD("\x04") "\x0f\x00\x00\x06" RECORD("\x06") "\x02\x03\x00\x02sg", true),
    FLIGHT(RECORD("\x05") "\x0f\x00\x00\x06\x02" RECORD("\x05") "\x03\x00\x02sg", true),
    /* its bytes inside another message are none */
    FLIGHT(RECORD("\x0e") "\x0b\x00\x00\x0a" VERIFY("\x02\x03"), false),
    /* an alert between hides nothing, and is no message itself */
    FLIGHT("\x15\x03\x03\x00\x02\x01\x5a" RECORD("\x0a") VERIFY("\x02\x03"), true),
    FLIGHT("\x15\x03\x03\x00\x0a" VERIFY("\x02\x03"), false),
    /* encrypted, after ChangeCipherSpec */
    FLIGHT("\x14\x03\x03\x00\x01\x01" RECORD("\x0a") VERIFY("\x02\x03"), false),
    FLIGHT("GET / HTTP/1.1\r\n\r\n", false),
};

static void finds_a_weak_signature_however_it_is_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(flights) / sizeof(*flights); i++)
		for (size_t piece = 1; piece <= flights[i].len; piece++) {
			struct awh_wire wire = {0};

			for (size_t at = 0; at < flights[i].len; at += piece)
				awh_wire_take(&wire, flights[i].bytes + at,
					      flights[i].len - at < piece ? flights[i].len - at
									  : piece);
			if (wire.is_signed_weakly != flights[i].is_weak)
				fail_msg("flight %zu in pieces of %zu", i, piece);
		}
}

/* A handshake whose CertificateVerify was not seen is not good by that. */
static void knows_whether_it_has_seen_a_signature(void **state)
{
	static const struct flight seen[] = {
	    FLIGHT(RECORD("\x0a") VERIFY("\x04\x03"), true),
	    FLIGHT("\x15\x03\x03\x00\x02\x01\x5a" RECORD("\x0a") VERIFY("\x04\x03"), true),
	    FLIGHT("\x14\x03\x03\x00\x01\x01" RECORD("\x0a") VERIFY("\x02\x03"), false),
	    FLIGHT(RECORD("\x04") "\x0e\x00\x00\x00", false),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(seen) / sizeof(*seen); i++) {
		struct awh_wire wire = {0};

		awh_wire_take(&wire, seen[i].bytes, seen[i].len);
		assert_int_equal(wire.saw_verify, seen[i].is_weak);
	}
}

#define MESSAGE(record, type, id, suite)                                                           \
	record "\x03\x03\x00\x4a" type "\x00\x00\x46\x03\x03"                                      \
	       "0123456789abcdef0123456789abcdef" id suite "\x00"
#define HELLO(id, suite) MESSAGE("\x16", "\x02", id, suite)

static void knows_a_server_hello_without_a_cipher_suite(void **state)
{
	static const struct flight hellos[] = {
	    FLIGHT(HELLO("\x00", "\x00\x00"), true),
	    FLIGHT(HELLO("\x00", "\x00\x05"), true),
	    FLIGHT(HELLO("\x04"
			 "abcd",
			 "\x00\x00"),
		   true),
	    FLIGHT(HELLO("\x00", "\xc0\x2b"), false),
	    FLIGHT(HELLO("\x00", "\x13\x03"), false),
	    FLIGHT(HELLO("\x04"
			 "\x00\x00\x00\x00",
			 "\xcc\xa9"),
		   false),
	    FLIGHT("\x15\x03\x03\x00\x02\x02\x28", false),
	    FLIGHT("\x17" HELLO("\x00", "\x00\x00"), false),
	    FLIGHT(MESSAGE("\x17", "\x02", "\x00", "\x00\x00"), false),
	    FLIGHT(MESSAGE("\x16", "\x01", "\x00", "\x00\x00"), false),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(hellos) / sizeof(*hellos); i++) {
		if (awh_wire_is_null_hello(hellos[i].bytes, hellos[i].len) != hellos[i].is_weak)
			fail_msg("hello %zu", i);
		for (size_t len = 0; len < 44 && len < hellos[i].len; len++) {
			/* Allocated, so that a sanitizer sees a read behind it. */
			char *cut = malloc(len + 1);

			assert_non_null(cut);
			memcpy(cut + 1, hellos[i].bytes, len);
			if (awh_wire_is_null_hello(cut + 1, len))
				fail_msg("hello %zu cut at %zu", i, len);
			free(cut);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_a_weak_signature_however_it_is_cut),
	    cmocka_unit_test(knows_whether_it_has_seen_a_signature),
	    cmocka_unit_test(knows_a_server_hello_without_a_cipher_suite),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
