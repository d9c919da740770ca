/* SPDX-License-Identifier: MIT */
#include "config/record.h"

#include <admwh/record.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

enum {
	FILES_MAX = 100000,
	KIND_MAX = 253 + 1 + 63, /* bytes: a group, "/", a kind */
	FOLDER_MODE = 0700,
	OTHERS = 077,
};

static const char *const withheld[] = {"Secret", "SecretList", "TokenRequest", "TokenReview"};

bool awh_record_is_withheld(const char *kind)
{
	for (size_t i = 0; kind && i < sizeof(withheld) / sizeof(withheld[0]); i++)
		if (strcmp(kind, withheld[i]) == 0)
			return true;
	return false;
}

bool awh_record_has_kind(const struct admwh_config *config, const char *group, const char *kind)
{
	char text[KIND_MAX + 1];
	int len = snprintf(text, sizeof(text), "%s%s%s", group, group[0] ? "/" : "", kind);

	return len > 0 && len <= KIND_MAX && awh_text_list_has(&config->record_kinds, text);
}

static int check_folder(int fd, const char *folder, struct awh_error *error)
{
	struct stat what;

	if (fstat(fd, &what))
		return awh_fail(error, ADMWH_E_IO, "%s: %s", folder, strerror(errno));
	if (what.st_uid != geteuid())
		return awh_fail(error, ADMWH_E_IO, "%s: the folder belongs to another user",
				folder);
	if (what.st_mode & OTHERS)
		return awh_fail(error, ADMWH_E_IO,
				"%s: the folder is open to other users; expected mode 0700",
				folder);
	return 0;
}

/* O_NOFOLLOW looks at the last name alone, and behind "LINK/" and "LINK/." that is none. */
static void trim(char *folder)
{
	size_t len = strlen(folder);

	while (len > 1 &&
	       (folder[len - 1] == '/' || (folder[len - 1] == '.' && folder[len - 2] == '/')))
		len--;
	folder[len] = '\0';
}

/* A descriptor, or -1 with errno set. */
static int make_and_open(const char *folder)
{
	char *trimmed = awh_strdup(folder);
	int opened = -1;

	if (!trimmed) {
		errno = ENOMEM;
		return -1;
	}
	trim(trimmed);
	if (mkdir(trimmed, FOLDER_MODE) == 0 || errno == EEXIST)
		opened = open(trimmed, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	free(trimmed);
	return opened;
}

int awh_record_folder_open(int *fd, const char *folder, struct awh_error *error)
{
	int opened = make_and_open(folder), err;

	if (opened < 0)
		return awh_fail(error, errno == ENOMEM ? ADMWH_E_NOMEM : ADMWH_E_IO, "%s: %s",
				folder, strerror(errno));
	err = check_folder(opened, folder, error);
	if (err)
		close(opened);
	else
		*fd = opened;
	return err;
}

int awh_record_check(const struct admwh_config *config, struct awh_error *error)
{
	if (config->record_folder && config->record_kinds.n_items == 0)
		return awh_fail(error, ADMWH_E_INVAL, "record: no kind is set");
	if (!config->record_folder && config->record_kinds.n_items > 0)
		return awh_fail(error, ADMWH_E_INVAL, "record: no folder is set");
	return 0;
}

int admwh_config_set_record_folder(struct admwh_config *config, const char *folder)
{
	int err = awh_config_begin_set(config);
	char *copy;
	int fd;

	if (err)
		return err;
	if (!folder || !*folder)
		return awh_fail(&config->error, ADMWH_E_INVAL, "record: no folder name");
	err = awh_record_folder_open(&fd, folder, &config->error);
	if (err)
		return err;
	close(fd);
	copy = awh_strdup(folder);
	if (!copy)
		return awh_config_no_memory(config);
	free(config->record_folder);
	config->record_folder = copy;
	return 0;
}

/* "Kind" or "group/Kind", of letters, digits, "-" and "." */
static bool is_kind(const char *text)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
	const char *slash = strchr(text, '/');
	const char *kind = slash ? slash + 1 : text;

	return strnlen(text, KIND_MAX + 1) <= KIND_MAX && *kind && slash != text &&
	       kind[strspn(kind, letters)] == '\0' &&
	       (!slash || strspn(text, letters) == (size_t)(slash - text));
}

int admwh_config_add_record_kind(struct admwh_config *config, const char *kind)
{
	int err = awh_config_begin_set(config);
	const char *slash;

	if (err)
		return err;
	if (!kind || !is_kind(kind))
		return awh_fail(&config->error, ADMWH_E_INVAL,
				"record: expected a kind, \"Pod\" or \"apps/Deployment\"");
	slash = strchr(kind, '/');
	if (awh_record_is_withheld(slash ? slash + 1 : kind))
		return awh_fail(&config->error, ADMWH_E_INVAL, "record: %s is never recorded",
				slash ? slash + 1 : kind);
	return awh_text_list_add(&config->record_kinds, kind) ? awh_config_no_memory(config) : 0;
}

int admwh_config_set_record_files(struct admwh_config *config, unsigned int files)
{
	int err = awh_config_begin_set(config);

	if (err)
		return err;
	if (files < 1 || files > FILES_MAX)
		return awh_fail(&config->error, ADMWH_E_INVAL, "record: expected 1 to %d files",
				FILES_MAX);
	config->record_files = files;
	return 0;
}
