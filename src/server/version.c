/* SPDX-License-Identifier: MIT */
#include <admwh/version.h>

#include "tls/tls.h"

const char *admwh_version(void)
{
	return ADMWH_VERSION;
}

const char *admwh_tls_library(void)
{
	return awh_tls_library();
}
