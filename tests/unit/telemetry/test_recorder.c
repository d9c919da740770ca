/* SPDX-License-Identifier: MIT */
/*
 * The recorder: which reviews it takes, what becomes of them, and the folder and
 * files that it makes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>

#include "../good_server.h"
#include "../temp_folder.h"
#include "config/record.h"
#include "telemetry/recorder.h"

#define POD                                                                                        \
	"{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/"                         \
	"v1\",\"request\":{\"uid\":\"a\","                                                         \
	"\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"%s\"},\"resource\":{\"group\":"    \
	"\"\","                                                                                    \
	"\"version\":\"v1\",\"resource\":\"pods\"},\"operation\":\"CREATE\",\"userInfo\":{},"      \
	"\"object\":{\"kind\":\"%s\",\"pad\":\"%*s\"}}}"

static struct awh_events events;

static int set_up(void **state)
{
	struct awh_error error;

	return make_folder(state) || awh_metrics_init(&events.metrics, 1, &error);
}

static int tear_down(void **state)
{
	awh_metrics_deinit(&events.metrics);
	return remove_folder(state);
}

static struct admwh_config *make_config(unsigned int files)
{
	struct admwh_config *config = admwh_config_new();

	assert_int_equal(admwh_config_set_record_folder(config, in_folder("record")), 0);
	assert_int_equal(admwh_config_add_record_kind(config, "Pod"), 0);
	assert_int_equal(admwh_config_add_record_kind(config, "apps/Deployment"), 0);
	assert_int_equal(admwh_config_set_record_files(config, files), 0);
	return config;
}

static unsigned long long counted(enum awh_record_result result)
{
	return atomic_exchange(&events.metrics.counts->records[result], 0);
}

/* pad: bytes that the object is larger */
static void take(struct awh_recorder *recorder, const struct admwh_route *route, const char *kind,
		 const char *object, int pad)
{
	struct awh_review *review = awh_review_new(route, 1 << 24, 200, 0);
	char *body = NULL;
	int len = asprintf(&body, POD, kind, object, pad, "");

	assert_non_null(review);
	assert_true(len > 0);
	awh_buf_put(&review->body, body, (size_t)len);
	assert_true(awh_review_run(review));
	awh_recorder_take(recorder, review);
	awh_review_unref(review);
	free(body);
}

/* One that is answered by the loop, as a handler that decides later has not come to it. */
static void take_late(struct awh_recorder *recorder, const struct admwh_route *route,
		      bool is_decoded)
{
	struct awh_review *review = awh_review_new(route, 1 << 24, 200, 0);
	struct awh_buf answer;
	int status;

	assert_non_null(review);
	awh_buf_printf(&review->body, POD, "Pod", "Pod", 0, "");
	if (is_decoded)
		assert_true(awh_review_decode(review));
	awh_buf_init(&answer, 1 << 20);
	assert_true(awh_review_abandon(review));
	assert_int_equal(awh_review_answer_late(review, &answer, &status), 0);
	awh_recorder_take_late(recorder, review, &answer);
	awh_buf_deinit(&answer);
	awh_review_unref(review);
}

static struct awh_recorder *begin(const struct admwh_config *config)
{
	struct awh_recorder *recorder;
	struct awh_error error;

	assert_int_equal(awh_recorder_new(&recorder, config, &events, &error), 0);
	assert_non_null(recorder);
	return recorder;
}

/* Each is a whole file of mode 0600 with this decision, and none is left half-written. */
static unsigned int count_files_in(const char *where, const char *decision)
{
	DIR *dir = opendir(in_folder(where));
	unsigned int n = 0;

	assert_non_null(dir);
	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
		char path[512];
		struct stat what;
		json_t *tree;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", in_folder(where), entry->d_name);
		assert_int_equal(stat(path, &what), 0);
		assert_int_equal(what.st_mode & 07777, 0600);
		tree = json_load_file(path, 0, NULL);
		assert_string_equal(json_string_value(json_object_get(tree, "kind")),
				    "AdmissionReview");
		assert_string_equal(
		    json_string_value(json_object_get(json_object_get(tree, "record"), "decision")),
		    decision);
		json_decref(tree);
		n++;
	}
	closedir(dir);
	return n;
}

static unsigned int count_files(void)
{
	return count_files_in("record", "allowed");
}

static void files_are_made_of_reviews_of_the_kinds_alone(void **state)
{
	struct admwh_config *config = make_config(100);
	struct admwh_route *route = admwh_route_new_validator(allow, NULL);
	struct awh_recorder *recorder = begin(config);
	struct stat what;

	(void)state;
	take(recorder, route, "Pod", "Pod", 0);
	take(recorder, route, "Pod", "Pod", 0);
	take(recorder, route, "ConfigMap", "ConfigMap", 0);
	take(recorder, route, "Deployment", "Deployment", 0); /* of another group */
	take(recorder, route, "Pod", "Secret", 0);
	take(recorder, route, "Pod", "Pod", AWH_RECORD_BODY_MAX);
	take(NULL, route, "Pod", "Pod", 0);
	awh_recorder_free(recorder);
	assert_int_equal(count_files(), 2);
	assert_int_equal(counted(AWH_RECORD_WRITTEN), 2);
	assert_int_equal(counted(AWH_RECORD_WITHHELD), 1);
	assert_int_equal(counted(AWH_RECORD_LARGE), 1);
	assert_int_equal(stat(in_folder("record"), &what), 0);
	assert_int_equal(what.st_mode & 07777, 0700);
	admwh_route_free(route);
	admwh_config_free(config);
}

