/* SPDX-License-Identifier: MIT */
/*
 * Puts a collector of traces beside the containers of a Pod when it is created, and tells them
 * where it listens. A Pod annotated sidecar.example.com/inject=false is left alone.
 */
#include <string.h>

#include <admwh/admwh.h>

/* A sidecar of Kubernetes 1.29: an init container that is kept running. */
static const char injected[] =
    "{\"container\": {\"name\": \"collector\", \"image\": \"registry.example.com/collector:1.4\","
    "  \"restartPolicy\": \"Always\", \"args\": [\"--config=/etc/collector/collector.yaml\"],"
    "  \"resources\": {\"limits\": {\"cpu\": \"200m\", \"memory\": \"128Mi\"}},"
    "  \"volumeMounts\": [{\"name\": \"collector\", \"mountPath\": \"/etc/collector\"}]},"
    " \"volume\": {\"name\": \"collector\", \"configMap\": {\"name\": \"collector\"}},"
    " \"env\": {\"name\": \"OTEL_EXPORTER_OTLP_ENDPOINT\", \"value\": \"http://127.0.0.1:4318\"}}";

static int inject(const struct admwh_request *req, struct admwh_response *resp,
		  struct admwh_patch *patch, void *userdata)
{
	struct admwh_value annotations =
	    ADMWH_GET(admwh_request_pod(req), "metadata", "annotations");
	struct admwh_document *document;
	struct admwh_value value;

	(void)userdata;
	if (admwh_value_is(admwh_value_get(annotations, "sidecar.example.com/inject"), "false"))
		return admwh_response_allow(resp);
	document = admwh_document_parse(injected, strlen(injected)); /* of this thread alone */
	value = admwh_document_value(document);
	admwh_patch_put_container(patch, ADMWH_INIT_CONTAINERS,
				  admwh_value_get(value, "container"));
	admwh_patch_put_volume(patch, admwh_value_get(value, "volume"));
	admwh_patch_put_env(patch, ADMWH_ORDINARY_CONTAINERS, NULL, admwh_value_get(value, "env"));
	admwh_document_free(document);
	return admwh_response_allow(resp); /* what could not be put has failed the review */
}

int main(int argc, char **argv)
{
	const struct admwh_program_route route = {.path = "/mutate",
						  .mutate = inject,
						  .group = "",
						  .kind = "Pod",
						  .operations = ADMWH_OPERATION_BIT(ADMWH_CREATE)};
	const struct admwh_program program = {
	    .name = "admwh-sidecar", .routes = &route, .n_routes = 1};

	return admwh_program_main(argc, argv, &program);
}
