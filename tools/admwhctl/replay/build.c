/* SPDX-License-Identifier: MIT */
#include "replay/build.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/files.h"
#include "common/pki.h"
#include "common/print.h"

enum {
	START_MS = 20000,
	STOP_MS = 10000,
	MOMENT_MS = 1000,
	STEP_MS = 20,
	FLAGS = 11,
	DAY_S = 86400
};

/* What is shown of a program's last words. */
enum { LAST_BYTES = 2000 };

static const char *const files[] = {"server.crt", "server.key", "client-ca.crt",
				    "client.crt", "client.key", "log"};

static int make_folder(struct build *build)
{
	build->folder = folder_temporary();
	if (build->folder)
		return 0;
	complain("no temporary folder: %s", strerror(errno));
	return -1;
}

static int write_text(const struct build *build, const char *name, const char *text)
{
	char *path = path_join(build->folder, name);
	int err = file_write(path, text, strlen(text), 0600);

	free(path);
	return err;
}

/* One CA issues both: its key is kept in no file. */
static int make_pairs(const struct build *build)
{
	static const char *const dns[] = {"localhost", NULL};
	static const struct pki_names of_ca = {.common_name = "admwhctl replay"};
	static const struct pki_names of_server = {.common_name = "localhost", .dns = dns};
	static const struct pki_names of_client = {.common_name = "kube-apiserver"};
	const int64_t end = time(NULL) + DAY_S;
	struct pki_pair ca = {0}, server = {0}, client = {0};
	int err = pki_make(&ca, PKI_CA, &of_ca, NULL, 0, end) ||
			  pki_make(&server, PKI_SERVER, &of_server, &ca, 0, end) ||
			  pki_make(&client, PKI_CLIENT, &of_client, &ca, 0, end) ||
			  write_text(build, "server.crt", server.certificate) ||
			  write_text(build, "server.key", server.key) ||
			  write_text(build, "client-ca.crt", ca.certificate) ||
			  write_text(build, "client.crt", client.certificate) ||
			  write_text(build, "client.key", client.key)
		      ? -1
		      : 0;

	pki_pair_deinit(&ca);
	pki_pair_deinit(&server);
	pki_pair_deinit(&client);
	return err;
}

