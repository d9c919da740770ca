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

static const char *const words[] = {"same", "different", "different in details", "not comparable",
				    "no answer"};
static const char *const members[] = {"same", "different", "differentDetails", "notComparable",
				      "noAnswer"};

static size_t sum_of(const size_t *counts)
{
	size_t sum = 0;

	for (size_t i = 0; i < COMPARISONS; i++)
		sum += counts[i];
	return sum;
}

void tally_init(struct tally *tally, bool as_json, enum policy_reads reads)
{
	*tally = (struct tally){
	    .differences = as_json ? json_made(json_array()) : NULL,
	    .reads = reads,
	};
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
	json_array_foreach(comparing->changes, i, name) {
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

	member_set(kinds, name, json_integer(json_integer_value(json_object_get(kinds, name)) + 1));
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

/* A word and a text, which is freed. */
static void print_word(const char *sign, enum colour shade, const char *word, char *text)
{
	char *line = text_new("%s %s", word, text);

	print_signed(sign, shade, line);
	free(line);
	free(text);
}

static void print_warnings(const char *sign, enum colour shade, const json_t *warnings)
{
	const json_t *warning;
	size_t i;

	json_array_foreach(warnings, i, warning) {
		const char *text = json_string_value(warning);

		print_word(sign, shade, "warning:", text_new("%s", text ? text : ""));
	}
}

static void print_causes(const char *sign, enum colour shade, const json_t *causes)
{
	const json_t *cause;
	size_t i;

	json_array_foreach(causes, i, cause) {
		const char *field = member_text(cause, "field"),
			   *reason = member_text(cause, "reason");
		char *line = text_new("cause%s%s%s%s: %s", *field ? " " : "", field,
				      *reason ? " " : "", reason, member_text(cause, "message"));

		print_signed(sign, shade, line);
		free(line);
	}
}

static void print_annotations(const char *sign, enum colour shade, json_t *annotations)
{
	const char *key;
	json_t *value;

	json_object_foreach(annotations, key, value) {
		const char *text = json_string_value(value);

		print_word(sign, shade, "audit", text_new("%s: %s", key, text ? text : ""));
	}
}

/* What one of the two answers says of a thing that differs. */
static void print_side(const char *sign, enum colour shade, const json_t *view, const char *name)
{
	json_t *value = json_object_get(view, name);

	if (strcmp(name, "warnings") == 0)
		print_warnings(sign, shade, value);
	else if (strcmp(name, "causes") == 0)
		print_causes(sign, shade, value);
	else if (strcmp(name, "auditAnnotations") == 0)
		print_annotations(sign, shade, value);
	else if (strcmp(name, "code") == 0 && json_integer_value(value) > 0)
		print_word(sign, shade, name, text_new("%d", (int)json_integer_value(value)));
	else if (strcmp(name, "reason") == 0 && value)
		print_word(sign, shade, name, text_new("%s", member_text(view, name)));
	else if (strcmp(name, "decision") == 0 || strcmp(name, "message") == 0)
		print_signed(sign, shade, member_text(view, name));
}

static void print_changes(const struct comparing *comparing)
{
	const json_t *name;
	size_t i;

	json_array_foreach(comparing->changes, i, name) {
		print_side("-", RED, comparing->recorded, json_string_value(name));
		print_side("+", GREEN, comparing->replayed, json_string_value(name));
		if (strcmp(json_string_value(name), "patch") == 0)
			diff_print(stdout, "    ", comparing->before, comparing->after);
	}
}

/* "allowed, now denied", or why that says nothing. New. */
static char *result_text(const struct comparing *comparing)
{
	char *change = change_text(comparing), *text;

	if (comparing->result == DIFFERENT || comparing->result == DIFFERENT_DETAILS)
		return change;
	if (comparing->result == NOT_COMPARABLE)
		text = text_new("%s, %s: %s", words[NOT_COMPARABLE], comparing->obstacle, change);
	else
		text = text_new("%s", words[comparing->result]);
	free(change);
	return text;
}

static void print_one(const struct record_entry *entry, const struct record *record,
		      const struct comparing *comparing)
{
	char *file = text_shown(entry->name), *request = request_text(record);
	char *what = text_shown(request), *result = result_text(comparing);
	char *said = text_shown(result);

	printf("  %s: %s: %s%s%s\n", file, what,
	       colour(stdout, comparing->result == NOT_COMPARABLE ? DIM : YELLOW), said,
	       colour(stdout, PLAIN));
	if (comparing->result == NO_ANSWER)
		print_signed("", PLAIN, member_text(comparing->replayed, "error"));
	else
		print_changes(comparing);
	free(file);
	free(request);
	free(what);
	free(result);
	free(said);
}

/* One that is no UTF-8 is no text of JSON, and is shown as in text. New. */
static char *name_of_file(const char *name)
{
	json_t *value = json_string(name);
	char *text = value ? text_new("%s", name) : text_shown(name);

	json_decref(value);
	return text;
}

static void keep_for_json(json_t *differences, const struct record_entry *entry,
			  const struct record *record, const struct comparing *comparing)
{
	char *what = request_text(record), *file = name_of_file(entry->name);
	json_t *kept = json_made(json_pack(
	    "{s:s, s:s, s:s, s:s, s:s, s:O, s:O, s:O, s:O}", "file", file, "route", entry->route,
	    "caller", entry->caller, "request", what, "result", members[comparing->result],
	    "omitted", json_object_get(record->recorded, "omitted"), "changes", comparing->changes,
	    "recorded", comparing->recorded, "replayed", comparing->replayed));

	json_array_append_new(differences, kept);
	free(what);
	free(file);
}

void tally_add(struct tally *tally, const struct record_entry *entry, const struct record *record,
	       const struct comparing *comparing)
{
	struct tally_group *group = group_of(tally, entry);

	tally->counts[comparing->result]++;
	group->counts[comparing->result]++;
	if (comparing->result == SAME)
		return;
	if (comparing->result == DIFFERENT || comparing->result == DIFFERENT_DETAILS) {
		count_kind(group->kinds, comparing);
		tally->n_without_extra += comparing->is_without_extra;
	}
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
	member_set(all, "differentWithoutExtra", json_integer((json_int_t)tally->n_without_extra));
	member_set(all, "seconds", json_made(json_real(tally->seconds)));
	member_set(all, "groups", groups);
	member_set(all, "differences", json_incref(tally->differences));
	json_print(stdout, all);
	putchar('\n');
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
	json_object_foreach(group->kinds, kind, n) {
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
	if (tally->n_without_extra > 0 && tally->reads == READS_OBJECT)
		printf("%zu of the different %s recorded without userInfo.extra: if the policy "
		       "reads it, see --policy-reads\n",
		       tally->n_without_extra, tally->n_without_extra == 1 ? "was" : "were");
}

void tally_end(const struct tally *tally)
{
	if (tally->differences)
		print_as_json(tally);
	else
		print_as_text(tally);
}
