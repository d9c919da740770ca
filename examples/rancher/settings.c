/* SPDX-License-Identifier: MIT */
/*
 * settings.management.cattle.io: what comes from the environment or is read-only
 * stays, and values that are durations, times or numbers are such.
 *
 * The original also compares some settings with others, which it looks up, and
 * goes on without when it cannot; so do these rules, always.
 */
#include <string.h>

#include "go_text.h"
#include "go_time.h"
#include "rancher.h"
#include "setting_values.h"

static const char what[] = "failed to get Setting from request";

struct setting {
	const char *name;
	const char *value;
	const char *source;
};

static void read_setting(const json_t *object, struct setting *setting)
{
	setting->name = name_of(object);
	setting->value = text_in(object, "value");
	setting->source = text_in(object, "source");
}

/* What may not be changed at all. */
static void check_change(const struct setting *before, const struct setting *after,
			 struct text *why)
{
	if (strcmp(before->source, "env") == 0 && strcmp(after->source, "env") != 0)
		text_add(why,
			 "setting with source \"%s\" cannot update setting with source \"env\"",
			 after->source);
	else if (strcmp(before->name, "cacerts") == 0)
		text_add(why, "setting is read only");
}

/* Which values are checked, and how; those "changed" are not checked when a setting is created. */
static const struct {
	const char *name;
	void (*check)(const char *value, struct text *why);
	bool changed;
} checks[] = {
    {"auth-user-info-max-age-seconds", setting_check_seconds, false},
    {"auth-user-info-resync-cron", setting_check_cron, false},
    {"auth-user-session-idle-ttl-minutes", setting_check_idle_minutes, false},
    {"auth-user-session-ttl-minutes", setting_check_minutes, false},
    {"cluster-agent-default-pod-disruption-budget", setting_check_disruption_budget, true},
    {"cluster-agent-default-priority-class", setting_check_priority_class, true},
    {"crt-default-grace-period-minutes", setting_check_grace_period, false},
    {"crt-default-ttl-minutes", setting_check_ttl, false},
    {"delete-inactive-user-after", setting_check_delete_after, false},
    {"disable-inactive-user-after", setting_check_disable_after, false},
    {"fleet-agent-default-pod-disruption-budget", setting_check_disruption_budget, true},
    {"fleet-agent-default-priority-class", setting_check_priority_class, true},
    {"user-last-login-default", setting_check_time, false},
    {"user-retention-cron", setting_check_cron, false},
};

static void check_value(const struct setting *setting, bool created, struct text *why)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (strcmp(checks[i].name, setting->name) == 0 && !(created && checks[i].changed))
			checks[i].check(setting->value, why);
}

int validate_setting(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	struct text why = {0};
	struct setting before = {"", "", ""}, after;
	struct objects objects;

	(void)userdata;
	if (objects_get(req, resp, what, "v3.Setting", &objects))
		return ADMWH_E_HANDLER;
	read_setting(objects.object, &after);
	if (objects.old) {
		read_setting(objects.old, &before);
		check_change(&before, &after, &why);
	}
	if (!text_any(&why))
		check_value(&after, !objects.old, &why);
	return text_any(&why) ? deny_bad_request(resp, &why) : admwh_response_allow(resp);
}
