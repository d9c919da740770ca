/* SPDX-License-Identifier: MIT */
#include "replay/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/diff.h"
#include "common/files.h"
#include "common/print.h"
#include "common/values.h"

/* Messages that name each object are as many as reviews. */
enum { KINDS_MAX = 50, KIND_BYTES = 120 };

static const char *const words[] = {"same", "different", "not comparable", "no answer"};
static const char *const members[] = {"same", "different", "notComparable", "noAnswer"};

static size_t sum_of(const size_t *counts)
{
	size_t sum = 0;

	for (size_t i = 0; i < COMPARISONS; i++)
		sum += counts[i];
	return sum;
}

void tally_init(struct tally *tally, bool as_json)
{
	*tally = (struct tally){.differences = as_json ? json_made(json_array()) : NULL};
}

void tally_deinit(struct tally *tally)
{
	for (size_t i = 0; i < tally->n_groups; i++)
		json_decref(tally->groups[i].kinds);
	free(tally->groups);
	json_decref(tally->differences);
}

static struct tally_group *group_of(struct tally *tally, const struct record_entry *entry)
{
	struct tally_group *group =
	    tally->n_groups > 0 ? &tally->groups[tally->n_groups - 1] : NULL;

	if (group && strcmp(group->route, entry->route) == 0 &&
	    strcmp(group->caller, entry->caller) == 0)
		return group;
	tally->groups = memory_grown(tally->groups, (tally->n_groups + 1) * sizeof(*tally->groups));
	group = tally->groups + tally->n_groups++;
	*group = (struct tally_group){
	    .route = entry->route, .caller = entry->caller, .kinds = json_made(json_object())};
	return group;
}

static void print_group_name(FILE *to, const struct tally_group *group)
{
	char *route = text_shown(group->route), *caller = text_shown(group->caller);

	fprintf(to, "%s%s%s", route, *caller ? ", " : "", caller);
	free(route);
	free(caller);
}

/* "allowed, now denied", or "message, warnings". New. */
static char *change_text(const struct comparing *comparing)
{
	const char *before = member_text(comparing->recorded, "decision");
	const char *after = member_text(comparing->replayed, "decision");
	char *text = text_new("%s", "");
	const json_t *name;
	size_t i;

	if (strcmp(before, after) != 0) {
		free(text);
		return text_new("%s, now %s", before, after);
	}
	json_array_foreach(comparing->changes, i, name)
	{
		char *longer = text_new("%s%s%s", text, *text ? ", " : "", json_string_value(name));

		free(text);
		text = longer;
	}
	return text;
}

/* The message that a rule gives stands for the rule: an answer does not name it. New. */
static char *kind_text(const struct comparing *comparing)
{
	const char *after = member_text(comparing->replayed, "message");
	const char *message = *after ? after : member_text(comparing->recorded, "message");
	char *change = change_text(comparing);
	char *kind = text_new("%s%s%s", change, *message ? ": " : "", message);
	size_t len = strlen(kind);

	free(change);
	if (len > KIND_BYTES) {
		len = KIND_BYTES;
		while (len > 0 && (kind[len] & 0xc0) == 0x80)
			len--;
		kind[len] = '\0';
	}
	return kind;
}

static void count_kind(json_t *kinds, const struct comparing *comparing)
{
	char *kind = kind_text(comparing);
	const char *name =
	    json_object_get(kinds, kind) || json_object_size(kinds) < KINDS_MAX ? kind : "others";

	member_set(kinds, name,
		   json_made(json_integer(json_integer_value(json_object_get(kinds, name)) + 1)));
	free(kind);
}

/* "Pod default/web CREATE". New. */
static char *request_text(const struct record *record)
{
	const json_t *request = json_object_get(record->review, "request");
	const char *namespace = member_text(request, "namespace");
	const json_t *object = json_object_get(request, "object");
	const char *name = member_text(request, "name");

	if (!*name)
		name = member_text(json_object_get(object, "metadata"), "generateName");
	return text_new("%s %s%s%s %s", member_text(json_object_get(request, "kind"), "kind"),
			namespace, *namespace ? "/" : "", name, member_text(request, "operation"));
}

/* The lines of a text behind a sign. */
static void print_signed(const char *sign, enum colour shade, const char *text)
{
	char *before = text_new("    %s%s", colour(stdout, shade), sign);

	print_lines(stdout, before, text, colour(stdout, PLAIN));
	free(before);
}

static void print_list(const char *sign, enum colour shade, const json_t *warnings)
{
	const json_t *warning;
	size_t i;

	json_array_foreach(warnings, i, warning)
	{
		char *line = text_new("warning: %s",
				      json_string_value(warning) ? json_string_value(warning) : "");

		print_signed(sign, shade, line);
		free(line);
	}
}

/* What one of the two answers says of a thing that differs. */
static void print_side(const char *sign, enum colour shade, const json_t *view, const char *name)
{
	json_int_t code = json_integer_value(json_object_get(view, "code"));
	char *line;

	if (strcmp(name, "warnings") == 0) {
		print_list(sign, shade, json_object_get(view, name));
	} else if (strcmp(name, "code") != 0) {
		print_signed(sign, shade, member_text(view, name));
	} else if (code > 0) {
		line = text_new("code %d", (int)code);
		print_signed(sign, shade, line);
		free(line);
	}
}

