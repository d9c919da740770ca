/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evaluate.h"

/* A policy for these tests: what it does is its settings, a text. */
static int act(const void *settings, const struct kw_review *review, struct kw_verdict *verdict)
{
	const char *deed = settings;

	if (strcmp(deed, "allow") == 0)
		return kw_allow(verdict);
	if (strcmp(deed, "deny") == 0)
		return kw_deny(verdict, 0, "denied");
	if (strcmp(deed, "deny 403") == 0)
		return kw_deny(verdict, 403, "forbidden");
	if (strcmp(deed, "silent") == 0)
		return 0;
	if (strcmp(deed, "mutate") == 0)
		return kw_mutate(verdict, json_pack("{s:i, s:i}", "b", 2, "a", 1));
	if (strcmp(deed, "same") == 0)
		return kw_mutate(verdict, json_deep_copy(review->object_json));
	if (strcmp(deed, "late") == 0) {
		while (!kw_review_expired(review))
			continue;
		return kw_allow(verdict);
	}
	return -1;
}

static const struct kw_policy_type acting = {"acting", NULL, NULL, act, false, false};
static const struct kw_policy_type raw_acting = {"raw-acting", NULL, NULL, act, true, false};

/* "allowed", "denied[ CODE][: MESSAGE]", then causes in brackets and the patch. New. */
static char *tell(const struct kw_answer *answer)
{
	struct text text = {0};

	text_add(&text, answer->allowed ? "allowed" : "denied");
	if (answer->monitored)
		text_add(&text, answer->said ? " (allowed)" : " (denied)");
	if (answer->code)
		text_add(&text, " %d", answer->code);
	if (answer->message)
		text_add(&text, ": %s", answer->message);
	for (size_t i = 0; i < answer->n_causes; i++)
		text_add(&text, " [%s|%s]", answer->causes[i].field ? answer->causes[i].field : "",
			 answer->causes[i].message ? answer->causes[i].message : "");
	if (answer->patch) {
		char *patch = json_dumps(answer->patch, JSON_COMPACT);

		text_add(&text, " %s", patch);
		free(patch);
	}
	return text_take(&text);
}

#define TIMED_OUT "Policy execution interrupted because it exceeded the allowed execution time"
#define OPERATIONS                                                                                 \
	"[{\"op\":\"add\",\"path\":\"/a\",\"value\":1},{\"op\":\"replace\",\"path\":\"/b\","       \
	"\"value\":2},{\"op\":\"remove\",\"path\":\"/c\"},{\"op\":\"remove\",\"path\":\"/d\"}]"
#define NOT_TO_MUTATE                                                                              \
	"denied: Request rejected by policy p. The policy attempted to mutate the request, but "   \
	"it "                                                                                      \
	"is currently configured to not allow mutations."

