/* SPDX-License-Identifier: MIT */
/*
 * clusterrepos.catalog.cattle.io: a repository of charts is at a URL or in Git,
 * not both and not neither.
 */
#include "rancher.h"

int validate_cluster_repo(const struct admwh_request *req, struct admwh_response *resp,
			  void *userdata)
{
	static const char what[] = "failed to get clusterRepo from request";
	struct text why = {0};
	const json_t *object, *spec;
	bool url, git;

	(void)userdata;
	if (object_get(req, resp, what, "v1.ClusterRepo", &object))
		return ADMWH_E_HANDLER;
	spec = json_object_get(object, "spec");
	url = *text_in(spec, "url") != '\0';
	git = *text_in(spec, "gitRepo") != '\0';
	if (url != git)
		return admwh_response_allow(resp);
	field_forbidden(&why, "clusterrepo",
			url ? "both fields spec.URL and spec.GitRepo cannot be specified "
			      "simultaneously"
			    : "either of fields spec.URL or spec.GitRepo must be specified");
	return deny_bad_request(resp, &why);
}
