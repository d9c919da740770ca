/* SPDX-License-Identifier: MIT */
/*
 * The values of single settings. Each adds the reason to why when the value is
 * none of its kind; "" is fine for all but the seconds.
 */
#ifndef RANCHER_SETTING_VALUES_H
#define RANCHER_SETTING_VALUES_H

#include "go_quote.h"

void setting_check_seconds(const char *value, struct text *why);
void setting_check_minutes(const char *value, struct text *why);
void setting_check_idle_minutes(const char *value, struct text *why);
void setting_check_ttl(const char *value, struct text *why);
void setting_check_grace_period(const char *value, struct text *why);
void setting_check_disable_after(const char *value, struct text *why);
void setting_check_delete_after(const char *value, struct text *why);
void setting_check_cron(const char *value, struct text *why);
void setting_check_time(const char *value, struct text *why);
void setting_check_priority_class(const char *value, struct text *why);
void setting_check_disruption_budget(const char *value, struct text *why);

#endif
