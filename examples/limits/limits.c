/* SPDX-License-Identifier: MIT */
/*
 * Requires limits of CPU and memory for each container of each workload, and of memory at most
 * --most-memory. With --warn-path /validate what would be denied is allowed with a warning.
 * Containers of an object that exists are judged once they change; ephemeral ones cannot have
 * limits.
 */
#include <admwh/admwh.h>

static struct admwh_quantity most_memory;

static int check(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	struct admwh_containers changed =
	    admwh_changed_containers(req, ADMWH_INIT_CONTAINERS | ADMWH_ORDINARY_CONTAINERS);
	struct admwh_container c;

	(void)userdata;
	while (admwh_containers_next(&changed, &c)) {
		struct admwh_value limits = ADMWH_GET(c.value, "resources", "limits");

		admwh_response_require_quantity(resp, ADMWH_GET(limits, "cpu"), NULL, NULL);
		admwh_response_require_quantity(resp, ADMWH_GET(limits, "memory"), NULL,
						&most_memory);
	}
	return admwh_response_decide(resp);
}

int main(int argc, char **argv)
{
	const struct admwh_flag flag = {.name = "most-memory",
					.value = "QUANTITY",
					.help = "greatest limit of memory",
					.quantity = &most_memory,
					.preset = "1Gi"};
	const struct admwh_program_route route = {.path = "/validate", .validate = check};
	const struct admwh_program program = {
	    .name = "admwh-limits", .flags = &flag, .n_flags = 1, .routes = &route, .n_routes = 1};

	return admwh_program_main(argc, argv, &program);
}
