/* SPDX-License-Identifier: MIT */
#include "http/line.h"

#include "base/text.h"
#include "http/grammar.h"

/* RFC 9112 3: a method longer than any known one gets 501. */
enum { METHOD_MAX = 32 };

/* What the next byte belongs to. */
enum state {
	METHOD,
	TARGET,
	VERSION,
	NAME_START,
	NAME,
	VALUE,
	SIZE,
	EXTENSION_NAME_START,
	EXTENSION_NAME,
	EXTENSION_NAME_BLANK, /* behind the name: "=" or ";" must follow */
	EXTENSION_VALUE_START,
	EXTENSION_TOKEN,
	EXTENSION_QUOTED,
	EXTENSION_ESCAPED,
	EXTENSION_QUOTED_END,
	EXTENSION_BLANK, /* behind size or value: ";" must follow */
	CARRIAGE_RETURN,
	LINE_FEED,
	DONE,
};

static bool go(struct awh_line *line, enum state state)
{
	line->state = state;
	return true;
}

static bool take_method(struct awh_line *line, unsigned char c, struct awh_refusal *refusal)
{
	if (c == ' ' && line->len > 0) {
		line->name_end = line->len;
		return go(line, TARGET);
	}
	if (!awh_is_tchar(c))
		return awh_refuse(refusal, 400, "malformed method");
	if (line->len == METHOD_MAX)
		return awh_refuse(refusal, 501, "method is too long");
	return true;
}

static bool take_target(struct awh_line *line, unsigned char c, struct awh_refusal *refusal)
{
	if (c == ' ' && line->len > line->name_end + 1) {
		line->target_end = line->len;
		return go(line, VERSION);
	}
	return awh_is_target_char(c) || awh_refuse(refusal, 400, "malformed request target");
}

static bool take_version(struct awh_line *line, unsigned char c, struct awh_refusal *refusal)
{
	static const char version[] = "HTTP/1.";
	size_t at = line->len - line->target_end - 1;
	bool is_digit = awh_is_digit(c);

	if (at < sizeof(version) - 1) {
		if (c == version[at])
			return true;
		if (version[at] == '1' && is_digit)
			return awh_refuse(refusal, 505, "only HTTP/1.1 and HTTP/1.0 are spoken");
		return awh_refuse(refusal, 400, "malformed HTTP version");
	}
	if (!is_digit)
		return awh_refuse(refusal, 400, "malformed HTTP version");
	if (c > '1')
		return awh_refuse(refusal, 505, "only HTTP/1.1 and HTTP/1.0 are spoken");
	line->version_minor = c - '0';
	return go(line, CARRIAGE_RETURN);
}

static bool take_field(struct awh_line *line, unsigned char c, struct awh_refusal *refusal)
{
	if (line->state == VALUE) {
		if (c == '\r')
			return go(line, LINE_FEED);
		return awh_is_value_char(c) || awh_refuse(refusal, 400, "malformed field value");
	}
	if (line->state == NAME && c == ':') {
		line->name_end = line->len;
		return go(line, VALUE);
	}
	if (line->state == NAME_START && c == '\r')
		return go(line, LINE_FEED);
	if (line->state == NAME_START && awh_is_blank(c))
		return awh_refuse(refusal, 400, "folded field line");
	if (!awh_is_tchar(c))
		return awh_refuse(refusal, 400, "malformed field name");
	return go(line, NAME);
}

/* What may follow a chunk's size, an extension's name, and its value. */
static bool end_part(struct awh_line *line, unsigned char c, enum state blank, const char *reason,
		     struct awh_refusal *refusal)
{
	if (c == ';')
		return go(line, EXTENSION_NAME_START);
	if (c == '\r')
		return go(line, LINE_FEED);
	if (awh_is_blank(c))
		return go(line, blank);
	return awh_refuse(refusal, 400, reason);
}

static bool take_chunk_size(struct awh_line *line, unsigned char c, struct awh_refusal *refusal)
{
	static const char reason[] = "malformed chunk size";

	if (awh_hex_digit(c) >= 0) {
		if (line->size_digits == AWH_CHUNK_SIZE_DIGITS)
			return awh_refuse(refusal, 400, "chunk size is too large");
		line->size_digits += c != '0' || line->size_digits > 0;
		return true;
	}
	if (line->len == 0)
		return awh_refuse(refusal, 400, reason);
	line->name_end = line->len;
	return end_part(line, c, EXTENSION_BLANK, reason, refusal);
}