static void applies_modes_constraints_and_messages(void **state)
{
	static const struct {
		const char *deed;
		enum kw_mode mode;
		enum kw_origin origin;
		bool may_mutate;
		const char *message, *expected;
	} cases[] = {
	    {"allow", KW_PROTECT, KW_VALIDATE, false, NULL, "allowed"},
	    {"allow", KW_PROTECT, KW_VALIDATE, false, "no", "allowed"},
	    {"deny", KW_PROTECT, KW_VALIDATE, false, NULL, "denied: denied"},
	    {"deny 403", KW_PROTECT, KW_VALIDATE, false, NULL, "denied 403: forbidden"},
	    {"silent", KW_PROTECT, KW_VALIDATE, false, NULL, "denied"},
	    {"deny 403", KW_PROTECT, KW_VALIDATE, false, "no", "denied 403: no [|forbidden]"},
	    {"silent", KW_PROTECT, KW_VALIDATE, false, "no", "denied: no [|]"},
	    {"deny", KW_PROTECT, KW_AUDIT, false, "no", "denied: denied"},
	    {"mutate", KW_PROTECT, KW_VALIDATE, true, NULL, "allowed " OPERATIONS},
	    {"mutate", KW_PROTECT, KW_AUDIT, false, NULL, "allowed " OPERATIONS},
	    {"mutate", KW_PROTECT, KW_VALIDATE, false, NULL, NOT_TO_MUTATE},
	    {"mutate", KW_PROTECT, KW_VALIDATE, false, "no",
	     "denied: no [|Request rejected by policy p. The policy attempted to mutate the "
	     "request, but it is currently configured to not allow mutations.]"},
	    {"same", KW_PROTECT, KW_VALIDATE, false, NULL, "allowed"},
	    {"deny", KW_MONITOR, KW_VALIDATE, false, "no", "allowed (denied): denied"},
	    {"mutate", KW_MONITOR, KW_VALIDATE, true, NULL, "allowed (allowed)"},
	    {"mutate", KW_MONITOR, KW_VALIDATE, false, NULL, "allowed (allowed)"},
	    {"deny", KW_MONITOR, KW_AUDIT, false, NULL, "denied: denied"},
	    {"fail", KW_PROTECT, KW_VALIDATE, false, NULL,
	     "denied 500: internal server error: out of memory"},
	    {"fail", KW_MONITOR, KW_VALIDATE, false, NULL,
	     "allowed (denied) 500: internal server error: out of memory"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char deed[16], id[] = "p", message[] = "no", *told;
		struct kw_member member = {.type = &acting, .settings = deed, .timeout_s = -1};
		struct kw_policy policy = {.id = id,
					   .mode = cases[i].mode,
					   .allowed_to_mutate = cases[i].may_mutate,
					   .message = cases[i].message ? message : NULL,
					   .members = &member,
					   .n_members = 1};
		json_t *object = json_pack("{s:i, s:i, s:i}", "d", 4, "c", 3, "b", 1);
		struct kw_review review = {.object_json = object};
		struct kw_answer answer;

		strcpy(deed, cases[i].deed);
		kw_evaluate(&policy, &review, 2, &answer);
		kw_answer_finish(&policy, cases[i].origin, &answer);
		told = tell(&answer);
		assert_string_equal(told, cases[i].expected);
		free(told);
		kw_answer_deinit(&answer);
		json_decref(object);
	}
}

static char *ask_one(const struct kw_policy_type *type, char *deed, struct kw_review *review)
{
	struct kw_member member = {.type = type, .settings = deed, .timeout_s = -1};
	struct kw_policy policy = {.allowed_to_mutate = true, .members = &member, .n_members = 1};
	struct kw_answer answer;
	char *told;

	kw_evaluate(&policy, review, 0, &answer);
	kw_answer_finish(&policy, KW_VALIDATE, &answer);
	told = tell(&answer);
	kw_answer_deinit(&answer);
	return told;
}

static void changes_nothing_but_what_was_asked_about(void **state)
{
	char mutate[] = "mutate";
	struct kw_review none = {0};
	json_t *request = json_pack("{s:i}", "b", 2);
	struct kw_review raw = {.raw_json = request};
	char *told = ask_one(&acting, mutate, &none);

	(void)state;
	assert_string_equal(
	    told, "denied: Incoming object is null, which happens only with DELETE operations, "
		  "but the policy is attempting a mutation. This is not allowed");
	free(told);
	told = ask_one(&acting, mutate, &raw);
	assert_string_equal(told, "denied 500: internal server error: the policy changes objects, "
				  "not raw requests");
	free(told);
	told = ask_one(&raw_acting, mutate, &raw);
	assert_string_equal(told, "allowed [{\"op\":\"add\",\"path\":\"/a\",\"value\":1}]");
	free(told);
	json_decref(request);
}

static void a_policy_that_does_not_work_denies_in_any_mode(void **state)
{
	char failure[] = "broken", no[] = "no", *told;
	struct kw_policy policy = {
	    .mode = KW_MONITOR, .message = no, .failed = true, .failure = failure};
	struct kw_review review = {0};
	struct kw_answer answer;

	(void)state;
	kw_evaluate(&policy, &review, 2, &answer);
	kw_answer_finish(&policy, KW_VALIDATE, &answer);
	told = tell(&answer);
	assert_string_equal(told, "denied 500: broken");
	free(told);
	kw_answer_deinit(&answer);
	policy.failure = NULL;
	kw_evaluate(&policy, &review, 2, &answer);
	assert_false(answer.allowed);
	kw_answer_deinit(&answer);
}

static void a_member_that_is_late_has_denied(void **state)
{
	char late[] = "late", name[] = "p", *told;
	struct kw_member member = {.name = name, .type = &acting, .settings = late, .timeout_s = 1};
	struct kw_policy policy = {.members = &member, .n_members = 1};
	struct kw_review review = {0};
	struct kw_answer answer;

	(void)state;
	kw_evaluate(&policy, &review, 3600, &answer);
	told = tell(&answer);
	assert_string_equal(told, "denied 500: " TIMED_OUT);
	free(told);
	kw_answer_deinit(&answer);
}

static void groups_combine_their_members(void **state)
{
	static const struct {
		const char *expression, *expected;
	} cases[] = {
	    {"yes()", "allowed"},
	    {"no()", "denied: group [spec.policies.no|denied]"},
	    {"yes() && no()", "denied: group [spec.policies.no|denied]"},
	    {"no() || yes()", "allowed"},
	    {"no() && change()", "denied: group [spec.policies.no|denied]"},
	    {"change() || no()", "denied: group [spec.policies.no|denied] "
				 "[spec.policies.change|mutation is not allowed inside of policy "
				 "group]"},
	    {"silent() || no()", "denied: group [spec.policies.no|denied] [spec.policies.silent|]"},
	    {"!yes()", "denied: group"},
	    {"!no() && !no()", "allowed"},
	    {"false", "denied: group"},
	    {"broken()", "denied: group [spec.policies.broken|internal server error: out of "
			 "memory]"},
	};
	static const char *const names[] = {"yes", "no", "change", "silent", "broken"};
	char yes[] = "yes", no[] = "no", change[] = "change", silent[] = "silent",
	     broken[] = "broken", allow[] = "allow", deny[] = "deny", mutate[] = "mutate",
	     group[] = "group";
	struct kw_member members[] = {
	    {.name = yes, .type = &acting, .settings = allow, .timeout_s = -1},
	    {.name = no, .type = &acting, .settings = deny, .timeout_s = -1},
	    {.name = change, .type = &acting, .settings = mutate, .timeout_s = -1},
	    {.name = silent, .type = &acting, .settings = silent, .timeout_s = -1},
	    {.name = broken, .type = &acting, .settings = broken, .timeout_s = -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text error = {0};
		struct kw_policy policy = {
		    .message = group, .expression = group, .members = members, .n_members = 5};
		json_t *object = json_object();
		struct kw_review review = {.object_json = object};
		struct kw_answer answer;
		char *told;

		policy.compiled = kw_expression_new(cases[i].expression, names, 5, &error);
		assert_non_null(policy.compiled);
		kw_evaluate(&policy, &review, 2, &answer);
		kw_answer_finish(&policy, KW_VALIDATE, &answer);
		told = tell(&answer);
		assert_string_equal(told, cases[i].expected);
		free(told);
		kw_answer_deinit(&answer);
		kw_expression_free(policy.compiled);
		json_decref(object);
	}
}

static void timeouts_add_up_and_none_means_none(void **state)
{
	struct kw_member members[] = {{.timeout_s = 3}, {.timeout_s = -1}};
	char expression[] = "true";
	struct kw_policy policy = {.members = members, .n_members = 2};

	(void)state;
	assert_int_equal(kw_policy_timeout_ms(&policy, 2), 5000);
	assert_int_equal(kw_policy_timeout_ms(&policy, 0), 0);
	policy.n_members = 1;
	assert_int_equal(kw_policy_timeout_ms(&policy, 0), 3000);
	policy.expression = expression;
	assert_int_equal(kw_policy_timeout_ms(&policy, 0), 3500);
	policy.n_members = 0;
	assert_int_equal(kw_policy_timeout_ms(&policy, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(applies_modes_constraints_and_messages),
	    cmocka_unit_test(changes_nothing_but_what_was_asked_about),
	    cmocka_unit_test(a_policy_that_does_not_work_denies_in_any_mode),
	    cmocka_unit_test(a_member_that_is_late_has_denied),
	    cmocka_unit_test(groups_combine_their_members),
	    cmocka_unit_test(timeouts_add_up_and_none_means_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
