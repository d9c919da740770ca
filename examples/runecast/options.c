/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: admwh-runecast --cert-file FILE --key-file FILE --tokens FILE --policies FILE\n"
    "                      --scan-results FILE [OPTION]...\n"
    "\n"
    "  --address ADDRESS       where to listen (0.0.0.0)\n"
    "  --port PORT             (9080); 0 lets the system pick one\n"
    "  --cert-file FILE        certificate chain, PEM\n"
    "  --key-file FILE         its private key, PEM\n"
    "  --tokens FILE           who may ask: tokens and their roles, JSON\n"
    "  --policies FILE         what images may have, JSON\n"
    "  --scan-results FILE     what the scanner found in them, JSON\n"
    "  --unknown-image CHOICE  an image that was not scanned: deny (default), or allow with a\n"
    "                          warning\n"
    "  --client-ca-file FILE   ask for a certificate of this CA, too, in the TLS handshake\n"
    "  --allow-cn NAME         only of this common name (any name of that CA)\n"
    "  --health ADDRESS:PORT   /healthz, /readyz and /metrics by plain HTTP\n"
    "  --lame-duck SECONDS     go on accepting so long after SIGTERM (0)\n"
    "  --help\n"
    "\n"
    "All files are read again when they change. New policy ids are served after a restart.\n";

static int complain(const char *option, const char *what)
{
	fprintf(stderr, "admwh-runecast: --%s %s\n", option, what);
	return -1;
}

/* What is text on the command line and something else in the options. */
static int read_values(struct options *options, const char *unknown_image, const char *lame_duck)
{
	size_t digits = strspn(lame_duck, "0123456789");

	options->allow_unknown = strcmp(unknown_image, "allow") == 0;
	if (!options->allow_unknown && strcmp(unknown_image, "deny") != 0)
		return complain("unknown-image", "is deny or allow");
	if (lame_duck[digits] || digits > 4)
		return complain("lame-duck", "is a number of seconds");
	options->lame_duck_ms = strtoull(lame_duck, NULL, 10) * 1000;
	if (options->allow_cn && !options->client_ca_file)
		return complain("allow-cn", "needs --client-ca-file");
	return 0;
}

int options_read(struct options *options, int argc, char **argv)
{
	const char *unknown_image = "deny", *lame_duck = "0";
	const struct {
		const char *name;
		const char **value;
		bool required;
	} known[] = {
	    {"address", &options->address, false},
	    {"port", &options->port, false},
	    {"cert-file", &options->cert_file, true},
	    {"key-file", &options->key_file, true},
	    {"tokens", &options->tokens, true},
	    {"policies", &options->policies, true},
	    {"scan-results", &options->scan_results, true},
	    {"unknown-image", &unknown_image, false},
	    {"client-ca-file", &options->client_ca_file, false},
	    {"allow-cn", &options->allow_cn, false},
	    {"health", &options->health, false},
	    {"lame-duck", &lame_duck, false},
	};
	enum { KNOWN = sizeof(known) / sizeof(known[0]), FIRST = 256 };
	struct option table[KNOWN + 2] = {{.name = "help", .val = 'h'}};
	int chosen;

	*options = (struct options){.address = "0.0.0.0", .port = "9080"};
	for (int i = 0; i < KNOWN; i++)
		table[i + 1] = (struct option){known[i].name, required_argument, NULL, FIRST + i};
	while ((chosen = getopt_long(argc, argv, "", table, NULL)) >= FIRST)
		*known[chosen - FIRST].value = optarg;
	if (chosen == 'h')
		return fputs(usage, stdout), 1;
	if (chosen != -1 || optind < argc)
		return fputs(usage, stderr), -1;
	for (int i = 0; i < KNOWN; i++) {
		if (known[i].required && !*known[i].value)
			return complain(known[i].name, "is required");
		if (*known[i].value && !**known[i].value) /* a shell's variable that is not set */
			return complain(known[i].name, "is empty");
	}
	return read_values(options, unknown_image, lame_duck);
}
