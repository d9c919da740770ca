/* SPDX-License-Identifier: MIT */
/*
 * Allows images of certain registries alone, in every container of every workload. The file of
 * --registries has one a line, "registry.example.com/team", and is read again when it changes. An
 * object that has an image already may keep it.
 */
#include <admwh/admwh.h>

static struct admwh_file *registries;

static int check(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	struct admwh_containers changed = admwh_changed_containers(req, ADMWH_ALL_CONTAINERS);
	struct admwh_container c;

	(void)userdata;
	while (admwh_containers_next(&changed, &c)) {
		struct admwh_value named = admwh_value_get(c.value, "image");
		struct admwh_image image;

		admwh_image_parse(&image, named);
		if (!admwh_image_matches_any(&image, admwh_request_file(req, registries)))
			admwh_response_add_error(resp, ADMWH_FORBIDDEN, named,
						 "%s is of no registry that is allowed", c.name);
	}
	return admwh_response_decide(resp);
}

int main(int argc, char **argv)
{
	const struct admwh_flag flag = {.name = "registries",
					.value = "FILE",
					.help = "what is allowed, one a line",
					.lines = &registries,
					.line_error = admwh_image_prefix_error,
					.required = true};
	const struct admwh_program_route route = {.path = "/validate", .validate = check};
	const struct admwh_program program = {.name = "admwh-registries",
					      .flags = &flag,
					      .n_flags = 1,
					      .routes = &route,
					      .n_routes = 1};

	return admwh_program_main(argc, argv, &program);
}
