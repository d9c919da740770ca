/* SPDX-License-Identifier: MIT */
#include "conn/quiet.h"

#include "base/error.h"
#include "tls/tls.h"

static void on_quiet(void *userdata, unsigned int happened)
{
	struct awh_quiet *quiet = userdata;

	(void)happened;
	awh_tls_thread_trim();
	awh_trim_idle(quiet->trim);
}

int awh_quiet_make(struct awh_quiet *quiet, struct awh_loop *loop, struct awh_trim *trim,
		   int64_t ms)
{
	quiet->timer = awh_watch_new(loop, -1, on_quiet, quiet);
	if (!quiet->timer)
		return ADMWH_E_NOMEM;
	quiet->trim = trim;
	quiet->ms = ms;
	return 0;
}

void awh_quiet_end(struct awh_quiet *quiet)
{
	awh_watch_free(quiet->timer);
	quiet->timer = NULL;
}

void awh_quiet_put_off(struct awh_quiet *quiet)
{
	if (quiet->timer)
		awh_watch_timer(quiet->timer, quiet->ms);
}
