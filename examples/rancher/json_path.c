/* SPDX-License-Identifier: MIT */
/*
 * The JSONPath dialect of Rancher's audit log: $.a.b, $..a, $.*, $['a'], $.[a,b],
 * each with a subscript [0], [1:5:2], [1,2] or [*] behind it. A child's name in
 * dot notation is made of letters, "_" and "-".
 */
#include <string.h>

#include "go_time.h"
#include "go_text.h"

struct path {
	const char *at;
	struct text *error;
};

static bool fail(struct path *path, const char *what)
{
	text_add(path->error, "%s", what);
	return false;
}

static bool fail_found(struct path *path, const char *what)
{
	text_add(path->error, "%s", what);
	go_rune(path->error, (unsigned char)*path->at);
	return false;
}

static bool fail_quoted(struct path *path, const char *what)
{
	text_add(path->error, "%s '", what);
	go_rune(path->error, (unsigned char)*path->at);
	text_add(path->error, "'");
	return false;
}

static bool is_name(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
}

/* Up to ":", "]" or ","; where nothing is there the value stays as it is. */
static bool take_int(struct path *path, int64_t *value, const char *what)
{
	size_t len = strcspn(path->at, ":],");
	struct text digits = {0}, error = {0};
	bool valid = true;

	if (len > 0) {
		text_add_bytes(&digits, path->at, len);
		valid = go_int_parse("Atoi", text_get(&digits), value, &error);
		if (!valid)
			text_add(path->error, "%s: failed to parse integer: %s", what,
				 text_get(&error));
		path->at += len;
	}
	text_deinit(&digits);
	text_deinit(&error);
	return valid;
}

static bool take_bracket(struct path *path)
{
	if (!*path->at)
		return fail(path, "expected ']' but none");
	if (*path->at != ']')
		return fail_found(path, "expected \"]\" but found ");
	path->at++;
	return true;
}

/* Behind "[1:". */
static bool take_range(struct path *path)
{
	int64_t end, step = 1;

	text_add(path->error, "failed to parse index range: ");
	if (*path->at && !take_int(path, &end, "failed to parse range end"))
		return false;
	if (!*path->at || *path->at == ']')
		return take_bracket(path);
	if (*path->at != ':')
		return fail_found(path, "expected \":\" but found ");
	path->at++;
	if (!take_int(path, &step, "failed to parse range step"))
		return false;
	if (step <= 0)
		return fail(path, "range step must be greater than zero");
	return take_bracket(path);
}

/* Behind "[1,". */
static bool take_union(struct path *path)
{
	int64_t value;

	text_add(path->error, "failed to parse index union: ");
	for (;; path->at++) {
		const char *begin = path->at;

		if (!take_int(path, &value, "failed to parse range union option"))
			return false;
		if (!*path->at)
			return fail(path, "expected ']' but none");
		if (path->at == begin)
			return fail(path, "index unions options may not be empty");
		if (*path->at != ',')
			return take_bracket(path);
	}
}

static bool take_subscript(struct path *path)
{
	int64_t value;

	path->at++;
	if (!*path->at)
		return fail(path, "expected ']' but none");
	if (*path->at == '*') {
		path->at++;
		if (!*path->at)
			return fail(path, "expected \"]\" but none");
		return take_bracket(path);
	}
	if (!take_int(path, &value, "failed to parse range start"))
		return false;
	switch (*path->at) {
	case '\0':
		return fail(path, "expected ']' but none");
	case ':':
		path->at++;
		return take_range(path);
	case ',':
		path->at++;
		return take_union(path);
	default:
		return take_bracket(path);
	}
}

/* A subscript, where one is there. What a part of the path adds to the error it takes back. */
static bool take_optional_subscript(struct path *path)
{
	size_t before = path->error->len;

	if (path->at[0] != '[' || path->at[1] == '\'')
		return true;
	text_add(path->error, "failed to parse subscript: ");
	if (!take_subscript(path))
		return false;
	path->error->len = before;
	return true;
}

/* Behind "['". */
static bool take_bracket_child(struct path *path)
{
	for (; *path->at; path->at++) {
		if (path->at[0] == '\'' && path->at[1] == ']') {
			path->at += 2;
			return take_optional_subscript(path);
		}
		if (*path->at == '\'')
			return fail(path, "single quotes must be escaped in bracket notation");
		if (*path->at != '\\')
			continue;
		path->at++;
		if (!*path->at)
			return fail(path, "unexpected end of path");
		if (*path->at != '\\' && *path->at != '\'') {
			text_add(path->error, "invalid escape sequence '\\");
			go_rune(path->error, (unsigned char)*path->at);
			return fail(path, "'");
		}
	}
	return fail(path, "expected \"']\" but none was found");
}

static bool take_dot_child(struct path *path)
{
	const char *begin = path->at;

	for (; *path->at && *path->at != '.' && *path->at != '['; path->at++) {
		if (*path->at == '*' && path->at > begin)
			return fail(path, "found unescaped '*' in identifier");
		if (*path->at != '*' && !is_name(*path->at))
			return fail_quoted(path, "only characters in range A-Za-z_- are allowed in "
						 "dot notation identifiers but found");
	}
	return take_optional_subscript(path);
}

/* "[a,b]". */
static bool take_child_union(struct path *path)
{
	size_t options = 0;
	const char *begin = ++path->at;

	for (; *path->at && *path->at != ']'; path->at++) {
		if (*path->at == ',') {
			if (path->at == begin)
				return fail(path, "union options may not be empty");
			options++;
			begin = path->at + 1;
		} else if (!is_name(*path->at)) {
			return fail_quoted(path, "only characters in range A-Za-z_- are allowed in "
						 "union options but found");
		}
	}
	if (options == 0 && path->at == begin)
		return fail(path, "expected at least one union option");
	if (!*path->at)
		return fail(path, "expected ']' but none was found");
	path->at++;
	return take_optional_subscript(path);
}

/* Behind "." or "..". */
static bool take_child(struct path *path)
{
	return *path->at == '[' ? take_child_union(path) : take_dot_child(path);
}

static bool take_selector(struct path *path)
{
	bool recursive = path->at[0] == '.' && path->at[1] == '.';
	bool bracket = path->at[0] == '[' && path->at[1] == '\'';

	if (!recursive && !bracket && path->at[0] != '.')
		return fail_quoted(path, "unexpected character");
	if (path->at[0] == '.' && !path->at[1])
		return fail(path, "unexpected end of path");
	text_add(path->error, "failed to parse child selector: ");
	path->at += recursive || bracket ? 2 : 1;
	if (recursive && !*path->at)
		return fail(path, "unexpected end of path");
	if (recursive)
		text_add(path->error, "failed to parse child selector: ");
	return bracket ? take_bracket_child(path) : take_child(path);
}

bool json_path_check(const char *text, struct text *error)
{
	struct path path = {text, error};
	size_t before = error->len;

	if (*text != '$')
		return fail(&path, "paths must begin with the root object identifier: '$'");
	for (path.at++; *path.at;) {
		if (!take_selector(&path))
			return false;
		error->len = before;
	}
	if (error->data)
		error->data[before] = '\0';
	return true;
}