/* quoted-string behind its opening quote (RFC 9110 5.6.4) */
static bool take_quoted(struct awh_line *line, unsigned char c, struct awh_refusal *refusal)
{
	if (!awh_is_value_char(c))
		return awh_refuse(refusal, 400, "malformed chunk extension");
	if (line->state == EXTENSION_ESCAPED)
		return go(line, EXTENSION_QUOTED);
	if (c == '\\')
		return go(line, EXTENSION_ESCAPED);
	return c != '"' || go(line, EXTENSION_QUOTED_END);
}

/* *( BWS ";" BWS token [ BWS "=" BWS ( token / quoted-string ) ] ) (RFC 9112 7.1.1) */
static bool take_extension(struct awh_line *line, unsigned char c, struct awh_refusal *refusal)
{
	static const char reason[] = "malformed chunk extension";

	switch (line->state) {
	case EXTENSION_NAME_START:
		if (awh_is_blank(c))
			return true;
		return awh_is_tchar(c) ? go(line, EXTENSION_NAME)
				       : awh_refuse(refusal, 400, reason);
	case EXTENSION_NAME:
		if (c == '=')
			return go(line, EXTENSION_VALUE_START);
		return awh_is_tchar(c) || end_part(line, c, EXTENSION_NAME_BLANK, reason, refusal);
	case EXTENSION_NAME_BLANK:
		if (c == '=')
			return go(line, EXTENSION_VALUE_START);
		break;
	case EXTENSION_VALUE_START:
		if (awh_is_blank(c))
			return true;
		if (c == '"')
			return go(line, EXTENSION_QUOTED);
		return awh_is_tchar(c) ? go(line, EXTENSION_TOKEN)
				       : awh_refuse(refusal, 400, reason);
	case EXTENSION_TOKEN:
		return awh_is_tchar(c) || end_part(line, c, EXTENSION_BLANK, reason, refusal);
	case EXTENSION_QUOTED_END:
		return end_part(line, c, EXTENSION_BLANK, reason, refusal);
	default:
		break;
	}
	/* Blanks must be followed by something. */
	if (c == ';')
		return go(line, EXTENSION_NAME_START);
	return awh_is_blank(c) || awh_refuse(refusal, 400, reason);
}

static bool take(struct awh_line *line, unsigned char c, struct awh_refusal *refusal)
{
	switch ((enum state)line->state) {
	case METHOD:
		return take_method(line, c, refusal);
	case TARGET:
		return take_target(line, c, refusal);
	case VERSION:
		return take_version(line, c, refusal);
	case NAME_START:
	case NAME:
	case VALUE:
		return take_field(line, c, refusal);
	case SIZE:
		return take_chunk_size(line, c, refusal);
	case CARRIAGE_RETURN:
		return c == '\r' ? go(line, LINE_FEED)
				 : awh_refuse(refusal, 400, "line does not end here");
	case LINE_FEED:
		return c == '\n' ? go(line, DONE) : awh_refuse(refusal, 400, "bare CR");
	case EXTENSION_QUOTED:
	case EXTENSION_ESCAPED:
		return take_quoted(line, c, refusal);
	default:
		return take_extension(line, c, refusal);
	}
}

void awh_line_begin(struct awh_line *line, enum awh_line_kind kind)
{
	static const enum state start[] = {
	    [AWH_LINE_REQUEST] = METHOD,
	    [AWH_LINE_FIELD] = NAME_START,
	    [AWH_LINE_CHUNK] = SIZE,
	    [AWH_LINE_CHUNK_END] = CARRIAGE_RETURN,
	};

	*line = (struct awh_line){.state = start[kind]};
}

bool awh_line_take(struct awh_line *line, unsigned char c, struct awh_refusal *refusal)
{
	if (!take(line, c, refusal))
		return false;
	line->len++;
	return true;
}

bool awh_line_done(const struct awh_line *line)
{
	return line->state == DONE;
}
