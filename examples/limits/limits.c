/* SPDX-License-Identifier: MIT */
/*
 * Requires limits of CPU and memory for each container of each workload, and at most --most-memory
 * of each. With --mode warn what would be denied is allowed with a warning. Containers of an object
 * that exists are judged once they change; ephemeral ones cannot have limits.
 */
#include <admwh/admwh.h>

static struct admwh_quantity most;
static char most_text[ADMWH_QUANTITY_TEXT_MAX + 1];
static int mode;

static int check(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	struct admwh_containers changed =
	    admwh_changed_containers(req, ADMWH_INIT_CONTAINERS | ADMWH_ORDINARY_CONTAINERS);
	struct admwh_container c;

	(void)userdata;
	while (admwh_containers_next(&changed, &c)) {
		struct admwh_value cpu = ADMWH_GET(c.value, "resources", "limits", "cpu");
		struct admwh_value memory = ADMWH_GET(c.value, "resources", "limits", "memory");
		struct admwh_quantity quantity;

		if (admwh_quantity_parse(&quantity, cpu) == ADMWH_E_NOT_FOUND)
			admwh_response_add_error(resp, ADMWH_REQUIRED, cpu, NULL);
		if (admwh_quantity_parse(&quantity, memory) == ADMWH_E_NOT_FOUND)
			admwh_response_add_error(resp, ADMWH_REQUIRED, memory, NULL);
		if (admwh_quantity_compare(&quantity, &most) > 0)
			admwh_response_add_error(resp, ADMWH_INVALID, memory, "at most %s",
						 most_text);
	}
	return admwh_response_decide(resp);
}

static int set_up(struct admwh_server *server, void *userdata)
{
	admwh_quantity_format(&most, most_text, sizeof(most_text));
	return admwh_route_set_warn(
	    admwh_server_add_validator(server, "/validate", check, userdata), mode == 0);
}

int main(int argc, char **argv)
{
	const struct admwh_flag flags[] = {
	    {.name = "most-memory",
	     .value = "QUANTITY",
	     .help = "greatest limit of memory",
	     .quantity = &most,
	     .preset = "1Gi"},
	    {.name = "mode",
	     .value = "warn|enforce",
	     .help = "what becomes of the others",
	     .choice = &mode,
	     .preset = "enforce"},
	};
	const struct admwh_program program = {
	    .name = "admwh-limits", .flags = flags, .n_flags = 2, .setup = set_up};

	return admwh_program_main(argc, argv, &program);
}
