/* SPDX-License-Identifier: MIT */
/*
 * Defaults, checks and conversion of a kind of one's own: Backup of backups.example.com. /mutate
 * fills in what is missing, /validate says all that is wrong; /convert, on a listener of its own,
 * turns v1beta1 into v1 and back. Its spec.keepDays is spec.retentionDays in v1.
 */
#include <stdio.h>
#include <string.h>

#include <admwh/admwh.h>

static const char *const classes[] = {"standard", "archive"};
static const struct {
	const char *pointer, *json;
} defaults[] = {
    {"/spec/schedule", "\"0 3 * * *\""},
    {"/spec/retentionDays", "30"},
    {"/spec/storage/class", "\"standard\""},
};

static int set_defaults(const struct admwh_request *req, struct admwh_response *resp,
			struct admwh_patch *patch, void *userdata)
{
	struct admwh_value backup = admwh_request_object(req);

	(void)userdata;
	for (size_t i = 0; i < sizeof(defaults) / sizeof(*defaults); i++)
		if (!admwh_value_is_set(admwh_value_find(backup, defaults[i].pointer)))
			admwh_patch_add_parents_new(
			    patch, defaults[i].pointer,
			    json_loads(defaults[i].json, JSON_DECODE_ANY, NULL));
	return admwh_response_allow(resp);
}

static void check_schedule(struct admwh_response *resp, struct admwh_value schedule)
{
	const char *text = admwh_value_string(schedule);
	int fields = 0;

	for (; text && *text; text += strcspn(text, " "), text += strspn(text, " "))
		fields++;
	if (fields != 5)
		admwh_response_add_error(resp, ADMWH_INVALID, schedule, "five fields of cron");
}

static void check_retention(struct admwh_response *resp, struct admwh_value retention)
{
	int64_t days;

	if (admwh_value_integer(retention, &days) && (days < 1 || days > 3650))
		admwh_response_add_error(resp, ADMWH_INVALID, retention, "from 1 to 3650");
}

static void check_storage(struct admwh_response *resp, struct admwh_value storage,
			  struct admwh_value old)
{
	struct admwh_value bucket = admwh_value_get(storage, "bucket");
	struct admwh_value class = admwh_value_get(storage, "class");

	if (!admwh_value_is_set(bucket))
		admwh_response_add_error(resp, ADMWH_REQUIRED, bucket, NULL);
	else if (admwh_value_is_set(old) &&
		 !admwh_value_equal(bucket, admwh_value_get(old, "bucket")))
		admwh_response_add_error(resp, ADMWH_FORBIDDEN, bucket, "it cannot be changed");
	if (!admwh_value_is(class, classes[0]) && !admwh_value_is(class, classes[1]))
		admwh_response_add_not_supported(resp, class, classes, 2);
}

static int check(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	struct admwh_value spec = admwh_value_get(admwh_request_object(req), "spec");

	(void)userdata;
	check_schedule(resp, admwh_value_get(spec, "schedule"));
	check_retention(resp, admwh_value_get(spec, "retentionDays"));
	check_storage(resp, admwh_value_get(spec, "storage"),
		      ADMWH_GET(admwh_request_old_object(req), "spec", "storage"));
	return admwh_response_decide(resp);
}

static int convert(const struct admwh_conversion *conv, struct admwh_patch *patch, void *userdata)
{
	const bool up = !strcmp(conv->version, "v1beta1") && !strcmp(conv->desired_version, "v1");
	const bool down = !strcmp(conv->version, "v1") && !strcmp(conv->desired_version, "v1beta1");
	const char *from = up ? "/spec/keepDays" : "/spec/retentionDays";

	(void)userdata;
	if (!up && !down)
		return admwh_conversion_fail(conv, "there is no such version");
	if (admwh_value_is_absent(admwh_value_find(conv->object, from)))
		return 0;
	return admwh_patch_move(patch, from, up ? "/spec/retentionDays" : "/spec/keepDays");
}

static int set_up(struct admwh_server *server, void *userdata)
{
	const unsigned int operations =
	    ADMWH_OPERATION_BIT(ADMWH_CREATE) | ADMWH_OPERATION_BIT(ADMWH_UPDATE);
	struct admwh_route *routes[] = {
	    admwh_server_add_mutator(server, "/mutate", set_defaults, userdata),
	    admwh_server_add_validator(server, "/validate", check, userdata)};
	int err = admwh_server_add_conversion(server, "/convert", convert, userdata);

	for (int i = 0; i < 2 && !err; i++)
		err =
		    admwh_route_add_filter(routes[i], "backups.example.com", "Backup", operations);
	return err;
}

int main(int argc, char **argv)
{
	const struct admwh_preset preset = {"conversion-listen", ":9444"};
	const struct admwh_program program = {
	    .name = "admwh-crd", .setup = set_up, .presets = &preset, .n_presets = 1};

	return admwh_program_main(argc, argv, &program);
}
