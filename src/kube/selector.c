/* SPDX-License-Identifier: MIT */
#include "kube/selector.h"

#include <stdlib.h>
#include <string.h>

#include "json/value.h"

/* Memory that is asked for before a copy of so many bytes. */
enum { UNCHARGED = 64 * 1024 };

struct admwh_selector *awh_selector_new(void)
{
	struct admwh_selector *selector = calloc(1, sizeof(*selector));

	if (selector)
		selector->arena.block = 512;
	return selector;
}

static int fail_memory(struct admwh_selector *selector)
{
	return awh_fail(&selector->error, ADMWH_E_NOMEM, "out of memory");
}

struct awh_requirement *awh_selector_add(struct admwh_selector *selector, const char *key,
					 size_t len, enum awh_operator op)
{
	struct awh_requirement *requirement;

	if (!awh_label_is_key(key, len)) {
		awh_fail(&selector->error, ADMWH_E_INVAL, "expected the key of a label");
		return NULL;
	}
	requirement = awh_arena_alloc(&selector->arena, sizeof(*requirement));
	if (requirement)
		requirement->key = awh_arena_strndup(&selector->arena, key, len);
	if (!requirement || !requirement->key) {
		fail_memory(selector);
		return NULL;
	}
	requirement->op = op;
	requirement->next = selector->requirements;
	selector->requirements = requirement;
	return requirement;
}

int awh_requirement_add(struct admwh_selector *selector, struct awh_requirement *requirement,
			const char *text, size_t len)
{
	struct awh_selector_value *value;

	if (!awh_label_is_value(text, len))
		return awh_fail(&selector->error, ADMWH_E_INVAL, "expected the value of a label");
	value = awh_arena_alloc(&selector->arena, sizeof(*value));
	if (value)
		value->text = awh_arena_strndup(&selector->arena, text, len);
	if (!value || !value->text)
		return fail_memory(selector);
	value->len = len;
	value->next = requirement->values;
	requirement->values = value;
	return 0;
}

/* As strconv.ParseInt() reads a decimal number of 64 bits. */
static bool read_integer(const char *text, size_t len, int64_t *number)
{
	const bool has_sign = len > 0 && (text[0] == '-' || text[0] == '+');
	const bool is_negative = has_sign && text[0] == '-';
	const uint64_t most = (uint64_t)INT64_MAX + is_negative;
	uint64_t size = 0;

	if (len == has_sign)
		return false;
	for (size_t i = has_sign; i < len; i++) {
		const uint64_t digit = (uint64_t)(text[i] - '0');

		if (text[i] < '0' || text[i] > '9' || size > (most - digit) / 10)
			return false;
		size = size * 10 + digit;
	}
	*number = is_negative ? (int64_t)(0 - size) : (int64_t)size;
	return true;
}

int awh_requirement_check(struct admwh_selector *selector, struct awh_requirement *requirement)
{
	const struct awh_selector_value *value = requirement->values;

	switch (requirement->op) {
	case AWH_OP_IN:
	case AWH_OP_NOT_IN:
		if (!value)
			return awh_fail(&selector->error, ADMWH_E_INVAL, "expected values");
		break;
	case AWH_OP_EXISTS:
	case AWH_OP_DOES_NOT_EXIST:
		if (value)
			return awh_fail(&selector->error, ADMWH_E_INVAL, "expected no values");
		break;
	case AWH_OP_GREATER:
	case AWH_OP_LESS:
		if (!value || !read_integer(value->text, value->len, &requirement->number))
			return awh_fail(&selector->error, ADMWH_E_INVAL, "expected an integer");
		break;
	}
	return 0;
}

/* A label. text: NULL when there is none, or it is no string, which is remembered. */
struct label {
	const char *text;
	size_t len;
};

static struct label read_label(struct admwh_value labels, const char *key)
{
	struct admwh_value value = admwh_value_get(labels, key);
	struct label label = {NULL, 0};

