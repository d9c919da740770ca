/* SPDX-License-Identifier: MIT */
/*
 * Allows images of certain registries alone, in every container of every workload. The file of
 * --registries has one a line, "registry.example.com/team", and is read again when it changes. An
 * object that has an image already may keep it.
 */
#include <admwh/admwh.h>

static struct admwh_file *file_of_registries;

static int check(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	struct admwh_containers changed = admwh_changed_containers(req, ADMWH_ALL_CONTAINERS);
	struct admwh_container c;

	(void)userdata;
	while (admwh_containers_next(&changed, &c)) {
		const char *const *registry = admwh_request_file(req, file_of_registries);
		struct admwh_value named = admwh_value_get(c.value, "image");
		struct admwh_image image;

		admwh_image_parse(&image, named);
		while (registry && *registry && !admwh_image_matches(&image, *registry))
			registry++;
		if (!registry || !*registry)
			admwh_response_add_error(resp, ADMWH_FORBIDDEN, named,
						 "%s is of no registry that is allowed", c.name);
	}
	return admwh_response_decide(resp);
}

static int set_up(struct admwh_server *server, void *userdata)
{
	(void)userdata;
	return admwh_server_add_validator(server, "/validate", check, NULL) ? 0 : ADMWH_E_INVAL;
}

int main(int argc, char **argv)
{
	const struct admwh_flag registries = {.name = "registries",
					      .value = "FILE",
					      .help = "what is allowed, one a line",
					      .lines = &file_of_registries,
					      .line_error = admwh_image_prefix_error,
					      .required = true};
	const struct admwh_program program = {
	    .name = "admwh-registries", .flags = &registries, .n_flags = 1, .setup = set_up};

	return admwh_program_main(argc, argv, &program);
}
