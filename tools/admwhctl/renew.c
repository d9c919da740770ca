/* SPDX-License-Identifier: MIT */
/* admwhctl renew: new certificates, CAs and tokens, without a request that is denied for them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "common/files.h"
#include "common/flags.h"
#include "common/print.h"
#include "renew/renewal.h"

static const char help[] =
    "Usage: admwhctl renew FOLDER server|server-ca|client|client-ca|token [--caller NAME]\n"
    "       admwhctl renew FOLDER --next [--force]\n"
    "       admwhctl renew FOLDER --check [--days N]\n"
    "\n"
    "Renews credentials of the server and its callers in FOLDER, and prints the steps that bring\n"
    "them to the server, the cluster and the callers:\n"
    "\n"
    "  server     the server's pair, of the same CA\n"
    "  client     pairs of the callers, of the same CA\n"
    "  server-ca  the CA of caBundle, and the server's pair with it\n"
    "  client-ca  the CAs that the server trusts, and the callers' pairs with them\n"
    "  token      the callers' tokens\n"
    "\n"
    "The last three take three phases: trust the new one beside the old one; use the new one; "
    "stop\n"
    "trusting the old one. After the steps of a phase, --next writes the following one.\n"
    "\n"
    "  --caller NAME  only those of one caller\n"
    "  --next         write the next phase\n"
    "  --force        do not wait until API servers and kubelets have read the last phase\n"
    "  --check        list certificates with their last day\n"
    "  --days N       with --check: fail if a certificate ends within N days (default 30)\n"
    "\n"
    "Renew the server's pair, and see what is left:\n"
    "  admwhctl renew policy server\n"
    "  admwhctl renew policy --check --days 14\n"
    "\n"
    "Exit status: 0 done, or nothing ends soon; 1 with --check, a certificate ends soon or has\n"
    "ended; 2 an error.\n";

struct arguments {
	const char *folder, *what, *caller;
	bool is_next, is_forced, is_check;
	unsigned int days;
};

enum { CALLER = 1, NEXT, FORCE, CHECK, DAYS };

enum { MOST_DAYS = 36500 };

static const struct option options[] = {
    {"caller", required_argument, NULL, CALLER}, {"next", no_argument, NULL, NEXT},
    {"force", no_argument, NULL, FORCE},         {"check", no_argument, NULL, CHECK},
    {"days", required_argument, NULL, DAYS},     {NULL, 0, NULL, 0},
};

static int take(void *context, int option, const char *value)
{
	struct arguments *arguments = context;

	switch (option) {
	case CALLER:
		arguments->caller = value;
		return 0;
	case NEXT:
		arguments->is_next = true;
		return 0;
	case FORCE:
		arguments->is_forced = true;
		return 0;
	case CHECK:
		arguments->is_check = true;
		return 0;
	default:
		return flag_number("--days", value, 0, MOST_DAYS, &arguments->days);
	}
}

static int check_arguments(const struct arguments *arguments, bool has_more)
{
	int n = (arguments->what != NULL) + arguments->is_next + arguments->is_check;

	if (arguments->folder && n == 1 && !has_more && (!arguments->caller || arguments->what))
		return 0;
	complain("expected FOLDER and one of server, server-ca, client, client-ca, token, --next "
		 "and --check; see --help");
	return -1;
}

static int read_arguments(struct arguments *arguments, int argc, char **argv)
{
	arguments->days = 30;
	if (flags_read(argc, argv, options, take, arguments))
		return -1;
	if (optind < argc)
		arguments->folder = argv[optind++];
	if (optind < argc)
		arguments->what = argv[optind++];
	return check_arguments(arguments, optind < argc);
}

static int find_kind(struct renewal *renewal, const char *what)
{
	for (size_t i = 0; renewal_kinds[i]; i++)
		if (strcmp(renewal_kinds[i], what) == 0) {
			renewal->kind = (enum renewal_kind)i;
			return 0;
		}
	complain("%s: expected server, server-ca, client, client-ca or token", what);
	return -1;
}

/* Whether the installation has what is to be renewed. */
static int check_kind(const struct renewal *renewal)
{
	const struct installation *it = renewal->installation;
	bool is_server = renewal->kind == RENEW_SERVER || renewal->kind == RENEW_SERVER_CA;
	bool is_token = renewal->kind == RENEW_TOKEN;
	bool is_known = !renewal->caller;

	if (is_server && (renewal->caller || it->is_server_public)) {
		complain(renewal->caller ? "--caller is for client, client-ca and token"
					 : "the server's certificate is that of a public CA");
		return -1;
	}
	if (!is_server && !(it->authentication & (is_token ? BY_TOKEN : BY_MTLS))) {
		complain("callers of this installation have no %s",
			 is_token ? "tokens" : "certificates");
		return -1;
	}
	for (size_t i = 0; i < it->n_callers && !is_known; i++)
		is_known = strcmp(it->callers[i].name, renewal->caller) == 0;
	if (!is_known)
		complain("--caller %s: there is no such caller", renewal->caller);
	return is_known ? 0 : -1;
}

