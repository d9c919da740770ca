/* SPDX-License-Identifier: MIT */
/* The flags that review and test share: where to send reviews to. */
#ifndef ADMWHCTL_TARGET_FLAGS_H
#define ADMWHCTL_TARGET_FLAGS_H

#include "common/flags.h"
#include "review/target.h"

/* Codes of getopt_long(), apart from letters. */
enum target_code {
	FLAG_URL = 1000,
	FLAG_INSTALLATION,
	FLAG_ADDRESS,
	FLAG_CA,
	FLAG_CERT,
	FLAG_KEY,
	FLAG_TOKEN,
	FLAG_TYPE,
	FLAG_TIMEOUT,
	FLAG_OF_ITS_OWN, /* the first code of a command */
};

#define TARGET_OPTIONS                                                                             \
	{"url", required_argument, NULL, FLAG_URL},                                                \
	    {"installation", required_argument, NULL, FLAG_INSTALLATION},                          \
	    {"address", required_argument, NULL, FLAG_ADDRESS},                                    \
	    {"ca", required_argument, NULL, FLAG_CA},                                              \
	    {"cert", required_argument, NULL, FLAG_CERT},                                          \
	    {"key", required_argument, NULL, FLAG_KEY},                                            \
	    {"token", required_argument, NULL, FLAG_TOKEN},                                        \
	    {"type", required_argument, NULL, FLAG_TYPE},                                          \
	{                                                                                          \
		"timeout", required_argument, NULL, FLAG_TIMEOUT                                   \
	}

#define TARGET_HELP                                                                                \
	"  --url https://HOST[:PORT]/PATH  send to one webhook, whatever its rules\n"              \
	"  --type mutating|validating      of --url: it is one of them. By default a patch is "    \
	"taken,\n"                                                                                 \
	"                                  and the object is as mutating webhooks get it\n"        \
	"  --installation FOLDER           send to the routes of a folder of admwhctl init, "      \
	"with\n"                                                                                   \
	"                                  the API server's certificate or token: those whose "    \
	"rules\n"                                                                                  \
	"                                  and selectors match, mutating ones first\n"             \
	"  --address HOST:PORT             connect there, such as to a port-forward\n"             \
	"  --ca FILE                       verify the server with these CAs, not the system's\n"   \
	"  --cert FILE --key FILE          certificate and key of the caller\n"                    \
	"  --token FILE                    bearer token of the caller\n"                           \
	"  --timeout SECONDS               of a call; 10, or the route's\n"

/* Returns 0; 1: the code is of another flag; -1: it has complained. */
int take_target_flag(struct target_flags *flags, int code, const char *value);

#endif