	if (admwh_value_kind(value) == ADMWH_NULL)
		label.text = "";
	else if (admwh_value_kind(value) == ADMWH_STRING)
		label.text = admwh_value_text(value, &label.len);
	else if (!admwh_value_is_absent(value))
		awh_value_fail_kind(value, "a string");
	return label;
}

static bool has_value(const struct awh_requirement *requirement, const struct label *label)
{
	const struct awh_selector_value *value = requirement->values;

	while (value &&
	       (value->len != label->len || memcmp(value->text, label->text, label->len) != 0))
		value = value->next;
	return value;
}

static bool is_met(const struct awh_requirement *requirement, struct admwh_value labels)
{
	const struct label label = read_label(labels, requirement->key);
	int64_t number;

	switch (requirement->op) {
	case AWH_OP_IN:
		return label.text && has_value(requirement, &label);
	case AWH_OP_NOT_IN:
		return !label.text || !has_value(requirement, &label);
	case AWH_OP_EXISTS:
		return label.text;
	case AWH_OP_DOES_NOT_EXIST:
		return !label.text;
	case AWH_OP_GREATER:
	case AWH_OP_LESS:
		if (!label.text || !read_integer(label.text, label.len, &number))
			return false;
		return requirement->op == AWH_OP_GREATER ? number > requirement->number
							 : number < requirement->number;
	}
	return false;
}

/* Remember what the selector's error is where it was found. */
static int blame(struct admwh_selector *selector, struct admwh_value value)
{
	if (selector->error.code == ADMWH_E_NOMEM)
		awh_text_fail_memory(awh_value_text(value));
	else
		awh_text_fail(awh_value_text(value), value.item, ADMWH_E_HANDLER, "%s",
			      selector->error.text);
	return selector->error.code;
}

/* A text in the selector; *text is "" for null and absence, as Go reads it. */
static int read_text(struct admwh_selector *selector, struct admwh_value value, const char **text,
		     size_t *len)
{
	*text = admwh_value_text(value, len);
	if (*text)
		return 0;
	*text = "";
	if (!admwh_value_is_set(value))
		return 0;
	if (admwh_value_kind(value) == ADMWH_STRING)
		return fail_memory(selector);
	awh_fail(&selector->error, ADMWH_E_INVAL, "expected a string");
	return blame(selector, value);
}

static int add_label(struct admwh_selector *selector, struct admwh_value member)
{
	struct awh_requirement *requirement;
	size_t key_len, len;
	const char *key = admwh_value_key(member, &key_len), *text;
	int err = key ? read_text(selector, member, &text, &len) : fail_memory(selector);

	if (err < 0)
		return err;
	requirement = awh_selector_add(selector, key, key_len, AWH_OP_IN);
	if (!requirement)
		return blame(selector, member);
	err = awh_requirement_add(selector, requirement, text, len);
	return err < 0 ? blame(selector, member) : 0;
}

