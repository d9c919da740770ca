/* SPDX-License-Identifier: MIT */
#include "dispatch/path.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

enum { SHOWN = 200 }; /* bytes of a path in a message, with their end */

/* The bytes that Go's net/url leaves as they are in a path; it escapes the others as %XX. */
static bool is_plain(char c)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "$&+,-./:;=@_~";

	return c != '\0' && strchr(plain, c);
}

static bool is_escape(const char *text)
{
	return text[0] == '%' && awh_hex_digit((unsigned char)text[1]) >= 0 &&
	       awh_hex_digit((unsigned char)text[2]) >= 0;
}

/* Up to a query or a fragment. A "%" that begins no escape stands for itself. */
static void put_decoded(struct awh_buf *buf, const char *path)
{
	while (*path && *path != '?' && *path != '#') {
		char c = *path;
		bool escape = is_escape(path);

		if (escape)
			c = (char)(awh_hex_digit((unsigned char)path[1]) * 16 +
				   awh_hex_digit((unsigned char)path[2]));
		awh_buf_put(buf, &c, 1);
		path += escape ? 3 : 1;
	}
}

static void put_segment(struct awh_buf *buf, const char *segment, size_t len)
{
	static const char digits[] = "0123456789ABCDEF";

	awh_buf_put(buf, "/", 1);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)segment[i];
		char escape[3] = {'%', digits[c >> 4], digits[c & 15]};

		if (is_plain(segment[i]))
			awh_buf_put(buf, segment + i, 1);
		else
			awh_buf_put(buf, escape, sizeof(escape));
	}
}

static void drop_segment(struct awh_buf *buf)
{
	while (buf->len > 0 && buf->data[--buf->len] != '/')
		continue;
}

/* As path.Clean("/" + path), then escaped. */
static void put_cleaned(struct awh_buf *buf, const struct awh_buf *decoded)
{
	for (size_t start = 0; start < decoded->len;) {
		const char *segment = decoded->data + start;
		const char *slash = memchr(segment, '/', decoded->len - start);
		size_t len = slash ? (size_t)(slash - segment) : decoded->len - start;

		if (len == 2 && memcmp(segment, "..", 2) == 0)
			drop_segment(buf);
		else if (len > 0 && !(len == 1 && segment[0] == '.'))
			put_segment(buf, segment, len);
		start += len + 1;
	}
	if (buf->len == 0)
		awh_buf_put(buf, "/", 1);
}

static int compare(const char *path, const char *sent, struct awh_error *error)
{
	char shown[SHOWN], shown_sent[SHOWN];

	if (strcmp(path, sent) == 0)
		return 0;
	awh_text_show(shown, sizeof(shown), path);
	awh_text_show(shown_sent, sizeof(shown_sent), sent);
	return awh_fail(error, ADMWH_E_INVAL,
			"path \"%s\": kube-apiserver never sends this path, write \"%s\"", shown,
			shown_sent);
}

int awh_path_check(const char *path, struct awh_error *error)
{
	char shown[SHOWN];

	awh_text_show(shown, sizeof(shown), path ? path : "");
	if (!path || path[0] != '/')
		return awh_fail(error, ADMWH_E_INVAL, "path \"%s\": expected a leading \"/\"",
				shown);
	for (const char *c = path; *c; c++)
		if (!awh_is_visible(*c) || *c == '?' || *c == '#')
			return awh_fail(error, ADMWH_E_INVAL,
					"path \"%s\": byte %zu cannot stand in a path, write it "
					"as %%%02X",
					shown, (size_t)(c - path), (unsigned char)*c);
	return 0;
}

int awh_path_check_sent(const char *path, struct awh_error *error)
{
	struct awh_buf decoded, sent;
	int err;

	path = path ? path : "";
	awh_buf_init(&decoded, strlen(path) + 1);
	awh_buf_init(&sent, 3 * strlen(path) + 3); /* a slash before it, the NUL behind */
	put_decoded(&decoded, path);
	put_cleaned(&sent, &decoded);
	if (decoded.err || awh_buf_terminate(&sent))
		err = awh_fail(error, ADMWH_E_NOMEM, "out of memory");
	else
		err = compare(path, sent.data, error);
	awh_buf_deinit(&decoded);
	awh_buf_deinit(&sent);
	return err;
}

static int refuse_braces(const char *path, struct awh_error *error)
{
	char shown[SHOWN];

	awh_text_show(shown, sizeof(shown), path);
	return awh_fail(error, ADMWH_E_INVAL,
			"path \"%s\": a \"{NAME}\" stands for the whole last segment, once", shown);
}

/* "{" and "}" as such are sent escaped. */
int awh_path_check_pattern(const char *path, size_t *segment, struct awh_error *error)
{
	const char *brace = path ? strpbrk(path, "{}") : NULL;
	char name[AWH_NAME_MAX + 2];
	struct awh_buf sample;
	size_t len;
	int err;

	*segment = 0;
	if (!brace)
		return awh_path_check_sent(path, error);
	len = strlen(brace);
	if (brace == path || brace[-1] != '/' || brace[0] != '{' || len < 3 || len > sizeof(name) ||
	    brace[len - 1] != '}')
		return refuse_braces(path, error);
	memcpy(name, brace + 1, len - 2);
	name[len - 2] = '\0';
	if (!awh_is_name(name))
		return refuse_braces(path, error);
	awh_buf_init(&sample, strlen(path) + 1);
	awh_buf_put(&sample, path, (size_t)(brace - path));
	awh_buf_put(&sample, "x", 1);
	err = awh_buf_terminate(&sample) ? awh_fail(error, ADMWH_E_NOMEM, "out of memory")
					 : awh_path_check_sent(sample.data, error);
	awh_buf_deinit(&sample);
	if (err == 0)
		*segment = (size_t)(brace - path);
	return err;
}

/* One character of a segment as Go's net/url writes it; -1: it is none. */
static int read_character(const char *segment, size_t len, size_t *used)
{
	int high, low;

	*used = 1;
	if (segment[0] != '%')
		return is_plain(segment[0]) && segment[0] != '/' ? (unsigned char)segment[0] : -1;
	if (len < 3 || (segment[1] >= 'a' && segment[1] <= 'f') ||
	    (segment[2] >= 'a' && segment[2] <= 'f'))
		return -1;
	high = awh_hex_digit((unsigned char)segment[1]);
	low = awh_hex_digit((unsigned char)segment[2]);
	*used = 3;
	if (high < 0 || low < 0 || is_plain((char)(high * 16 + low)))
		return -1; /* "/" is plain, too */
	return high * 16 + low;
}

bool awh_path_is_segment(const char *text)
{
	size_t len = strnlen(text, AWH_SEGMENT_MAX + 1);

	return len > 0 && len <= AWH_SEGMENT_MAX && !strchr(text, '/') && strcmp(text, ".") != 0 &&
	       strcmp(text, "..") != 0 && awh_text_is_clean(text, len);
}

bool awh_path_segment(char out[AWH_SEGMENT_MAX + 1], const char *segment, size_t len)
{
	size_t n = 0;

	for (size_t used; len > 0; segment += used, len -= used) {
		int c = n < AWH_SEGMENT_MAX ? read_character(segment, len, &used) : -1;

		if (c < 0)
			return false;
		out[n++] = (char)c;
	}
	out[n] = '\0';
	return strlen(out) == n && awh_path_is_segment(out);
}
