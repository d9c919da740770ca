/* SPDX-License-Identifier: MIT */
/*
 * The HTTP/1 suites (HTTP-CASES.md among them says what a pass means), run
 * through the parser alone: each case whole, byte by byte, and split in two at
 * every position.
 *
 * usage: suite_http [FOLDER]   (ADMWH_SUITES goes first; neither: skipped)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "../unit/http/transcript.h"

enum { SKIPPED = 77 };

static const struct awh_http_limits limits = {
    .header_bytes = 16384,
    .header_count = 64,
    .body = 33554432,
};

struct bytes {
	char *data; /* NUL-terminated */
	size_t len;
};

static int base64_digit(char c)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* *new* bytes of a base64 text; NULL is the empty text. */
static struct bytes decode_base64(const char *text)
{
	struct bytes bytes = {calloc(1, (text ? strlen(text) : 0) + 1), 0};
	unsigned int word = 0;
	unsigned int bits = 0;

	if (!bytes.data)
		exit(1);
	for (; text && *text && base64_digit(*text) >= 0; text++) {
		word = word << 6 | (unsigned int)base64_digit(*text);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			bytes.data[bytes.len++] = (char)(word >> bits & 0xff);
		}
	}
	return bytes;
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* One request as seen: lines of a transcript, taken apart. */
struct seen {
	char *head;
	char *end; /* NULL: not complete */
};

/* The heads and ends of a transcript, cut into lines in place; returns how many heads. */
static size_t cut_transcript(char *text, struct seen *seen, size_t max)
{
	size_t count = 0;

	for (char *line = strtok_r(text, "\n", &text); line; line = strtok_r(NULL, "\n", &text)) {
		if (strncmp(line, "HEAD ", 5) == 0 && count < max)
			seen[count++] = (struct seen){line + 5, NULL};
		else if (strncmp(line, "END ", 4) == 0 && count > 0)
			seen[count - 1].end = line + 4;
	}
	return count;
}

/* Does a request that was seen begin with method and target, and have this body? */
static bool is_message(const struct seen *seen, const json_t *message)
{
	struct bytes body = decode_base64(text_of(message, "body_b64"));
	struct awh_buf want;
	bool same;

	awh_buf_init(&want, (size_t)1 << 26);
	awh_buf_printf(&want, "%s %s ", text_of(message, "method"), text_of(message, "target"));
	same = strncmp(seen->head, want.data, want.len) == 0 && seen->end;
	awh_buf_reset(&want);
	awh_put_json_string(&want, body.data, body.len);
	same = same && strlen(seen->end) == want.len && memcmp(seen->end, want.data, want.len) == 0;
	awh_buf_deinit(&want);
	free(body.data);
	return same;
}

/* A request no handler gets: the routing layer answers 405 and the connection closes. */
static bool is_refused_by_routing(const struct seen *seen)
{
	return strncmp(seen->head, "POST ", 5) != 0 && strstr(seen->head, " close");
}

/* NULL for a pass, or what is wrong. */
static const char *judge(const json_t *object, const struct transcript *transcript, char *text)
{
	const char *expect = text_of(object, "expect");
	const char *forbidden = text_of(object, "forbid_target");
	const json_t *messages = json_object_get(object, "messages");
	size_t wanted = json_array_size(messages);
	/* Some wire forms lack a Host they should have been given: refused, and rightly so. */
	bool lacks_host =
	    json_is_true(json_object_get(object, "no_host")) && strstr(text, "ERROR 400 no Host\n");
	struct seen seen[64];
	size_t n_seen = cut_transcript(text, seen, 64);

	for (size_t i = 0; forbidden && i < n_seen; i++) {
		const char *target = strchr(seen[i].head, ' ') + 1;

		if (strncmp(target, forbidden, strlen(forbidden)) == 0 &&
		    target[strlen(forbidden)] == ' ')
			return "a target that must not be reached was";
	}
	if (strcmp(expect, "either") == 0)
		return NULL;
	for (size_t i = 0; i < wanted; i++) {
		if (i == n_seen && lacks_host) {
			printf("deviation=%s reason=a head without Host is refused (a pass)\n",
			       text_of(object, "id"));
			return NULL;
		}
		if (i >= n_seen || !is_message(&seen[i], json_array_get(messages, i)))
			return "a message is missing or differs";
	}
	if (strcmp(expect, "accept") == 0)
		return n_seen == wanted && !transcript->failed && !transcript->in_request
			   ? NULL
			   : "more than the messages was seen";
	for (size_t i = wanted; i < n_seen; i++)
		if (seen[i].end && !is_refused_by_routing(&seen[i]))
			return "a request came through";
	if (strcmp(expect, "reject") == 0)
		return transcript->failed || n_seen > wanted ? NULL : "no error";
	return transcript->in_request && !transcript->failed ? NULL : "not left in a request";
}

/* NULL when every way of cutting the stream gives the transcript, or what is wrong. */
static const char *judge_splits(const struct bytes *raw, const struct transcript *whole)
{
	for (size_t first = 0; first < raw->len; first++) {
		struct transcript other;
		bool same;

		/* first 0 stands for byte by byte */
		transcript_run(&other, &limits, raw->data, raw->len, first ? first : 1,
			       first ? raw->len : 1);
		same = transcript_equals(whole, &other);
		transcript_deinit(&other);
		if (!same)
			return "the outcome depends on how the bytes are split";
	}
	return NULL;
}

