/* SPDX-License-Identifier: MIT */
/*
 * safe-labels and safe-annotations: which of them are denied, which mandatory,
 * and what the values of others look like. The two differ in words alone.
 */
#include <stdlib.h>
#include <string.h>

#include "../pod.h"
#include "../regex.h"
#include "../settings.h"

/* The words of one of the two. */
struct words {
	const char *what; /* member of metadata */
	const char *denied_name, *mandatory_name, *constrained_name;
	const char *denied; /* what is said of one that is denied */
};

static const struct words labels = {"labels", "denied_labels", "mandatory_labels",
				    "constrained_labels", "are denied"};
static const struct words annotations = {"annotations", "denied_annotations",
					 "mandatory_annotations", "constrained_annotations",
					 "are not allowed"};

struct constraint {
	const char *name; /* borrowed from settings.json */
	struct kw_regex *regex;
};

struct settings {
	json_t *json;               /* keeps names alive */
	json_t *denied, *mandatory; /* sets */
	json_t *constrained;        /* name -> index in constraints */
	struct constraint *constraints;
	size_t n_constraints;
};

static void unload(void *userdata)
{
	struct settings *settings = userdata;

	for (size_t i = 0; i < settings->n_constraints; i++)
		kw_regex_free(settings->constraints[i].regex);
	free(settings->constraints);
	json_decref(settings->denied);
	json_decref(settings->mandatory);
	json_decref(settings->constrained);
	json_decref(settings->json);
	free(settings);
}

/* A list as a set; null is none. */
static int load_set(const json_t *json, const char *name, json_t **set, struct text *error)
{
	if (!json_is_null(json_object_get(json, name)))
		return kw_settings_set(json, name, set, error);
	*set = json_object();
	return *set ? 0 : -1;
}

static int load_constraints(struct settings *settings, const char *name, struct text *error)
{
	json_t *member, *value;
	const char *key;

	settings->constrained = json_object();
	if (!kw_member_object(settings->json, name, &member))
		return text_add(error, "%s: expected a mapping", name), -1;
	settings->constraints =
	    calloc(json_object_size(member) + 1, sizeof(*settings->constraints));
	if (!settings->constrained || !settings->constraints)
		return text_add(error, "out of memory"), -1;
	json_object_foreach(member, key, value) {
		struct kw_regex *regex;

		if (!json_is_string(value))
			return text_add(error, "%s.%s: expected a string", name, key), -1;
		regex = kw_regex_new(json_string_value(value), error);
		if (!regex)
			return -1;
		settings->constraints[settings->n_constraints] = (struct constraint){key, regex};
		if (json_object_set_new(settings->constrained, key,
					json_integer((json_int_t)settings->n_constraints++)))
			return text_add(error, "out of memory"), -1;
	}
	return 0;
}

/* What is denied cannot be asked for. */
static void check(const struct settings *settings, const struct words *words, struct text *error)
{
	const struct {
		const char *how;
		json_t *set;
	} others[] = {{"constrained", settings->constrained}, {"mandatory", settings->mandatory}};

	for (size_t i = 0; i < 2; i++) {
		struct text both = {0};

		if (kw_set_tell(&both, others[i].set, settings->denied, true, false) > 0) {
			text_separate(error, "; ");
			text_add(error, "These %s cannot be %s and denied at the same time: %s",
				 words->what, others[i].how, text_get(&both));
		}
		error->failed = error->failed || both.failed;
		text_deinit(&both);
	}
}

static void *load(const json_t *json, const struct words *words, struct text *error)
{
	struct settings *settings = calloc(1, sizeof(*settings));
	struct text reason = {0};

	if (!settings)
		return NULL;
	settings->json = kw_copy(json);
	if (settings->json && load_set(json, words->denied_name, &settings->denied, &reason) == 0 &&
	    load_set(json, words->mandatory_name, &settings->mandatory, &reason) == 0 &&
	    load_constraints(settings, words->constrained_name, &reason) == 0)
		check(settings, words, &reason);
	else if (reason.len == 0)
		reason.failed = true;
	if (reason.len > 0 || reason.failed) {
		text_add(error, "Provided settings are not valid: %s",
			 reason.failed ? "out of memory" : text_get(&reason));
		unload(settings);
		settings = NULL;
	}
	text_deinit(&reason);
	return settings;
}

static void *load_labels(const json_t *json, struct text *error)
{
	return load(json, &labels, error);
}

static void *load_annotations(const json_t *json, struct text *error)
{
	return load(json, &annotations, error);
}

static bool is_violation(const struct settings *settings, const char *name, const json_t *value)
{
	const json_t *index = json_object_get(settings->constrained, name);
	const char *text = kw_text(value);

	if (!index)
		return false;
	return !text ||
	       !kw_regex_found(settings->constraints[json_integer_value(index)].regex, text);
}

static void add_name(struct text *names, const char *name)
{
	text_separate(names, ",");
	text_add(names, "%s", name);
}

static int decide(const struct words *words, const struct text *denied,
		  const struct text *violating, const struct text *missing,
		  struct kw_verdict *verdict)
{
	struct text message = {0};
	int status;

	if (denied->len > 0)
		text_add(&message, "The following %s %s: %s", words->what, words->denied,
			 text_get(denied));
	if (violating->len > 0) {
		text_separate(&message, ". ");
		text_add(&message, "The following %s are violating user constraints: %s",
			 words->what, text_get(violating));
	}
	if (missing->len > 0) {
		text_separate(&message, ". ");
		text_add(&message, "The following mandatory %s are missing: %s", words->what,
			 text_get(missing));
	}
	if (message.failed || denied->failed || violating->failed || missing->failed)
		status = -1;
	else if (message.len > 0)
		status = kw_deny(verdict, 0, "%s", text_get(&message));
	else
		status = kw_allow(verdict);
	text_deinit(&message);
	return status;
}

static int evaluate(const struct settings *settings, const struct words *words,
		    const struct kw_review *review, struct kw_verdict *verdict)
{
	json_t *metadata, *members, *value;
	struct text denied = {0}, violating = {0}, missing = {0};
	const char *name;
	size_t len;
	int status;

	if (!kw_member_object(review->object_json, "metadata", &metadata) ||
	    !kw_member_object(metadata, words->what, &members))
		return kw_deny(verdict, 400, "metadata.%s is not a mapping", words->what);
	json_object_keylen_foreach(members, name, len, value)
	{
		if (strlen(name) != len) /* settings name none that holds U+0000 */
			continue;
		if (kw_set_has(settings->denied, name))
			add_name(&denied, name);
		else if (is_violation(settings, name, value))
			add_name(&violating, name);
	}
	kw_set_tell(&missing, settings->mandatory, members, false, false);
	status = decide(words, &denied, &violating, &missing, verdict);
	text_deinit(&denied);
	text_deinit(&violating);
	text_deinit(&missing);
	return status;
}

static int evaluate_labels(const void *settings, const struct kw_review *review,
			   struct kw_verdict *verdict)
{
	return evaluate(settings, &labels, review, verdict);
}

static int evaluate_annotations(const void *settings, const struct kw_review *review,
				struct kw_verdict *verdict)
{
	return evaluate(settings, &annotations, review, verdict);
}

const struct kw_policy_type kw_safe_labels = {"safe-labels",   load_labels, unload,
					      evaluate_labels, false,       false};
const struct kw_policy_type kw_safe_annotations = {
    "safe-annotations", load_annotations, unload, evaluate_annotations, false, false};
