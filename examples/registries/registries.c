/* SPDX-License-Identifier: MIT */
/*
 * Allows images of certain registries alone, in every container of every workload. The file of
 * --registries has one a line, "registry.example.com/team", and is read again when it changes. An
 * object that has an image already may keep it.
 */
#include <stdlib.h>
#include <string.h>

#include <admwh/admwh.h>

static const char *file_name;
static struct admwh_file *file_of_registries;

/* The lines of the file, a NUL behind each, and one more behind the last. */
static void *parse(const char *bytes, size_t len, struct admwh_file *file, void *userdata)
{
	char *lines = calloc(1, len + 2);

	(void)userdata;
	for (char *line = lines; line && *bytes; line += *line ? strlen(line) + 1 : 0) {
		len = strcspn(bytes, "\n");
		memcpy(line, bytes, len);
		bytes += len + (bytes[len] == '\n');
		if (*line && admwh_image_prefix_error(line)) {
			admwh_file_fail(file, "\"%s\": %s", line, admwh_image_prefix_error(line));
			free(lines);
			return NULL;
		}
	}
	return lines;
}

static void free_lines(void *lines, void *userdata)
{
	(void)userdata;
	free(lines);
}

static int check(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	struct admwh_containers changed = admwh_changed_containers(req, ADMWH_ALL_CONTAINERS);
	struct admwh_container c;

	(void)userdata;
	while (admwh_containers_next(&changed, &c)) {
		const char *line = admwh_request_file(req, file_of_registries);
		struct admwh_value named = admwh_value_get(c.value, "image");
		struct admwh_image image;

		admwh_image_parse(&image, named);
		while (line && *line && !admwh_image_matches(&image, line))
			line += strlen(line) + 1;
		if (!line || !*line)
			admwh_response_add_error(resp, ADMWH_FORBIDDEN, named,
						 "%s is of no registry that is allowed", c.name);
	}
	return admwh_response_decide(resp);
}

static int configure(struct admwh_config *config, void *userdata)
{
	(void)userdata;
	file_of_registries = admwh_config_add_file(config, file_name, parse, free_lines, NULL);
	return file_of_registries ? 0 : ADMWH_E_IO;
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
					      .required = true,
					      .help = "registries that are allowed, one a line",
					      .text = &file_name};
	const struct admwh_program program = {.name = "admwh-registries",
					      .flags = &registries,
					      .n_flags = 1,
					      .configure = configure,
					      .setup = set_up};

	return admwh_program_main(argc, argv, &program);
}
