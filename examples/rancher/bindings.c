/* SPDX-License-Identifier: MIT */
/*
 * clusterroletemplatebindings and projectroletemplatebindings of
 * management.cattle.io: a generated name is made from what is bound, so that the
 * same binding made twice has the same name.
 * wolfSSL is included for its SHA-256 alone: the library offers no digests, and
 * nothing of how it uses wolfSSL itself is relied on.
 */
#include <string.h>

#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/hash.h>

#include "rancher.h"

#define SUFFIX_LEN 10

/* What differs between the bindings of clusters and of projects. */
struct kind {
	const char *what;
	const char *go_type;
	const char *scope; /* the field that says where the role is granted */
	const char *nameless;
	const char *subjectless; /* NULL: then that is left to the validator */
	bool service_accounts;
};

/* The subject: the first of them that is set. */
static const char *subject_of(const json_t *binding, const struct kind *kind)
{
	static const char *const keys[] = {"userPrincipalName", "userName", "groupPrincipalName",
					   "groupName", "serviceAccount"};
	size_t n = kind->service_accounts ? 5 : 4;

	for (size_t i = 0; i < n; i++)
		if (*text_in(binding, keys[i]))
			return text_in(binding, keys[i]);
	return "";
}

/* The first digits of base32 (RFC 4648), in lower case. */
static void add_base32(struct text *out, const unsigned char *bytes, size_t digits)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

	for (size_t i = 0; i < digits; i++) {
		size_t bit = 5 * i;
		unsigned two = (unsigned)(bytes[bit / 8] << 8 | bytes[bit / 8 + 1]);

		text_add_bytes(out, &alphabet[two >> (11 - bit % 8) & 31], 1);
	}
}

/* PREFIX and the digest of SUBJECT/ROLE/SCOPE. False when memory ran out. */
static bool make_name(struct text *name, const char *prefix, const char *subject, const char *role,
		      const char *scope)
{
	unsigned char digest[WC_SHA256_DIGEST_SIZE];
	struct text bound = {0};
	bool made;

	text_add(&bound, "%s/%s/%s", subject, role, scope);
	made = !bound.failed && wc_Sha256Hash((const unsigned char *)text_get(&bound),
					      (word32)bound.len, digest) == 0;
	text_deinit(&bound);
	text_add(name, "%s", prefix);
	if (made)
		add_base32(name, digest, SUFFIX_LEN);
	return made && !name->failed;
}

static int set_name(struct admwh_response *resp, struct admwh_patch *patch, const char *name)
{
	json_t *metadata = json_object_get(admwh_patch_edit(patch), "metadata");

	if (json_object_set_new(metadata, "name", json_string(name)) ||
	    json_object_del(metadata, "generateName"))
		return admwh_response_fail(resp, "failed to create patch: out of memory");
	return admwh_response_allow(resp);
}

/* What a name is made from. */
struct bound {
	const char *name;
	const char *prefix;
	const char *subject;
	const char *role;
	const char *scope;
};

static int name_it(struct admwh_response *resp, struct admwh_patch *patch,
		   const struct bound *bound, const struct kind *kind)
{
	struct text why = {0}, name = {0};
	int err;

	if (*bound->name)
		return admwh_response_allow(resp);
	if (!*bound->prefix || (!*bound->subject && kind->subjectless)) {
		text_add(&why, "%s", *bound->prefix ? kind->subjectless : kind->nameless);
		return deny_bad_request(resp, &why);
	}
	if (!*bound->subject)
		return admwh_response_allow(resp);
	if (make_name(&name, bound->prefix, bound->subject, bound->role, bound->scope))
		err = set_name(resp, patch, text_get(&name));
	else
		err = admwh_response_fail(resp, "failed to make a name: out of memory");
	text_deinit(&name);
	return err;
}

static int mutate(const struct admwh_request *req, struct admwh_response *resp,
		  struct admwh_patch *patch, const struct kind *kind)
{
	const json_t *binding;
	struct bound bound;

	if (object_get(req, resp, kind->what, kind->go_type, &binding))
		return ADMWH_E_HANDLER;
	bound.name = name_of(binding);
	bound.prefix = text_in(json_object_get(binding, "metadata"), "generateName");
	bound.subject = subject_of(binding, kind);
	bound.role = text_in(binding, "roleTemplateName");
	bound.scope = text_in(binding, kind->scope);
	return name_it(resp, patch, &bound, kind);
}

int mutate_cluster_role_template_binding(const struct admwh_request *req,
					 struct admwh_response *resp, struct admwh_patch *patch,
					 void *userdata)
{
	static const struct kind kind = {
	    .what = "failed to get clusterroletemplatebindings from request",
	    .go_type = "v3.ClusterRoleTemplateBinding",
	    .scope = "clusterName",
	    .nameless = "metadata.name and metadata.generateName are both empty",
	    .subjectless = "no subject found: one of userPrincipalName, userName, "
			   "groupPrincipalName, or groupName must be set",
	};

	(void)userdata;
	return mutate(req, resp, patch, &kind);
}

int mutate_project_role_template_binding(const struct admwh_request *req,
					 struct admwh_response *resp, struct admwh_patch *patch,
					 void *userdata)
{
	static const struct kind kind = {
	    .what = "failed to get projectroletemplatebindings from request",
	    .go_type = "v3.ProjectRoleTemplateBinding",
	    .scope = "projectName",
	    .nameless = "metadata.name or metadata.generateName must be set",
	    .service_accounts = true,
	};

	(void)userdata;
	return mutate(req, resp, patch, &kind);
}
