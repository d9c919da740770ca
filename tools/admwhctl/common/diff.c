/* SPDX-License-Identifier: MIT */
#include "common/diff.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/print.h"

enum { AROUND = 3, MOST_BYTES = 160 };

struct line {
	const char *at;
	size_t len;
};

struct lines {
	struct line *lines;
	size_t n;
};

/* What becomes of a line: '-' of before, '+' of after, ' ' of both. */
struct step {
	char sign;
	struct line line;
};

struct steps {
	struct step *steps;
	size_t n;
};

static struct lines split(const char *text)
{
	struct lines made = {NULL, 0};
	size_t size = 0;

	while (*text) {
		size_t len = strcspn(text, "\n");

		if (made.n == size) {
			size = 2 * size + 64;
			made.lines = memory_grown(made.lines, size * sizeof(*made.lines));
		}
		made.lines[made.n++] = (struct line){text, len};
		text += len + (text[len] == '\n');
	}
	return made;
}

static bool is_same(const struct line *a, const struct line *b)
{
	return a->len == b->len && memcmp(a->at, b->at, a->len) == 0;
}

static void add(struct steps *steps, char sign, const struct line *line)
{
	steps->steps[steps->n++] = (struct step){sign, *line};
}

/* Lengths of the longest common subsequences of all pairs of rests: (n + 1) by (m + 1). */
static uint16_t *measure(const struct lines *a, const struct lines *b)
{
	size_t row = b->n + 1;
	uint16_t *table = memory_grown(NULL, (a->n + 1) * row * sizeof(*table));

	memset(table, 0, (a->n + 1) * row * sizeof(*table));
	for (size_t i = a->n; i-- > 0;)
		for (size_t k = b->n; k-- > 0;) {
			uint16_t down = table[(i + 1) * row + k], right = table[i * row + k + 1];

			if (is_same(&a->lines[i], &b->lines[k]))
				table[i * row + k] = (uint16_t)(table[(i + 1) * row + k + 1] + 1);
			else
				table[i * row + k] = down > right ? down : right;
		}
	return table;
}

static void compare(struct steps *steps, const struct lines *a, const struct lines *b)
{
	uint16_t *table = measure(a, b);
	size_t row = b->n + 1, i = 0, k = 0;

	while (i < a->n || k < b->n) {
		if (i < a->n && k < b->n && is_same(&a->lines[i], &b->lines[k])) {
			add(steps, ' ', &a->lines[i++]);
			k++;
		} else if (k == b->n ||
			   (i < a->n && table[(i + 1) * row + k] >= table[i * row + k + 1])) {
			add(steps, '-', &a->lines[i++]);
		} else {
			add(steps, '+', &b->lines[k++]);
		}
	}
	free(table);
}

static bool is_near_change(const struct steps *steps, size_t at)
{
	size_t from = at > AROUND ? at - AROUND : 0;

	for (size_t i = from; i < steps->n && i <= at + AROUND; i++)
		if (steps->steps[i].sign != ' ')
			return true;
	return false;
}

/* A line of a certificate fills no screen: its beginning and its end are shown. */
static void print_step(FILE *to, const char *indent, const struct step *step)
{
	enum colour shade = step->sign == '-' ? RED : step->sign == '+' ? GREEN : PLAIN;
	bool is_long = step->line.len > MOST_BYTES;
	int head = is_long ? MOST_BYTES / 2 : (int)step->line.len, tail = is_long ? 24 : 0;

	while (is_long && head > 0 && (step->line.at[head] & 0xc0) == 0x80)
		head--;
	while (tail > 0 && (step->line.at[step->line.len - (size_t)tail] & 0xc0) == 0x80)
		tail--;
	fprintf(to, "%s%s%c", indent, colour(to, shade), step->sign);
	print_shown(to, step->line.at, (size_t)head);
	fputs(is_long ? "..." : "", to);
	print_shown(to, step->line.at + step->line.len - (size_t)tail, (size_t)tail);
	fprintf(to, "%s\n", colour(to, PLAIN));
}

static void print_steps(FILE *to, const char *indent, const struct steps *steps)
{
	bool was_printed = true;

	for (size_t i = 0; i < steps->n; i++) {
		bool is_printed = is_near_change(steps, i);

		if (is_printed && !was_printed)
			fprintf(to, "%s%s...%s\n", indent, colour(to, DIM), colour(to, PLAIN));
		if (is_printed)
			print_step(to, indent, &steps->steps[i]);
		was_printed = is_printed;
	}
}

void diff_print(FILE *to, const char *indent, const char *before, const char *after)
{
	struct lines a = split(before ? before : ""), b = split(after ? after : "");
	struct steps steps = {NULL, 0};

	if (!before || !after || a.n > DIFF_LINES || b.n > DIFF_LINES) {
		fprintf(to, "%sthey differ\n", indent);
	} else {
		steps.steps = memory_grown(NULL, (a.n + b.n + 1) * sizeof(*steps.steps));
		compare(&steps, &a, &b);
		print_steps(to, indent, &steps);
	}
	free(steps.steps);
	free(a.lines);
	free(b.lines);
}
