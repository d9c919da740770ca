/* SPDX-License-Identifier: MIT */
/* admwhctl replay: recorded reviews once more, and what is decided differently. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "common/clock.h"
#include "common/files.h"
#include "common/print.h"
#include "replay/build.h"
#include "replay/compare.h"
#include "replay/records.h"
#include "replay/tally.h"
#include "review/target_flags.h"

static const char help[] =
    "Usage: admwhctl replay [FLAG]... FOLDER [-- PROGRAM [ARGUMENT]...]\n"
    "\n"
    "Sends the reviews that a server has recorded into FOLDER once more, as they are, each to its\n"
    "route, and shows what is answered differently: the decision, code and message of a denial,\n"
    "warnings, and the object after the patch; then the details: reason, causes and audit\n"
    "annotations. Files that come meanwhile are left out.\n"
    "A review that is answered differently, but was recorded without something that the policy\n"
    "may have read, or answered late, is not comparable, and does not count.\n"
    "\n"
    "Where to:\n" TARGET_HELP "\n"
    "Each review goes to the route that it was recorded on, of an installation too, whatever the\n"
    "rules; with the PATH of a --url, all go there. A PROGRAM is started in place of a target, on\n"
    "loopback with certificates made for this, if it takes the flags of admwh_program_main().\n"
    "\n"
    "  --route PATH                    the reviews of this route alone\n"
    "  --policy-reads none|object|all  what it may have read of that which is not recorded: "
    "nothing;\n"
    "                                  kubectl's annotation of the object (the default); that and\n"
    "                                  userInfo.extra\n"
    "  --output text|json              text by default\n"
    "  --help\n"
    "\n"
    "Exit status: 0 all the same, 1 something differs, 2 a review has no valid answer, a file is\n"
    "no record, or a flag is wrong.\n"
    "\n"
    "  admwhctl replay --url https://localhost:9443 --ca ca.crt --cert client.crt \\\n"
    "    --key client.key record\n"
    "  admwhctl replay record -- ./policy\n";

struct arguments {
	struct target_flags target;
	const char *route;
	enum policy_reads reads;
	bool as_json;
};

enum { FLAG_ROUTE = FLAG_OF_ITS_OWN, FLAG_READS, FLAG_OUTPUT };

enum { PROGRESS_EVERY = 50 }; /* reviews */

static const struct option options[] = {
    TARGET_OPTIONS,
    {"route", required_argument, NULL, FLAG_ROUTE},
    {"policy-reads", required_argument, NULL, FLAG_READS},
    {"output", required_argument, NULL, FLAG_OUTPUT},
    {NULL, 0, NULL, 0},
};

static int take_reads(struct arguments *arguments, const char *value)
{
	static const char *const names[] = {
	    [READS_NONE] = "none", [READS_OBJECT] = "object", [READS_ALL] = "all", NULL};
	const int choice = flag_choice("--policy-reads", value, names);

	if (choice < 0)
		return -1;
	arguments->reads = (enum policy_reads)choice;
	return 0;
}

static int take_flag(void *context, int code, const char *value)
{
	struct arguments *arguments = context;

	switch (code) {
	case FLAG_OUTPUT:
		return flag_output(value, &arguments->as_json);
	case FLAG_READS:
		return take_reads(arguments, value);
	case FLAG_ROUTE:
		arguments->route = value;
		return 0;
	default:
		return take_target_flag(&arguments->target, code, value);
	}
}

/* Behind the flags are the FOLDER, and a PROGRAM unless there is a target. */
static int check_words(const struct arguments *arguments, int n)
{
	const struct target_flags *target = &arguments->target;

	if (n < 1 || (n > 1 && target_is_set(target)))
		complain("expected one FOLDER; --help says more");
	else if (n == 1 && !target_is_set(target))
		complain("expected --url, --installation, or a PROGRAM behind --");
	else if (n > 1 && (target->address || target->ca || target->cert || target->key ||
			   target->token_file))
		complain("a PROGRAM gets its own address and certificates");
	else
		return 0;
	return -1;
}

struct replay {
	struct target target;
	struct records records;
	struct client *client;
	struct tally tally;
	enum policy_reads reads;
	bool is_ended; /* no connection can be made */
};

static volatile sig_atomic_t is_interrupted;

static void interrupt(int number)
{
	(void)number;
	is_interrupted = 1;
}

