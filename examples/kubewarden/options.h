/* SPDX-License-Identifier: MIT */
/* The command line and the environment, as policy-server has them. */
#ifndef KW_OPTIONS_H
#define KW_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "log.h"
#include "common/text.h"

struct kw_options {
	const char *addr, *policies, *always_accepted;     /* the last may be NULL */
	const char *cert_file, *key_file, *client_ca_file; /* NULL when not given */
	uint16_t port, readiness_probe_port;
	unsigned int workers; /* 0: one per CPU */
	int64_t policy_timeout_s;
	bool disable_timeout_protection, continue_on_errors, no_color;
	struct kw_log log;
	struct text ignored; /* options that have no meaning here, one a line */
};

enum kw_parsed { KW_PARSED, KW_HELP, KW_WRONG };

/*
 * Options of the command line, then of the environment, then the defaults. The options borrow from
 * both. KW_HELP: help is in text. KW_WRONG: the error is.
 */
enum kw_parsed kw_options_parse(struct kw_options *options, int argc, char **argv,
				struct text *text);
void kw_options_deinit(struct kw_options *options);

#endif
