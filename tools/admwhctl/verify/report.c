/* SPDX-License-Identifier: MIT */
#include "verify/report.h"

#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/print.h"
#include "verify/facts.h"

static const struct {
	const char *word; /* in JSON */
	const char *mark; /* for people */
	enum colour colour;
} results[] = {
    [RESULT_ABSENT] = {"absent", "-", DIM},
    [RESULT_YES] = {"yes", "yes", GREEN},
    [RESULT_UNCHECKED] = {"not checked", "?", CYAN},
    [RESULT_WARNING] = {"warning", "warn", YELLOW},
    [RESULT_NO] = {"no", "NO", RED},
};

void examine(struct verdict *verdict)
{
	verdict->n_examined++;
}

void detail(struct verdict *verdict, char *text)
{
	free(verdict->detail);
	verdict->detail = text;
}

static void add(struct verdict *verdict, struct finding finding)
{
	size_t n = verdict->n_findings++;

	verdict->findings = memory_grown(verdict->findings, (n + 1) * sizeof(finding));
	verdict->findings[n] = finding;
}

void fault(struct verdict *verdict, char *where, char *what, const char *todo)
{
	add(verdict, (struct finding){RESULT_NO, where, what, todo});
}

void warn(struct verdict *verdict, char *where, char *what, const char *todo)
{
	add(verdict, (struct finding){RESULT_WARNING, where, what, todo});
}

void unchecked(struct verdict *verdict, char *where, char *what, const char *todo)
{
	add(verdict, (struct finding){RESULT_UNCHECKED, where, what, todo});
}

enum result verdict_result(const struct verdict *verdict)
{
	enum result worst = verdict->n_examined > 0 ? RESULT_YES : RESULT_ABSENT;

	for (size_t i = 0; i < verdict->n_findings; i++)
		if (verdict->findings[i].result > worst)
			worst = verdict->findings[i].result;
	return worst;
}

void report_run(struct report *report, const struct check *checks, const struct facts *facts)
{
	size_t n_checks = 0;

	while (checks[n_checks].name)
		n_checks++;
	for (const struct check *check = checks; check->name; check++) {
		size_t n = report->n++;

		report->verdicts =
		    memory_grown(report->verdicts, (n + 1) * sizeof(*report->verdicts));
		report->verdicts[n] = (struct verdict){.check = check};
		check->run(facts, &report->verdicts[n]);
		if (facts->live) /* which takes seconds */
			print_progress("asking", (size_t)(check - checks) + 1, n_checks);
	}
}

size_t report_count(const struct report *report, enum result result)
{
	size_t n = 0;

	for (size_t i = 0; i < report->n; i++)
		n += verdict_result(&report->verdicts[i]) == result;
	return n;
}

static bool is_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Names and values of files, and what the server and the cluster answer, stand in it. */
static void print_finding(FILE *to, const struct finding *finding)
{
	char *where = text_shown(finding->where ? finding->where : "");
	char *what = text_shown(finding->what);

	fprintf(to, "         %s%s%s\n", where, finding->where ? ": " : "", what);
	free(where);
	free(what);
}

/* What to do is said once for all findings of a row that have it. */
static void print_findings(FILE *to, const struct verdict *verdict)
{
	for (size_t i = 0; i < verdict->n_findings; i++) {
		const struct finding *finding = &verdict->findings[i];
		bool is_last =
		    i + 1 == verdict->n_findings || !is_same(finding->todo, finding[1].todo);

		print_finding(to, finding);
		if (finding->todo && is_last)
			fprintf(to, "         %s-> %s%s\n", colour(to, DIM), finding->todo,
				colour(to, PLAIN));
	}
}

static void print_verdict(FILE *to, const struct verdict *verdict)
{
	enum result result = verdict_result(verdict);

	fprintf(to, "  %s%-4s%s %-26s %s", colour(to, results[result].colour), results[result].mark,
		colour(to, PLAIN), verdict->check->name, verdict->check->must);
	if (result == RESULT_YES && verdict->detail) {
		char *detail = text_shown(verdict->detail);

		fprintf(to, " %s(%s)%s", colour(to, DIM), detail, colour(to, PLAIN));
		free(detail);
	}
	fputc('\n', to);
	print_findings(to, verdict);
}

static size_t group_length(const struct verdict *verdict)
{
	return strcspn(verdict->check->name, ".");
}

static bool begins_group(const struct verdict *verdict, const struct verdict *last)
{
	size_t len = group_length(verdict);

	return !last || len != group_length(last) ||
	       strncmp(verdict->check->name, last->check->name, len) != 0;
}

static void print_counts(FILE *to, const struct report *report)
{
	size_t no = report_count(report, RESULT_NO);
	size_t warnings = report_count(report, RESULT_WARNING);

	fprintf(to, "\n%s%zu hold, %zu %s not%s, %zu warning%s, %zu not checked\n",
		colour(to, no > 0 ? RED : GREEN), report_count(report, RESULT_YES), no,
		no == 1 ? "does" : "do", colour(to, PLAIN), warnings, warnings == 1 ? "" : "s",
		report_count(report, RESULT_UNCHECKED));
}

void report_print(FILE *to, const struct report *report, bool all)
{
	const struct verdict *last = NULL;

	for (size_t i = 0; i < report->n; i++) {
		const struct verdict *verdict = &report->verdicts[i];
		enum result result = verdict_result(verdict);

		if (result == RESULT_ABSENT || (result == RESULT_YES && !all))
			continue;
		if (begins_group(verdict, last))
			fprintf(to, "%s%s%.*s%s\n", last ? "\n" : "", colour(to, BOLD),
				(int)group_length(verdict), verdict->check->name,
				colour(to, PLAIN));
		print_verdict(to, verdict);
		last = verdict;
	}
	print_counts(to, report);
}

static json_t *finding_json(const struct finding *finding)
{
	return json_pack("{s:s, s:s?, s:s, s:s?}", "result", results[finding->result].word, "where",
			 finding->where, "what", finding->what, "todo", finding->todo);
}

static json_t *verdict_json(const struct verdict *verdict)
{
	json_t *findings = json_array();

	for (size_t i = 0; i < verdict->n_findings; i++)
		json_array_append_new(findings, finding_json(&verdict->findings[i]));
	return json_pack("{s:s, s:s, s:s, s:s?, s:o}", "check", verdict->check->name, "must",
			 verdict->check->must, "result", results[verdict_result(verdict)].word,
			 "detail", verdict->detail, "findings", findings);
}

json_t *report_json(const struct report *report)
{
	json_t *checks = json_array();

	for (size_t i = 0; i < report->n; i++)
		json_array_append_new(checks, verdict_json(&report->verdicts[i]));
	return json_pack("{s:b, s:o}", "holds", report_count(report, RESULT_NO) == 0, "checks",
			 checks);
}

static void verdict_deinit(struct verdict *verdict)
{
	for (size_t i = 0; i < verdict->n_findings; i++) {
		free(verdict->findings[i].where);
		free(verdict->findings[i].what);
	}
	free(verdict->findings);
	free(verdict->detail);
}

void report_deinit(struct report *report)
{
	for (size_t i = 0; i < report->n; i++)
		verdict_deinit(&report->verdicts[i]);
	free(report->verdicts);
}