static void print_changes(const struct comparing *comparing)
{
	const json_t *name;
	size_t i;

	json_array_foreach(comparing->changes, i, name)
	{
		print_side("-", RED, comparing->recorded, json_string_value(name));
		print_side("+", GREEN, comparing->replayed, json_string_value(name));
		if (strcmp(json_string_value(name), "patch") == 0)
			diff_print(stdout, "    ", comparing->before, comparing->after);
	}
}

static void print_one(const struct record_entry *entry, const struct record *record,
		      const struct comparing *comparing)
{
	char *file = text_shown(entry->name), *request = request_text(record);
	char *what = text_shown(request), *change = change_text(comparing);
	const enum comparison result = comparing->result;

	printf("  %s: %s: %s%s%s%s%s\n", file, what,
	       colour(stdout, result == NOT_COMPARABLE ? DIM : YELLOW),
	       result == DIFFERENT ? change : words[result], colour(stdout, PLAIN),
	       result == NOT_COMPARABLE ? ", as it was redacted: " : "",
	       result == NOT_COMPARABLE ? change : "");
	if (result == NO_ANSWER)
		print_signed("", PLAIN, member_text(comparing->replayed, "error"));
	else
		print_changes(comparing);
	free(file);
	free(request);
	free(what);
	free(change);
}

static void keep_for_json(json_t *differences, const struct record_entry *entry,
			  const struct record *record, const struct comparing *comparing)
{
	char *what = request_text(record);
	json_t *kept =
	    json_made(json_pack("{s:s, s:s, s:s, s:s, s:s, s:O, s:O, s:O}", "file", entry->name,
				"route", entry->route, "caller", entry->caller, "request", what,
				"result", members[comparing->result], "changes", comparing->changes,
				"recorded", comparing->recorded, "replayed", comparing->replayed));

	json_array_append_new(differences, kept);
	free(what);
}

void tally_add(struct tally *tally, const struct record_entry *entry, const struct record *record,
	       const struct comparing *comparing)
{
	struct tally_group *group = group_of(tally, entry);

	tally->counts[comparing->result]++;
	group->counts[comparing->result]++;
	if (comparing->result == SAME)
		return;
	if (comparing->result == DIFFERENT)
		count_kind(group->kinds, comparing);
	if (tally->differences) {
		keep_for_json(tally->differences, entry, record, comparing);
		return;
	}
	print_progress_clear();
	if (sum_of(group->counts) - group->counts[SAME] == 1) {
		print_group_name(stdout, group);
		putchar('\n');
	}
	print_one(entry, record, comparing);
}

static json_t *counts_json(const size_t *counts)
{
	json_t *made = json_made(json_object());

	member_set(made, "reviews", json_integer((json_int_t)sum_of(counts)));
	for (size_t i = 0; i < COMPARISONS; i++)
		member_set(made, members[i], json_integer((json_int_t)counts[i]));
	return made;
}

static void print_as_json(const struct tally *tally)
{
	json_t *all = counts_json(tally->counts), *groups = json_made(json_array());

	for (size_t i = 0; i < tally->n_groups; i++) {
		const struct tally_group *group = &tally->groups[i];
		json_t *made = counts_json(group->counts);

		member_set(made, "route", json_string(group->route));
		member_set(made, "caller", json_string(group->caller));
		member_set(made, "kinds", json_incref(group->kinds));
		json_array_append_new(groups, made);
	}
	member_set(all, "notRecords", json_integer((json_int_t)tally->n_bad));
	member_set(all, "notReplayed", json_integer((json_int_t)tally->n_left));
	member_set(all, "seconds", json_real(tally->seconds));
	member_set(all, "groups", groups);
	member_set(all, "differences", json_incref(tally->differences));
	json_print(stdout, all);
	json_decref(all);
}

static void print_counts(const size_t *counts)
{
	printf("%zu reviews: %zu %s", sum_of(counts), counts[SAME], words[SAME]);
	for (size_t i = DIFFERENT; i < COMPARISONS; i++)
		if (counts[i] > 0 || i == DIFFERENT)
			printf(", %zu %s", counts[i], words[i]);
}

static void print_group(const struct tally_group *group)
{
	const char *kind;
	json_t *n;

	print_group_name(stdout, group);
	fputs(": ", stdout);
	print_counts(group->counts);
	putchar('\n');
	json_object_foreach(group->kinds, kind, n)
	{
		char *line = text_shown(kind);

		printf("  %6" JSON_INTEGER_FORMAT "  %s\n", json_integer_value(n), line);
		free(line);
	}
}

static void print_as_text(const struct tally *tally)
{
	const size_t n = sum_of(tally->counts);

	for (size_t i = 0; i < tally->n_groups; i++)
		print_group(&tally->groups[i]);
	fputs("all: ", stdout);
	print_counts(tally->counts);
	if (tally->n_left > 0)
		printf(", %zu not replayed", tally->n_left);
	if (tally->n_bad > 0)
		printf(", %zu files are no records", tally->n_bad);
	printf("; %.1f s, %.0f a second\n", tally->seconds,
	       tally->seconds > 0 ? (double)n / tally->seconds : 0);
}

void tally_end(const struct tally *tally)
{
	if (tally->differences)
		print_as_json(tally);
	else
		print_as_text(tally);
}
