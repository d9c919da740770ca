/* SPDX-License-Identifier: MIT */
/* What is found out about the wolfSSL that runs, and what is said of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tls/tls.h"
#include "tls/wolfssl.h"

static bool init_fails, manager_fails;
static word32 version; /* 0: the real one */

int __real_wolfSSL_Init(void);
int __wrap_wolfSSL_Init(void);
WOLFSSL_CERT_MANAGER *__real_wolfSSL_CertManagerNew(void);
WOLFSSL_CERT_MANAGER *__wrap_wolfSSL_CertManagerNew(void);
word32 __real_wolfSSL_lib_version_hex(void);
word32 __wrap_wolfSSL_lib_version_hex(void);

int __wrap_wolfSSL_Init(void)
{
	return init_fails ? WC_INIT_E : __real_wolfSSL_Init();
}

WOLFSSL_CERT_MANAGER *__wrap_wolfSSL_CertManagerNew(void)
{
	return manager_fails ? NULL : __real_wolfSSL_CertManagerNew();
}

word32 __wrap_wolfSSL_lib_version_hex(void)
{
	return version ? version : __real_wolfSSL_lib_version_hex();
}

/* In a process of its own: wolfSSL is started once. */
static int run_without_start(void)
{
	struct awh_error error = {0};
	const char *warning;

	init_fails = true;
	if (awh_wolfssl_start(&error) != ADMWH_E_TLS || !strstr(error.text, "does not start") ||
	    awh_tls_check_keypair("", 0, "", 0, &error) != ADMWH_E_TLS ||
	    awh_tls_check_client_ca("", 0, &error) != ADMWH_E_TLS)
		return 1;
	if (awh_tls_context_new(&(struct awh_tls_params){0}, &error) || error.code != ADMWH_E_TLS)
		return 2;
	version = 0x05005004;
	warning = awh_tls_library_warning();
	return warning && strstr(warning, "CVE-2026-5194") ? 0 : 3;
}

static void uses_no_library_that_does_not_start(void **state)
{
	int status = -1;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(run_without_start());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* By its version; the versions between have no package that is known. */
static void warns_of_versions_that_need_a_package_with_fixes(void **state)
{
	static const struct {
		word32 version;
		const char *warning;
	} cases[] = {
	    {0x05009004, NULL},
	    {0x06000000, NULL},
	    {0x05005004, NULL}, /* Debian 12, patched: it is not forgeable */
	    {0x05007002, "is older than 5.9.4"},
	};

	(void)state;
	assert_int_equal(awh_wolfssl_start(NULL), 0);
	if (awh_wolfssl_is_forgeable())
		skip();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *warning;

		version = cases[i].version;
		warning = awh_tls_library_warning();
		version = 0;
		assert_int_equal(warning != NULL, cases[i].warning != NULL);
		if (warning)
			assert_non_null(strstr(warning, cases[i].warning));
	}
}

/* Without memory for the check there is no proof that it is patched. */
static void takes_what_it_cannot_check_for_forgeable(void **state)
{
	const char *warning;

	(void)state;
	assert_int_equal(awh_wolfssl_start(NULL), 0);
	manager_fails = true;
	assert_true(awh_wolfssl_is_forgeable());
	version = 0x05005004;
	warning = awh_tls_library_warning();
	version = 0;
	manager_fails = false;
	assert_non_null(warning);
	assert_non_null(strstr(warning, "CVE-2026-5194"));
}

static void makes_digests_of_what_wolfssl_can_take(void **state)
{
	static const uint8_t of_abc[] = {
	    0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
	    0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
	    0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
	};
	uint8_t digest[32];

	(void)state;
	assert_int_equal(awh_tls_sha256("abc", 3, digest), 0);
	assert_memory_equal(digest, of_abc, sizeof(digest));
	if (SIZE_MAX > UINT32_MAX)
		assert_int_equal(awh_tls_sha256("abc", (size_t)UINT32_MAX + 1, digest),
				 ADMWH_E_TLS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(uses_no_library_that_does_not_start), /* first: none has started it */
	    cmocka_unit_test(warns_of_versions_that_need_a_package_with_fixes),
	    cmocka_unit_test(takes_what_it_cannot_check_for_forgeable),
	    cmocka_unit_test(makes_digests_of_what_wolfssl_can_take),
	};

	return cmocka_run_group_tests_name("wolfssl", tests, NULL, NULL);
}