static int begin(struct renewal *renewal, const struct arguments *arguments, bool is_running)
{
	if (is_running) {
		complain("%s is at phase %u: admwhctl renew %s --next goes on",
			 renewal_kinds[renewal->kind], renewal->phase, renewal->folder);
		return -1;
	}
	renewal->caller = arguments->caller ? text_new("%s", arguments->caller) : NULL;
	if (find_kind(renewal, arguments->what))
		return -1;
	return check_kind(renewal);
}

static int check_time(const struct renewal *renewal, bool is_forced)
{
	int64_t until = renewal->since + renewal_wait(renewal->kind, renewal->phase);
	int64_t left = until - (int64_t)time(NULL);

	if (left <= 0 || is_forced)
		return 0;
	complain("%s: wait %lld more seconds, until API servers and kubelets have what phase %u "
		 "wrote; or --force",
		 renewal_kinds[renewal->kind], (long long)left, renewal->phase);
	return -1;
}

static int proceed(struct renewal *renewal, const struct arguments *arguments)
{
	int state = renewal_read(renewal), err = state < 0 ? -1 : 0;

	if (err == 0 && arguments->is_next && state == 1) {
		complain("no renewal is under way in %s", renewal->folder);
		err = -1;
	}
	if (err == 0)
		err = arguments->is_next ? check_time(renewal, arguments->is_forced)
					 : begin(renewal, arguments, state == 0);
	if (err == 0)
		err = renewal_proceed(renewal);
	if (err == 0)
		renewal_print_steps(stdout, renewal);
	return err ? EXIT_ERROR : EXIT_OK;
}

static int check(struct renewal *renewal, unsigned int days)
{
	int n = renewal_check(renewal->installation, renewal->folder, days);
	int state = renewal_read(renewal);

	if (state == 0)
		printf("%s is at phase %u of %u\n", renewal_kinds[renewal->kind], renewal->phase,
		       renewal_phases(renewal->kind));
	if (n < 0 || state < 0)
		return EXIT_ERROR;
	return n > 0 ? EXIT_NO : EXIT_OK;
}

static int run(int argc, char **argv)
{
	struct arguments arguments = {0};
	struct installation *installation;
	struct renewal renewal = {0};
	int exit_status = EXIT_ERROR;

	if (read_arguments(&arguments, argc, argv))
		return EXIT_ERROR;
	installation = installation_of_folder(arguments.folder);
	renewal.installation = installation;
	renewal.folder = arguments.folder;
	if (installation)
		exit_status = arguments.is_check ? check(&renewal, arguments.days)
						 : proceed(&renewal, &arguments);
	renewal_deinit(&renewal);
	installation_free(installation);
	return exit_status;
}

const struct command renew_command = {
    "renew", "renew certificates, CAs and tokens, and say which end soon", help, run};