/* What has been found until then is shown, and a PROGRAM stopped. */
static void take_signals(void)
{
	const struct sigaction action = {.sa_handler = interrupt, .sa_flags = SA_RESTART};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* NULL: the installation has no such route. */
static const struct webhook *webhook_of(const struct target *target, const char *route)
{
	if (!target->installation)
		return target->webhooks;
	for (size_t i = 0; i < target->count; i++)
		if (strcmp(target->webhooks[i].path, route) == 0)
			return &target->webhooks[i];
	return NULL;
}

static bool is_path_given(const struct webhook *webhook)
{
	return strcmp(webhook->path, "/") != 0;
}

static void send_record(struct replay *replay, const struct record *record,
			const struct webhook *webhook, const char *route,
			struct client_answer *answer)
{
	char *path = text_new("%s?timeout=%us", is_path_given(webhook) ? webhook->path : route,
			      webhook->timeout_s);

	client_send(replay->client, "POST", path, record->text, record->len,
		    webhook->timeout_s * 1000, answer);
	free(path);
}

/* Where there is no connection for one review, there is none for all others. */
static bool has_no_connection(const struct client_answer *answer)
{
	return answer->outcome == CLIENT_UNREACHABLE || answer->outcome == CLIENT_UNTRUSTED ||
	       answer->outcome == CLIENT_REFUSED;
}

static void replay_record(struct replay *replay, const struct record_entry *entry,
			  const struct record *record)
{
	const struct webhook *webhook = webhook_of(&replay->target, entry->route);
	const struct compare_options how = {replay->reads, webhook && !webhook->is_mutating};
	struct client_answer answer = {.outcome = CLIENT_BROKEN};
	struct comparing comparing;

	if (webhook)
		send_record(replay, record, webhook, entry->route, &answer);
	else
		snprintf(answer.reason, sizeof(answer.reason),
			 "the installation has no route of this path");
	compare_answer(&comparing, record, &how, &answer);
	tally_add(&replay->tally, entry, record, &comparing);
	replay->is_ended = has_no_connection(&answer);
	comparing_deinit(&comparing);
	client_answer_deinit(&answer);
}

static void replay_entry(struct replay *replay, const struct record_entry *entry)
{
	struct record record;

	if (record_read(&record, &replay->records, entry->name))
		replay->records.n_bad++;
	else
		replay_record(replay, entry, &record);
	record_deinit(&record);
}

static void replay_all(struct replay *replay)
{
	const size_t count = replay->records.count;
	const double start = clock_s();
	size_t i = 0;

	while (i < count && !replay->is_ended && !is_interrupted) {
		replay_entry(replay, &replay->records.list[i++]);
		if (i % PROGRESS_EVERY == 0 || i == count || replay->is_ended)
			print_progress("replayed", i, count);
	}
	if (i < count)
		print_progress_clear();
	replay->tally.seconds = clock_s() - start;
	replay->tally.n_left = count - i;
	replay->tally.n_bad = replay->records.n_bad;
}

static int exit_status_of(const struct tally *tally)
{
	if (tally->n_bad > 0 || tally->n_left > 0 || tally->counts[NO_ANSWER] > 0)
		return EXIT_ERROR;
	return tally->counts[DIFFERENT] + tally->counts[DIFFERENT_DETAILS] > 0 ? EXIT_NO : EXIT_OK;
}

/* An empty folder proves nothing. */
static int replay_folder(struct replay *replay, const struct arguments *arguments,
			 const char *folder)
{
	int exit_status;

	if (records_open(&replay->records, folder, arguments->route))
		return EXIT_ERROR;
	if (replay->records.count == 0) {
		complain("%s: no recorded review%s%s", folder, arguments->route ? " of " : "",
			 arguments->route ? arguments->route : "");
		return EXIT_ERROR;
	}
	replay->reads = arguments->reads;
	tally_init(&replay->tally, arguments->as_json, arguments->reads);
	replay->client = client_new(&replay->target.client);
	replay_all(replay);
	client_free(replay->client);
	tally_end(&replay->tally);
	exit_status = exit_status_of(&replay->tally);
	tally_deinit(&replay->tally);
	if (fflush(stdout) == 0)
		return exit_status;
	complain("standard output: it cannot be written");
	return EXIT_ERROR;
}

static int run_replay(int argc, char **argv)
{
	struct arguments arguments = {.reads = READS_OBJECT};
	struct replay replay = {.records.fd = -1};
	struct build build = {0};
	int exit_status = EXIT_ERROR;

	if (flags_read(argc, argv, options, take_flag, &arguments) ||
	    check_words(&arguments, argc - optind))
		return EXIT_ERROR;
	take_signals();
	if ((target_is_set(&arguments.target) ||
	     build_start(&build, argv + optind + 1, &arguments.target) == 0) &&
	    target_open(&replay.target, &arguments.target) == 0)
		exit_status = replay_folder(&replay, &arguments, argv[optind]);
	records_close(&replay.records);
	target_close(&replay.target);
	build_end(&build, exit_status == EXIT_ERROR);
	return exit_status;
}

const struct command replay_command = {
    "replay", "recorded reviews once more, and what is decided differently", help, run_replay};