static const char *run_case(const json_t *object)
{
	const char *wire = text_of(object, "wire_b64");
	struct bytes raw = decode_base64(wire ? wire : text_of(object, "raw_b64"));
	struct transcript whole;
	const char *wrong;

	transcript_run(&whole, &limits, raw.data, raw.len, raw.len, raw.len);
	wrong = judge_splits(&raw, &whole);
	if (!wrong)
		wrong = judge(object, &whole, whole.text.data);
	transcript_deinit(&whole);
	free(raw.data);
	return wrong;
}

struct tally {
	size_t passed;
	size_t failed;
};

static void count_case(struct tally *tally, const char *name, const char *wrong)
{
	if (wrong)
		printf("deviation=%s reason=%s\n", name, wrong);
	tally->failed += wrong != NULL;
	tally->passed += wrong == NULL;
}

/* Returns how many failed. */
static size_t run_cases(const char *suite, const json_t *cases)
{
	static const char *const verdicts[] = {"accept", "reject", "incomplete", "either"};
	struct tally all = {0, 0};

	for (size_t v = 0; v < 4; v++) {
		struct tally tally = {0, 0};
		const json_t *object;
		size_t i;

		json_array_foreach(cases, i, object)
			if (strcmp(text_of(object, "expect"), verdicts[v]) == 0)
				count_case(&tally, text_of(object, "id"), run_case(object));
		printf("  %s %s %zu/%zu\n", suite, verdicts[v], tally.passed,
		       tally.passed + tally.failed);
		all.passed += tally.passed;
		all.failed += tally.failed;
	}
	printf("suite=%s cases=%zu passed=%zu failed=%zu skipped=0\n", suite,
	       all.passed + all.failed, all.passed, all.failed);
	return all.failed;
}

/* The path is the target's bytes up to the first "?", or the request is refused. */
static const char *judge_path(const char *target, size_t len)
{
	static const char tail[] = " HTTP/1.1\r\nHost: a\r\n\r\n";
	struct awh_http_parser *parser = awh_http_parser_new(&limits);
	const char *query = memchr(target, '?', len);
	size_t path_len = query ? (size_t)(query - target) : len;
	const char *wrong = NULL;
	struct awh_buf raw;
	size_t taken;

	awh_buf_init(&raw, 65536);
	awh_buf_puts(&raw, "POST ");
	awh_buf_put(&raw, target, len);
	awh_buf_put(&raw, tail, sizeof(tail) - 1);
	switch (awh_http_feed(parser, raw.data, raw.len, &taken)) {
	case AWH_HTTP_HEAD:
		if (strlen(awh_http_head(parser)->path) != path_len ||
		    memcmp(awh_http_head(parser)->path, target, path_len) != 0)
			wrong = "path is not the raw path";
		break;
	case AWH_HTTP_ERROR:
		if (awh_http_error_status(parser) != 400)
			wrong = "refused by another status than 400";
		break;
	default:
		wrong = "neither taken nor refused";
	}
	awh_buf_deinit(&raw);
	awh_http_parser_free(parser);
	return wrong;
}

/* Returns how many failed. */
static size_t run_payloads(const char *suite, const json_t *payloads)
{
	static const char *const prefixes[] = {"/", "/validate/", "/mutate/x/", "/validate?"};
	struct tally tally = {0, 0};
	const json_t *object;
	size_t i;

	json_array_foreach(payloads, i, object) {
		struct bytes payload = decode_base64(text_of(object, "payload_b64"));

		for (size_t k = 0; k < 4; k++) {
			const char *prefix = k == 0 && payload.data[0] == '/' ? "" : prefixes[k];
			struct awh_buf target;
			char name[64];

			awh_buf_init(&target, 65536);
			awh_buf_puts(&target, prefix);
			awh_buf_put(&target, payload.data, payload.len);
			snprintf(name, sizeof(name), "%s/%zu.%zu", suite, i, k);
			count_case(&tally, name, judge_path(target.data, target.len));
			awh_buf_deinit(&target);
		}
		free(payload.data);
	}
	printf("suite=%s cases=%zu passed=%zu failed=%zu skipped=0\n", suite,
	       tally.passed + tally.failed, tally.passed, tally.failed);
	return tally.failed;
}

/* *new*, or NULL after it has said so. */
static json_t *load(const char *folder, const char *suite, const char *file)
{
	char path[4096];
	json_t *root = NULL;

	if (folder) {
		snprintf(path, sizeof(path), "%s/%s/%s", folder, suite, file);
		root = json_load_file(path, 0, NULL);
	}
	if (!root)
		printf("SKIP %s: not found\n", suite);
	return root;
}

int main(int argc, char **argv)
{
	/* Of the format in HTTP-CASES.md; those that are not there are skipped. */
	static const char *const suites[] = {"llhttp-requests",    "nginx-host",
					     "gunicorn-requests",  "http-garden-trophies",
					     "smuggler-mutations", "httparse-requests"};
	const char *folder = getenv("ADMWH_SUITES");
	size_t found = 0;
	size_t failed = 0;
	json_t *root;

	if (!folder && argc > 1)
		folder = argv[1];
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
		root = load(folder, suites[i], "cases.json");
		if (!root)
			continue;
		failed += run_cases(suites[i], root);
		json_decref(root);
		found++;
	}
	root = load(folder, "path-traversal", "payloads.json");
	if (root) {
		failed += run_payloads("path-traversal", root);
		json_decref(root);
		found++;
	}
	if (found == 0)
		return SKIPPED;
	return failed == 0 ? 0 : 1;
}
