/* SPDX-License-Identifier: MIT */
/* tokens: what callers show by Authorization, against the server's --token-file. */
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "verify/checks.h"
#include "verify/inspect.h"

static const char make_token[] = "admwhctl renew FOLDER token makes a new one, in both files";

/* "TOKEN,NAME,UID[,GROUPS]", where quotes match; the length of TOKEN, 0: the line is another. */
static size_t token_length(const char *line, size_t len)
{
	size_t token = 0, commas = 0;
	bool is_quoted = false;

	for (size_t i = 0; i < len; i++) {
		is_quoted ^= line[i] == '"';
		if (line[i] != ',' || is_quoted)
			continue;
		token = commas++ == 0 ? i : token;
	}
	return commas >= 2 && !is_quoted && token > strspn(line, "\"") ? token : 0;
}

/* The number of an earlier line with this token; 0: none. */
static size_t line_before(const struct source *tokens, const char *line, size_t len)
{
	size_t number = 1;

	for (const char *other = tokens->bytes; other < line; number++) {
		if (strncmp(other, line, len) == 0 && other[len] == ',')
			return number;
		other += strcspn(other, "\n") + 1;
	}
	return 0;
}

/* The server takes the whole file or nothing of it. */
static void inspect_lines(struct verdict *verdict, const struct source *tokens)
{
	size_t number = 1, len;

	for (const char *line = tokens->bytes; *line; line += len + (line[len] == '\n'), number++) {
		size_t token, same;

		len = strcspn(line, "\n");
		if (len == 0 || *line == '#')
			continue;
		token = token_length(line, len);
		same = token > 0 ? line_before(tokens, line, token) : 0;
		if (token == 0)
			fault(verdict, text_new("%s:%zu", tokens->where, number),
			      text_new("it is no line of TOKEN,NAME,UID: the server takes nothing "
				       "of the file"),
			      make_token);
		else if (same > 0)
			fault(verdict, text_new("%s:%zu", tokens->where, number),
			      text_new("its token is that of line %zu: the server takes nothing "
				       "of the file",
				       same),
			      "leave one of the lines out");
	}
}

static void check_files(const struct facts *facts, struct verdict *verdict)
{
	if (facts->tokens.where)
		inspect_source(verdict, &facts->tokens);
	if (facts->tokens.where && facts->tokens.bytes)
		inspect_lines(verdict, &facts->tokens);
}

/* Is this the first field of a line, "TOKEN,NAME,UID[,GROUPS]"? */
static bool is_listed(const struct source *tokens, const char *token, size_t len)
{
	const char *line = tokens->bytes;

	while (line && *line) {
		const char *end = line + strcspn(line, "\n");

		line += *line == '"';
		if (strncmp(line, token, len) == 0 && (line[len] == ',' || line[len] == '"'))
			return true;
		line = *end ? end + 1 : end;
	}
	return false;
}

static void inspect_token(const struct facts *facts, struct verdict *verdict, const char *where,
			  const char *token, size_t len)
{
	while (len > 0 && strchr(" \r\n", token[len - 1]))
		len--;
	examine(verdict);
	if (len < 16)
		fault(verdict, text_new("%s", where),
		      text_new("the token has %zu bytes: it can be guessed", len), make_token);
	else if (facts->tokens.bytes && !is_listed(&facts->tokens, token, len))
		fault(verdict, text_new("%s", where),
		      text_new("%s does not have this token", facts->tokens.where), make_token);
}

static void check_listed(const struct facts *facts, struct verdict *verdict)
{
	const struct installation *installation = facts->installation;

	if (!installation || !(installation->authentication & BY_TOKEN))
		return;
	for (size_t i = 0; i < installation->n_callers; i++) {
		char *name = caller_token_path(&installation->callers[i]);
		const struct folder_file *file = folder_file(&facts->folder, name);

		if (file && !file->is_folder)
			inspect_token(facts, verdict, name, file->bytes, file->len);
		else
			fault(verdict, text_new("%s", name), text_new("it is not there"),
			      make_token);
		free(name);
	}
}

/* Is it what the API server shows to a webhook of the folder? A kubeconfig has users for others. */
static bool is_shown(const struct facts *facts, const struct document *kubeconfig,
		     const json_t *entry)
{
	for (size_t i = 0; i < facts->n_hooks; i++)
		if (facts->hooks[i].host && hook_user(kubeconfig, &facts->hooks[i]) == entry)
			return true;
	return false;
}

/* A token in the kubeconfig itself. */
static void check_inline(const struct facts *facts, struct verdict *verdict)
{
	const struct document *kubeconfig;
	size_t from = 0, i;
	json_t *user;

	while ((kubeconfig = folder_next(&facts->folder, "Config", &from)))
		json_array_foreach(at(kubeconfig->value, "users"), i, user) {
			const char *token = text_at(user, "user/token");
			char *where = place(kubeconfig, "/users/%zu/user/token", i);

			if (token && is_shown(facts, kubeconfig, user))
				inspect_token(facts, verdict, where, token, strlen(token));
			free(where);
		}
}

const struct check token_checks[] = {
    {"tokens.file", "the server's file of tokens is mounted", check_files},
    {"tokens.listed", "it has the token of each caller", check_listed},
    {"tokens.kubeconfig", "it has the tokens of the kubeconfig", check_inline},
    {0},
};
