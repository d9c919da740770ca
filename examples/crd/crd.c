/* SPDX-License-Identifier: MIT */
/*
 * Defaults, checks and conversion of a kind of one's own: Backup of backups.example.com. /mutate
 * fills in what is missing, /validate says all that is wrong; /convert, on a listener of its own,
 * turns v1beta1 into v1 and back. Its spec.keepDays is spec.retentionDays in v1.
 */
#include <string.h>

#include <admwh/admwh.h>

static const char defaults[] = "{\"spec\": {\"schedule\": \"0 3 * * *\", \"retentionDays\": 30,"
			       " \"storage\": {\"class\": \"standard\"}}}";
static const char *const classes[] = {"standard", "archive"};

static int set_defaults(const struct admwh_request *req, struct admwh_response *resp,
			struct admwh_patch *patch, void *userdata)
{
	(void)req, (void)userdata;
	admwh_patch_set_defaults_text(patch, defaults);
	return admwh_response_allow(resp); /* what could not be set has failed the review */
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

static int check(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	struct admwh_value spec = ADMWH_GET(admwh_request_object(req), "spec");
	struct admwh_value old = ADMWH_GET(admwh_request_old_object(req), "spec");
	struct admwh_value bucket = ADMWH_GET(spec, "storage", "bucket");

	(void)userdata;
	check_schedule(resp, admwh_value_get(spec, "schedule"));
	admwh_response_require_integer(resp, admwh_value_get(spec, "retentionDays"), 1, 3650);
	if (admwh_response_require(resp, bucket))
		admwh_response_require_unchanged(resp, bucket, ADMWH_GET(old, "storage", "bucket"));
	admwh_response_require_one_of(resp, ADMWH_GET(spec, "storage", "class"), classes, 2);
	return admwh_response_decide(resp);
}

static int from_beta(const struct admwh_conversion *conv, struct admwh_patch *patch, void *userdata)
{
	(void)conv, (void)userdata;
	return admwh_patch_move_if_present(patch, "/spec/keepDays", "/spec/retentionDays");
}

static int to_beta(const struct admwh_conversion *conv, struct admwh_patch *patch, void *userdata)
{
	(void)conv, (void)userdata;
	return admwh_patch_move_if_present(patch, "/spec/retentionDays", "/spec/keepDays");
}

int main(int argc, char **argv)
{
	const struct admwh_conversion_pair pair = {
	    .older = "v1beta1", .newer = "v1", .up = from_beta, .down = to_beta};
	struct admwh_conversions versions = {.pairs = &pair, .n_pairs = 1};
	const struct admwh_program_route routes[] = {
	    {.path = "/mutate",
	     .mutate = set_defaults,
	     .group = "backups.example.com",
	     .kind = "Backup",
	     .operations = ADMWH_OPERATION_BIT(ADMWH_CREATE) | ADMWH_OPERATION_BIT(ADMWH_UPDATE)},
	    {.path = "/validate",
	     .validate = check,
	     .group = "backups.example.com",
	     .kind = "Backup",
	     .operations = ADMWH_OPERATION_BIT(ADMWH_CREATE) | ADMWH_OPERATION_BIT(ADMWH_UPDATE)},
	    {.path = "/convert", .convert = admwh_conversions_run, .userdata = &versions},
	};
	const struct admwh_preset preset = {"conversion-listen", ":9444"};
	const struct admwh_program program = {.name = "admwh-crd",
					      .routes = routes,
					      .n_routes = 3,
					      .presets = &preset,
					      .n_presets = 1};

	return admwh_program_main(argc, argv, &program);
}