static int read_operator(struct admwh_selector *selector, struct admwh_value value,
			 enum awh_operator *op)
{
	static const char *const names[] = {
	    [AWH_OP_IN] = "In",
	    [AWH_OP_NOT_IN] = "NotIn",
	    [AWH_OP_EXISTS] = "Exists",
	    [AWH_OP_DOES_NOT_EXIST] = "DoesNotExist",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (admwh_value_is(value, names[i])) {
			*op = (enum awh_operator)i;
			return 0;
		}
	return awh_fail(&selector->error, ADMWH_E_INVAL,
			"expected In, NotIn, Exists or DoesNotExist");
}

static int add_values(struct admwh_selector *selector, struct awh_requirement *requirement,
		      struct admwh_value values)
{
	if (admwh_value_is_set(values) && admwh_value_kind(values) != ADMWH_ARRAY) {
		awh_fail(&selector->error, ADMWH_E_INVAL, "expected an array");
		return blame(selector, values);
	}
	admwh_value_foreach_element(value, values) {
		const char *text;
		size_t len;
		int err = read_text(selector, value, &text, &len);

		if (err < 0)
			return err;
		if (awh_requirement_add(selector, requirement, text, len) < 0)
			return blame(selector, value);
	}
	return 0;
}

static int add_expression(struct admwh_selector *selector, struct admwh_value expression)
{
	struct awh_requirement *requirement;
	enum awh_operator op = AWH_OP_IN;
	const char *key;
	size_t len;
	int err;

	if (admwh_value_kind(expression) != ADMWH_OBJECT) {
		awh_fail(&selector->error, ADMWH_E_INVAL, "expected an object");
		return blame(selector, expression);
	}
	err = read_text(selector, admwh_value_get(expression, "key"), &key, &len);
	if (err < 0)
		return err;
	if (read_operator(selector, admwh_value_get(expression, "operator"), &op) < 0)
		return blame(selector, expression);
	requirement = awh_selector_add(selector, key, len, op);
	if (!requirement)
		return blame(selector, expression);
	err = add_values(selector, requirement, admwh_value_get(expression, "values"));
	if (err == 0 && awh_requirement_check(selector, requirement) < 0)
		err = blame(selector, expression);
	return err;
}

/* A member that is of a kind, or neither there nor set. */
static int expect(struct admwh_selector *selector, struct admwh_value value, enum admwh_kind kind)
{
	if (!admwh_value_is_set(value) || admwh_value_kind(value) == kind)
		return 0;
	awh_fail(&selector->error, ADMWH_E_INVAL,
		 kind == ADMWH_OBJECT ? "expected an object" : "expected an array");
	return blame(selector, value);
}

static int read_value(struct admwh_selector *selector, struct admwh_value value)
{
	struct admwh_value labels, expressions;
	int err = expect(selector, value, ADMWH_OBJECT);

	if (err < 0 || !admwh_value_is_set(value)) {
		selector->matches_nothing = true;
		return err;
	}
	labels = admwh_value_get(value, "matchLabels");
	expressions = admwh_value_get(value, "matchExpressions");
	err = expect(selector, labels, ADMWH_OBJECT);
	if (err == 0)
		err = expect(selector, expressions, ADMWH_ARRAY);
	if (err < 0)
		return err;
	admwh_value_foreach_member(member, labels) {
		err = add_label(selector, member);
		if (err < 0)
			return err;
	}
	admwh_value_foreach_element(expression, expressions) {
		err = add_expression(selector, expression);
		if (err < 0)
			return err;
	}
	return 0;
}

struct admwh_selector *admwh_selector_new(struct admwh_value value)
{
	struct admwh_selector *selector;
	size_t len;

	admwh_value_raw(value, &len);
	if (len > UNCHARGED && !awh_text_charge(awh_value_text(value), len))
		return NULL;
	selector = awh_selector_new();
	if (selector && read_value(selector, value) != ADMWH_E_NOMEM)
		return selector;
	if (value.text)
		awh_text_fail_memory(awh_value_text(value));
	admwh_selector_free(selector);
	return NULL;
}

const char *admwh_selector_error(const struct admwh_selector *selector)
{
	return selector ? selector->error.text : admwh_strerror(ADMWH_E_NOMEM);
}

bool admwh_selector_matches(const struct admwh_selector *selector, struct admwh_value labels)
{
	const struct awh_requirement *requirement;
	bool are_met = selector && selector->error.code == 0 && !selector->matches_nothing;

	if (!are_met)
		return false;
	for (requirement = selector->requirements; requirement && are_met;
	     requirement = requirement->next)
		are_met = is_met(requirement, labels);
	return are_met;
}

bool admwh_selector_value_matches(struct admwh_value selector, struct admwh_value labels)
{
	struct admwh_selector *made = admwh_selector_new(selector);
	const bool matches = admwh_selector_matches(made, labels);

	admwh_selector_free(made);
	return matches;
}

void admwh_selector_free(struct admwh_selector *selector)
{
	if (!selector)
		return;
	awh_arena_deinit(&selector->arena);
	free(selector);
}
