/* SPDX-License-Identifier: MIT */
/* The command line and the environment, as policy-server has them. */
#ifndef KW_OPTIONS_H
#define KW_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "log.h"
#include "common/program.h"

struct kw_options {
	const char *addr, *policies, *always_accepted;     /* the last may be NULL */
	const char *cert_file, *key_file, *client_ca_file; /* NULL when not given */
	uint64_t port, readiness_probe_port;
	uint64_t workers; /* 0: one per CPU */
	uint64_t policy_timeout_s;
	int log_fmt, log_level; /* places of their words; log has what they mean */
	bool disable_timeout_protection, continue_on_errors, no_color;
	struct kw_log log;
	struct text ignored; /* options that have no meaning here, one a line */
};

/* The program as program_read() wants it, which fills in these options. */
struct program kw_options_program(struct kw_options *options);

/* As program_read(), with what flags say of each other. */
enum program_outcome kw_options_read(struct kw_options *options, int argc, char **argv,
				     struct text *text);
void kw_options_deinit(struct kw_options *options);

#endif