static void a_folder_that_is_full_gets_no_file_until_one_is_taken_away(void **state)
{
	struct admwh_config *config = make_config(3);
	struct admwh_route *route = admwh_route_new_validator(allow, NULL);
	struct awh_recorder *recorder = begin(config);

	(void)state;
	for (int i = 0; i < 3; i++)
		take(recorder, route, "Pod", "Pod", 0);
	awh_recorder_free(recorder);
	assert_int_equal(count_files(), 3);
	assert_int_equal(counted(AWH_RECORD_WRITTEN), 1);
	assert_int_equal(counted(AWH_RECORD_FULL), 2);
	admwh_route_free(route);
	admwh_config_free(config);
}

/* Its kind is known once it is decoded. */
static void a_late_review_is_recorded_as_such_if_its_kind_is_known(void **state)
{
	struct admwh_config *config = make_config(100);
	struct admwh_route *route = admwh_route_new_validator(allow, NULL);
	struct awh_recorder *recorder;

	(void)state;
	assert_int_equal(admwh_config_set_record_folder(config, in_folder("late")), 0);
	recorder = begin(config);
	take_late(recorder, route, true);
	take_late(recorder, route, false);
	take_late(NULL, route, true);
	awh_recorder_free(recorder);
	assert_int_equal(count_files_in("late", "deadline"), 1);
	assert_int_equal(counted(AWH_RECORD_WRITTEN), 1);
	admwh_route_free(route);
	admwh_config_free(config);
}

/* The thread cannot keep up with as many as this, or it can: none is lost without a count. */
static void more_than_the_queue_takes_is_dropped_and_counted(void **state)
{
	enum { REVIEWS = 8 * AWH_RECORD_QUEUE };
	struct admwh_config *config = make_config(100000);
	struct admwh_route *route = admwh_route_new_validator(allow, NULL);
	struct awh_recorder *recorder = begin(config);
	unsigned long long written, dropped;

	(void)state;
	for (int i = 0; i < REVIEWS; i++)
		take(recorder, route, "Pod", "Pod", 300000);
	awh_recorder_free(recorder);
	written = counted(AWH_RECORD_WRITTEN);
	dropped = counted(AWH_RECORD_DROPPED);
	assert_int_equal(written + dropped, REVIEWS);
	assert_true(written > 0);
	admwh_route_free(route);
	admwh_config_free(config);
}

static void a_folder_must_be_the_users_own_and_closed(void **state)
{
	struct admwh_config *config = admwh_config_new();

	(void)state;
	assert_int_equal(mkdir(in_folder("open"), 0755), 0);
	assert_int_equal(admwh_config_set_record_folder(config, in_folder("open")), ADMWH_E_IO);
	assert_non_null(strstr(admwh_config_error(config), "expected mode 0700"));
	put_text("file", "");
	assert_int_equal(admwh_config_set_record_folder(config, in_folder("file")), ADMWH_E_IO);
	assert_int_equal(symlink("record", in_folder("link")), 0);
	assert_int_equal(admwh_config_set_record_folder(config, in_folder("link")), ADMWH_E_IO);
	assert_int_equal(admwh_config_set_record_folder(config, in_folder("link/")), ADMWH_E_IO);
	assert_int_equal(admwh_config_set_record_folder(config, in_folder("link/./")), ADMWH_E_IO);
	assert_int_equal(admwh_config_set_record_folder(config, in_folder("record/./")), 0);
	assert_int_equal(admwh_config_set_record_folder(config, in_folder("no/where")), ADMWH_E_IO);
	assert_int_equal(admwh_config_set_record_folder(config, ""), ADMWH_E_INVAL);
	assert_int_equal(admwh_config_set_record_folder(config, NULL), ADMWH_E_INVAL);
	admwh_config_free(config);
}

static void some_kinds_cannot_be_named(void **state)
{
	static const char *const kinds[] = {
	    NULL,
	    "",
	    "/",
	    "Secret",
	    "SecretList",
	    "example.com/Secret",
	    "TokenRequest",
	    "authentication.k8s.io/TokenReview",
	    "apps/",
	    "/Pod",
	    "a/b/c",
	    "Pod ",
	    "*",
	    "apps/*",
	};
	struct admwh_config *config = admwh_config_new();
	struct awh_error error;

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		assert_int_equal(admwh_config_add_record_kind(config, kinds[i]), ADMWH_E_INVAL);
	assert_int_equal(admwh_config_set_record_files(config, 0), ADMWH_E_INVAL);
	assert_int_equal(admwh_config_set_record_files(config, 100001), ADMWH_E_INVAL);
	assert_int_equal(awh_record_check(config, &error), 0);
	assert_int_equal(admwh_config_add_record_kind(config, "Pod"), 0);
	assert_int_equal(awh_record_check(config, &error), ADMWH_E_INVAL);
	admwh_config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(files_are_made_of_reviews_of_the_kinds_alone),
	    cmocka_unit_test(a_late_review_is_recorded_as_such_if_its_kind_is_known),
	    cmocka_unit_test(a_folder_that_is_full_gets_no_file_until_one_is_taken_away),
	    cmocka_unit_test(more_than_the_queue_takes_is_dropped_and_counted),
	    cmocka_unit_test(a_folder_must_be_the_users_own_and_closed),
	    cmocka_unit_test(some_kinds_cannot_be_named),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
