/* SPDX-License-Identifier: MIT */
#include "review/target_flags.h"

#include "common/print.h"

enum { TIMEOUT_MAX_S = 300 };

int take_target_flag(struct target_flags *flags, int code, const char *value)
{
	const char **texts[] = {
	    [FLAG_URL - FLAG_URL] = &flags->url,
	    [FLAG_INSTALLATION - FLAG_URL] = &flags->installation,
	    [FLAG_ADDRESS - FLAG_URL] = &flags->address,
	    [FLAG_CA - FLAG_URL] = &flags->ca,
	    [FLAG_CERT - FLAG_URL] = &flags->cert,
	    [FLAG_KEY - FLAG_URL] = &flags->key,
	    [FLAG_TOKEN - FLAG_URL] = &flags->token_file,
	    [FLAG_TYPE - FLAG_URL] = &flags->type,
	};

	if (code == FLAG_TIMEOUT)
		return flag_number("--timeout", value, 1, TIMEOUT_MAX_S, &flags->timeout_s);
	if (code < FLAG_URL || code > FLAG_TYPE)
		return 1;
	*texts[code - FLAG_URL] = value;
	if (flags->url && flags->installation) {
		complain("--url and --installation: one of them");
		return -1;
	}
	return 0;
}
