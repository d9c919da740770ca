/* SPDX-License-Identifier: MIT */
#include "tls/wolfssl.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/wipe.h"
#include "tls/tls.h"

enum {
	KNOWN_GOOD =
	    0x05009004, /* the vulnerabilities that affect this library are fixed upstream */
	DEBIAN_12 = 0x05005004, /* whose package has the fixes since 5.5.4-2+deb12u3 */
	STACK_WIPED = 32768,    /* twice as deep as wolfSSL 5.5.4 was seen to leave a key */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int started; /* written once, by the first start */
static pthread_once_t named = PTHREAD_ONCE_INIT;
static char library[64]; /* likewise */

static void start(void)
{
	started = wolfSSL_Init();
}

int awh_wolfssl_start_fail(int code, const char *random, struct awh_error *error)
{
	char text[WOLFSSL_MAX_ERROR_SZ];

	if (access(random, R_OK) != 0)
		return awh_fail(error, ADMWH_E_TLS,
				"wolfSSL does not start: %s, its source of random numbers, cannot "
				"be read: %s",
				random, strerror(errno));
	return awh_fail(error, ADMWH_E_TLS, "wolfSSL does not start: %s (%d)",
			awh_wolfssl_text(code, text), code);
}

int awh_wolfssl_start(struct awh_error *error)
{
	pthread_once(&once, start);
	if (started != WOLFSSL_SUCCESS)
		return awh_wolfssl_start_fail(started, "/dev/urandom", error);
	return 0;
}

__attribute__((noinline)) void awh_wolfssl_wipe_stack(void)
{
	char room[STACK_WIPED];

	explicit_bzero(room, sizeof(room));
	awh_wipe_registers();
}

void awh_wolfssl_free_tables(void)
{
#if defined(FP_ECC) && defined(HAVE_THREAD_LS)
	wc_ecc_fp_free();
#endif
}

const char *awh_wolfssl_text(int code, char text[WOLFSSL_MAX_ERROR_SZ])
{
	wolfSSL_ERR_error_string_n((unsigned long)code, text, WOLFSSL_MAX_ERROR_SZ);
	return text;
}

static void name_library(void)
{
	snprintf(library, sizeof(library), "wolfSSL %s", wolfSSL_lib_version());
}

/* Of the library that runs, which need not be the one of the headers. */
const char *awh_tls_library(void)
{
	pthread_once(&named, name_library);
	return library;
}

const char *awh_tls_library_warning(void)
{
	uint32_t version = (uint32_t)wolfSSL_lib_version_hex();

	if (version >= KNOWN_GOOD)
		return NULL;
	if (awh_wolfssl_start(NULL) < 0 || awh_wolfssl_is_forgeable())
		return "this wolfSSL accepts forged certificates (CVE-2026-5194): use 5.9.4 or "
		       "later, "
		       "or a package with the fix (Debian 12: 5.5.4-2+deb12u3)";
	if (version == DEBIAN_12)
		return NULL;
	return "this wolfSSL is older than 5.9.4: make sure that its package has the later "
	       "security "
	       "fixes";
}
