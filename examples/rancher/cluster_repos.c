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
	struct text wrong = {0}, why = {0};
	struct objects objects;
	const json_t *spec;
	bool url, git;

	(void)userdata;
	if (objects_get(req, resp, what, "v1.ClusterRepo", &objects))
		return ADMWH_E_HANDLER;
	spec = object_in(objects.object, "spec", "ClusterRepo.spec", "v1.RepoSpec", &wrong);
	url = *text_in(spec, "url", "RepoSpec.spec.url", &wrong) != '\0';
	git = *text_in(spec, "gitRepo", "RepoSpec.spec.gitRepo", &wrong) != '\0';
	if (text_any(&wrong))
		return give_up(resp, what, &wrong);
	if (url != git)
		return admwh_response_allow(resp);
	field_forbidden(&why, "clusterrepo",
			url ? "both fields spec.URL and spec.GitRepo cannot be specified "
			      "simultaneously"
			    : "either of fields spec.URL or spec.GitRepo must be specified");
	return deny_bad_request(resp, &why);
}