static int loopback_socket(struct sockaddr_in *address, unsigned int port)
{
	*address = (struct sockaddr_in){.sin_family = AF_INET,
					.sin_port = htons((uint16_t)port),
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/* Another program may take it before this one does: its certificate is then not trusted. */
static unsigned int free_port(void)
{
	struct sockaddr_in address;
	socklen_t len = sizeof(address);
	int fd = loopback_socket(&address, 0);
	unsigned int port = 0;

	if (fd >= 0 && bind(fd, (struct sockaddr *)&address, len) == 0 &&
	    getsockname(fd, (struct sockaddr *)&address, &len) == 0)
		port = ntohs(address.sin_port);
	else
		complain("127.0.0.1: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return port;
}

static bool is_listening(unsigned int port)
{
	struct sockaddr_in address;
	int fd = loopback_socket(&address, port);
	bool is_connected =
	    fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

	if (fd >= 0)
		close(fd);
	return is_connected;
}

/* The flags that decide come last. New; what they point to is of the build, of command or cert. */
static const char **command_line(const struct build *build, char **command, const char *cert,
				 const char *server_key)
{
	const char *const flags[FLAGS] = {
	    "--listen",       build->address,      "--tls-cert",  cert,
	    "--tls-key",      server_key,          "--client-ca", build->ca,
	    "--client-allow", "cn:kube-apiserver", NULL,
	};
	size_t n = 0;
	const char **line;

	while (command[n])
		n++;
	line = zeroed(n + FLAGS, sizeof(*line));
	memcpy(line, command, n * sizeof(*line));
	memcpy(line + n, flags, sizeof(flags));
	return line;
}

/* It ends with admwhctl, however that ends. */
static void become(const struct build *build, const char **line, pid_t parent)
{
	char *log = path_join(build->folder, "log");
	int null = open("/dev/null", O_RDONLY);
	int out = open(log, O_WRONLY | O_CREAT | O_EXCL, 0600);

	setpgid(0, 0); /* an interrupt of the terminal is not for it */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() == parent && null >= 0 && out >= 0 && dup2(null, 0) >= 0 &&
	    dup2(out, 1) >= 0 && dup2(out, 2) >= 0)
		execvp(line[0], (char *const *)(uintptr_t)line);
	dprintf(2, "%s: %s\n", line[0], strerror(errno));
	_exit(127);
}

static void run(struct build *build, char **command)
{
	char *cert = path_join(build->folder, "server.crt");
	char *server_key = path_join(build->folder, "server.key");
	const char **line = command_line(build, command, cert, server_key);
	const pid_t parent = getpid();

	build->pid = fork();
	if (build->pid == 0)
		become(build, line, parent);
	free(line);
	free(cert);
	free(server_key);
}

static void print_last_words(const struct build *build)
{
	char *log = path_join(build->folder, "log");
	size_t len;
	char *text = access(log, R_OK) == 0 ? file_read(log, &len) : NULL;

	if (text)
		print_lines(stderr, "", len > LAST_BYTES ? text + len - LAST_BYTES : text, "");
	free(text);
	free(log);
}

static void rest(void)
{
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};

	nanosleep(&step, NULL);
}

/* Whether it ends within this time; what it leaves is then taken. */
static bool has_ended(struct build *build, int ms)
{
	while (waitpid(build->pid, NULL, WNOHANG) == 0) {
		if (ms <= 0)
			return false;
		rest();
		ms -= STEP_MS;
	}
	build->pid = 0;
	return true;
}

static int wait_until_it_listens(struct build *build, unsigned int port)
{
	for (int ms = 0; ms < START_MS; ms += STEP_MS) {
		if (has_ended(build, 0)) {
			complain("%s: it has ended at once", build->program);
			print_last_words(build);
			return -1;
		}
		if (is_listening(port))
			return 0;
		rest();
	}
	complain("%s: it does not listen on %s", build->program, build->address);
	print_last_words(build);
	return -1;
}

static void set_flags(const struct build *build, struct target_flags *flags)
{
	flags->url = build->url;
	flags->address = build->address;
	flags->ca = build->ca;
	flags->cert = build->cert;
	flags->key = build->key;
}

int build_start(struct build *build, char **command, struct target_flags *flags)
{
	unsigned int port;

	*build = (struct build){.program = command[0]};
	if (make_folder(build) || make_pairs(build))
		return -1;
	port = free_port();
	if (port == 0)
		return -1;
	build->url = text_new("https://localhost:%u", port);
	build->address = text_new("127.0.0.1:%u", port);
	build->ca = path_join(build->folder, "client-ca.crt");
	build->cert = path_join(build->folder, "client.crt");
	build->key = path_join(build->folder, "client.key");
	run(build, command);
	if (build->pid < 0) {
		build->pid = 0;
		complain("%s: %s", command[0], strerror(errno));
		return -1;
	}
	set_flags(build, flags);
	return wait_until_it_listens(build, port);
}

static void stop(struct build *build, bool has_failed)
{
	if (has_ended(build, has_failed ? MOMENT_MS : 0)) {
		complain("%s: it has ended during the replay", build->program);
		print_last_words(build);
		return;
	}
	kill(build->pid, SIGTERM);
	if (has_ended(build, STOP_MS))
		return;
	kill(build->pid, SIGKILL);
	waitpid(build->pid, NULL, 0);
	build->pid = 0;
}

static void remove_folder(const struct build *build)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char *path = path_join(build->folder, files[i]);

		unlink(path);
		free(path);
	}
	rmdir(build->folder);
}

void build_end(struct build *build, bool has_failed)
{
	if (build->pid > 0)
		stop(build, has_failed);
	if (build->folder)
		remove_folder(build);
	free(build->folder);
	free(build->url);
	free(build->address);
	free(build->ca);
	free(build->cert);
	free(build->key);
	*build = (struct build){0};
}
