/* SPDX-License-Identifier: MIT */
/*
 * clusterroletemplatebindings and projectroletemplatebindings of
 * management.cattle.io: a generated name is made from what is bound, so that the
 * same binding made twice meets itself; and what is bound does not change later.
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

static const char *field_of(const json_t *binding, const char *go_type, const char *key,
			    struct text *wrong)
{
	struct text field = {0};
	const char *text;

	text_add(&field, "%s.%s", go_type, key);
	text = text_in(binding, key, text_get(&field), wrong);
	text_deinit(&field);
	return text;
}

/* Who is bound: the first of them that is set. */
static const char *subject_of(const json_t *binding, const struct kind *kind, struct text *wrong)
{
	static const char *const keys[] = {"userPrincipalName", "userName", "groupPrincipalName",
					   "groupName", "serviceAccount"};
	size_t n = kind->service_accounts ? 5 : 4;
	const char *subject = "";

	for (size_t i = 0; i < n; i++) {
		const char *text = field_of(binding, kind->go_type, keys[i], wrong);

		subject = *subject ? subject : text;
	}
	return subject;
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
	struct text wrong = {0};
	struct objects objects;
	struct bound bound;
	const json_t *binding, *metadata;

	if (objects_get(req, resp, kind->what, kind->go_type, &objects))
		return ADMWH_E_HANDLER;
	binding = objects.object;
	metadata = object_in(binding, "metadata", "metadata", "v1.ObjectMeta", &wrong);
	bound.name = text_in(metadata, "name", "ObjectMeta.metadata.name", &wrong);
	bound.prefix =
	    text_in(metadata, "generateName", "ObjectMeta.metadata.generateName", &wrong);
	bound.subject = subject_of(binding, kind, &wrong);
	bound.role = field_of(binding, kind->go_type, "roleTemplateName", &wrong);
	bound.scope = field_of(binding, kind->go_type, kind->scope, &wrong);
	if (text_any(&wrong))
		return give_up(resp, kind->what, &wrong);
	return name_it(resp, patch, &bound, kind);
}

int mutate_cluster_role_template_binding(const struct admwh_request *req,
					 struct admwh_response *resp, struct admwh_patch *patch,
					 void *userdata)
{
	static const struct kind kind = {
	    .what = "failed to get clusterroletemplatebindings from request",
	    .go_type = "ClusterRoleTemplateBinding",
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
	    .go_type = "ProjectRoleTemplateBinding",
	    .scope = "projectName",
	    .nameless = "metadata.name or metadata.generateName must be set",
	    .service_accounts = true,
	};

	(void)userdata;
	return mutate(req, resp, patch, &kind);
}

/* A field that stays as it is; with may_be_set one that was empty can be filled. */
struct immutable {
	const char *key;
	bool may_be_set;
};

static const struct immutable immutables[] = {
    {"roleTemplateName", false}, {"clusterName", false}, {"userName", true},
    {"userPrincipalName", true}, {"groupName", true},    {"groupPrincipalName", true},
};

static const char crtb[] = "ClusterRoleTemplateBinding";

static void check_immutables(const struct objects *objects, struct text *why, struct text *wrong)
{
	for (size_t i = 0; i < sizeof(immutables) / sizeof(immutables[0]); i++) {
		const char *key = immutables[i].key;
		const char *before = field_of(objects->old, crtb, key, wrong);
		const char *after = field_of(objects->object, crtb, key, wrong);
		struct text path = {0};

		if (text_any(why) || strcmp(before, after) == 0 ||
		    (immutables[i].may_be_set && !*before))
			continue;
		text_add(&path, "clusterroletemplatebinding.%s", key);
		field_invalid(why, text_get(&path), after, "field is immutable");
		text_deinit(&path);
	}
}

/* A user or a group; as the original asks it, half of the old object and half of the new one. */
static void check_target(const struct objects *objects, struct text *why, struct text *wrong)
{
	bool group = *field_of(objects->object, crtb, "groupName", wrong) ||
		     *field_of(objects->old, crtb, "groupPrincipalName", wrong);
	bool user = *field_of(objects->object, crtb, "userName", wrong) ||
		    *field_of(objects->old, crtb, "userPrincipalName", wrong);

	if (group && user && !text_any(why))
		field_forbidden(why, "clusterroletemplatebinding",
				"binding target must target either a user "
				"[userName]/[userPrincipalName] OR a group "
				"[groupName]/[groupPrincipalName]");
}

static void check_owner(const struct objects *objects, struct text *why, struct text *wrong)
{
	static const char owner[] = "authz.management.cattle.io/grb-owner";
	const char *before = label_of(objects->old, owner, wrong);
	const char *after = label_of(objects->object, owner, wrong);

	if (!text_any(why) && strcmp(before ? before : "", after ? after : "") != 0)
		field_forbidden(why, "clusterroletemplatebinding.labels",
				"label authz.management.cattle.io/grb-owner is immutable after "
				"creation");
}

int validate_cluster_role_template_binding(const struct admwh_request *req,
					   struct admwh_response *resp, void *userdata)
{
	static const char what[] = "failed to decode old and new CRTB from request";
	struct text wrong = {0}, why = {0};
	struct objects objects;

	(void)userdata;
	if (objects_get(req, resp, what, "v3.ClusterRoleTemplateBinding", &objects))
		return ADMWH_E_HANDLER;
	check_immutables(&objects, &why, &wrong);
	check_target(&objects, &why, &wrong);
	check_owner(&objects, &why, &wrong);
	if (text_any(&wrong)) {
		text_deinit(&why);
		return give_up(resp, what, &wrong);
	}
	return text_any(&why) ? deny_bad_request(resp, &why) : admwh_response_allow(resp);
}
