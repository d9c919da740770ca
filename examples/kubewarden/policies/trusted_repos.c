/* SPDX-License-Identifier: MIT */
/*
 * trusted-repos: where images come from. Registries and images are on an allow
 * list or on a reject list, tags on a reject list; entries may be exact or have
 * wildcards.
 *
 * An image that is no reference is refused wherever a list is set; and an entry
 * without a registry ("nginx") lets in images of Docker Hub alone,
 * not of every registry that has such a repository.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../image.h"
#include "../pod.h"
#include "../settings.h"

/* One entry of a list. */
struct matcher {
	char *text;
	bool wildcard;
	struct admwh_image image; /* in a list of images, unless it is a wildcard */
};

struct list {
	struct matcher *matchers;
	size_t n;
};

struct settings {
	struct list registries_allow, registries_reject, tags_reject, images_allow, images_reject;
};

static void list_deinit(struct list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->matchers[i].text);
	free(list->matchers);
}

static void unload(void *userdata)
{
	struct settings *settings = userdata;

	list_deinit(&settings->registries_allow);
	list_deinit(&settings->registries_reject);
	list_deinit(&settings->tags_reject);
	list_deinit(&settings->images_allow);
	list_deinit(&settings->images_reject);
	free(settings);
}

/* A registry means the same in any case, and images have it in lower case. */
static void lower(char *registry)
{
	for (; *registry; registry++)
		if (*registry >= 'A' && *registry <= 'Z')
			*registry = (char)(*registry - 'A' + 'a');
}

/* Read the list parent.name; parse its entries as images when asked. */
static int load_list(const json_t *json, const char *parent, const char *name, bool images,
		     struct list *list, struct text *error)
{
	const json_t *outer = json_object_get(json, parent), *array, *element;
	size_t i;

	if (outer && !json_is_object(outer))
		return text_add(error, "%s: expected a mapping", parent), -1;
	array = json_object_get(outer, name);
	if (array && !json_is_array(array))
		return text_add(error, "%s.%s: expected a list of strings", parent, name), -1;
	list->matchers = calloc(json_array_size(array) + 1, sizeof(*list->matchers));
	if (!list->matchers)
		return text_add(error, "out of memory"), -1;
	json_array_foreach(array, i, element) {
		struct matcher *matcher = &list->matchers[list->n];
		const char *text = json_string_value(element), *reason = "expected a string";

		matcher->text = text ? strdup(text) : NULL;
		matcher->wildcard = text && strpbrk(text, "*?");
		if (!matcher->text || (images && !matcher->wildcard &&
				       kw_image_parse(&matcher->image, text, &reason))) {
			free(matcher->text);
			text_add(error, "%s.%s[%zu]: %s", parent, name, i, reason);
			return -1;
		}
		list->n++;
	}
	return 0;
}

static int load_registries(const json_t *json, const char *name, struct list *list,
			   struct text *error)
{
	int err = load_list(json, "registries", name, false, list, error);

	for (size_t i = 0; i < list->n; i++)
		lower(list->matchers[i].text);
	return err;
}

static bool is_valid_tag(const char *tag)
{
	struct admwh_image image;
	struct text reference = {0};
	const char *reason;
	bool valid;

	text_add(&reference, "hello:%s", tag);
	valid = !reference.failed && kw_image_parse(&image, text_get(&reference), &reason) == 0;
	if (valid)
		valid =
		    strcmp(image.registry, "docker.io") == 0 && image.tag[0] && !image.digest[0];
	text_deinit(&reference);
	return valid;
}

/* What fits no image, or contradicts itself. */
static void check(const struct settings *settings, struct text *error)
{
	struct text invalid = {0};

	if (settings->registries_allow.n > 0 && settings->registries_reject.n > 0)
		text_add(error, "only one of registries allow or reject can be provided");
	if (settings->images_allow.n > 0 && settings->images_reject.n > 0) {
		text_separate(error, ", ");
		text_add(error, "only one of images allow or reject can be provided");
	}
	for (size_t i = 0; i < settings->tags_reject.n; i++) {
		const struct matcher *tag = &settings->tags_reject.matchers[i];

		if (tag->wildcard || is_valid_tag(tag->text))
			continue;
		text_separate(&invalid, ", ");
		text_add(&invalid, "\"%s\"", tag->text);
	}
	if (invalid.len > 0) {
		text_separate(error, ", ");
		text_add(error,
			 "tags [%s] are invalid, they must be valid OCI tags or wildcard "
			 "patterns",
			 text_get(&invalid));
	}
	error->failed = error->failed || invalid.failed;
	text_deinit(&invalid);
}

static void *load(const json_t *json, struct text *error)
{
	struct settings *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	if (load_registries(json, "allow", &s->registries_allow, error) == 0 &&
	    load_registries(json, "reject", &s->registries_reject, error) == 0 &&
	    load_list(json, "tags", "reject", false, &s->tags_reject, error) == 0 &&
	    load_list(json, "images", "allow", true, &s->images_allow, error) == 0 &&
	    load_list(json, "images", "reject", true, &s->images_reject, error) == 0) {
		check(s, error);
		if (error->len == 0 && !error->failed)
			return s;
	}
	unload(s);
	return NULL;
}

static bool any_matches(const struct list *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct matcher *matcher = &list->matchers[i];

		if (matcher->wildcard ? kw_wildcard_matches(matcher->text, text)
				      : strcmp(matcher->text, text) == 0)
			return true;
	}
	return false;
}

/* Registries are matched with and without the port that is meant anyway. */
static bool any_registry_matches(const struct list *list, const char *registry,
				 const char *with_port)
{
	return any_matches(list, registry) || any_matches(list, with_port);
}

/* The texts an entry may mean an image by. */
struct names {
	const char *whole;      /* registry/repository:tag@digest */
	const char *tagged;     /* registry/repository:tag; NULL: an entry has to say the digest */
	const char *place;      /* registry/repository */
	const char *repository; /* NULL: an entry without a registry does not mean this image */
};

/* Does a pattern begin with a registry? As Docker tells a host from a part of the path. */
static bool names_registry(const char *pattern)
{
	size_t len = strcspn(pattern, "/");

	return memchr(pattern, '.', len) || memchr(pattern, ':', len) ||
	       (len == strlen("localhost") && memcmp(pattern, "localhost", len) == 0);
}

/* Does it end in a tag or a digest? A colon before the last "/" belongs to the registry. */
static bool names_version(const char *pattern)
{
	const char *slash = strrchr(pattern, '/');

	return strpbrk(slash ? slash : pattern, ":@") != NULL;
}

static bool pattern_matches(const char *pattern, const struct names *names, bool lax)
{
	if (kw_wildcard_matches(pattern, names->whole) ||
	    (names->tagged && kw_wildcard_matches(pattern, names->tagged)))
		return true;
	if (names_version(pattern))
		return false;
	if (kw_wildcard_matches(pattern, names->place))
		return true;
	/* docker.io/ghcr.io/x is not what an allowed "ghcr.io/" means. */
	return names->repository && (lax || !names_registry(pattern)) &&
	       kw_wildcard_matches(pattern, names->repository);
}

/* Of a tag beside a digest, a list that rejects need say but one. */
static bool version_matches(const struct admwh_image *exact, const struct admwh_image *image)
{
	if (exact->digest[0])
		return strcmp(exact->digest, image->digest) == 0;
	return strcmp(exact->tag, image->tag) == 0;
}

static bool image_matches(const struct admwh_image *exact, const struct admwh_image *image,
			  const struct names *names, bool lax)
{
	if (strcmp(exact->repository, image->repository) != 0)
		return false;
	if (strcmp(exact->registry, image->registry) == 0 && strcmp(exact->tag, image->tag) == 0 &&
	    strcmp(exact->digest, image->digest) == 0)
		return true;
	if (lax && strcmp(exact->registry, image->registry) == 0 && version_matches(exact, image))
		return true;
	/* Without a tag, an entry means all tags; it was read as ":latest". */
	if (exact->digest[0] || strcmp(exact->tag, "latest") != 0)
		return false;
	return strcmp(exact->registry, image->registry) == 0 ||
	       (names->repository && strcmp(exact->registry, "docker.io") == 0);
}

static bool any_name_matches(const struct list *list, const struct admwh_image *image,
			     const struct names *names, bool lax)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct matcher *matcher = &list->matchers[i];

		if (matcher->wildcard ? pattern_matches(matcher->text, names, lax)
				      : image_matches(&matcher->image, image, names, lax))
			return true;
	}
	return false;
}

/*
 * For one spelling of the registry. 1 or 0; -1 when memory ran out. lax, for a list that rejects:
 * an entry without a registry means all registries, one without a digest all digests.
 */
static int any_image_matches(const struct list *list, const struct admwh_image *image,
			     const char *registry, bool lax)
{
	struct text whole = {0}, tagged = {0}, place = {0};
	bool hub = strcmp(image->registry, "docker.io") == 0;
	struct names names;
	int found;

	text_add(&place, "%s/%s", registry, image->repository);
	text_add(&tagged, "%s%s%s", text_get(&place), image->tag[0] ? ":" : "", image->tag);
	text_add(&whole, "%s%s%s", text_get(&tagged), image->digest[0] ? "@" : "", image->digest);
	names = (struct names){text_get(&whole), lax ? text_get(&tagged) : NULL, text_get(&place),
			       lax || hub ? image->repository : NULL};
	found = any_name_matches(list, image, &names, lax);
	if (whole.failed || tagged.failed || place.failed)
		found = -1;
	text_deinit(&whole);
	text_deinit(&tagged);
	text_deinit(&place);
	return found;
}

/* As any_image_matches(), for both spellings. */
static int any_spelling_matches(const struct list *list, const struct admwh_image *image,
				const char *with_port, bool lax)
{
	int found = any_image_matches(list, image, image->registry, lax);

	return found ? found : any_image_matches(list, image, with_port, lax);
}

/* What is not allowed, each thing once: sets, told in alphabetical order. */
struct reasons {
	json_t *registries, *tags, *images;
};

static int note(json_t *set, const char *text)
{
	return json_object_set_new(set, text, json_true());
}

/* Does the registry name a port? The colons of an IPv6 address are in brackets. */
static bool has_port(const char *registry)
{
	const char *bracket = strchr(registry, ']');

	return strchr(bracket ? bracket : registry, ':') != NULL;
}

/* registry: "ghcr.io", with_port: "ghcr.io:443". Both name what the image comes from. */
static int check_lists_of(const struct settings *settings, const char *text,
			  const struct admwh_image *image, const char *with_port,
			  struct reasons *reasons)
{
	const char *tag = image->tag[0] ? image->tag : "latest";
	int allowed = 1, rejected = 0, err = 0;

	if (any_registry_matches(&settings->registries_reject, image->registry, with_port) ||
	    (settings->registries_allow.n > 0 &&
	     !any_registry_matches(&settings->registries_allow, image->registry, with_port)))
		err |= note(reasons->registries, image->registry);
	if (any_matches(&settings->tags_reject, tag))
		err |= note(reasons->tags, tag);
	if (settings->images_reject.n > 0)
		rejected = any_spelling_matches(&settings->images_reject, image, with_port, true);
	if (settings->images_allow.n > 0)
		allowed = any_spelling_matches(&settings->images_allow, image, with_port, false);
	if (rejected < 0 || allowed < 0)
		err = -1;
	else if (rejected || !allowed)
		err |= note(reasons->images, text);
	return err ? -1 : 0;
}

static int check_reference(const struct settings *settings, const char *text,
			   const struct admwh_image *image, struct reasons *reasons)
{
	struct text with_port = {0};
	int err = -1;

	text_add(&with_port, "%s%s", image->registry, has_port(image->registry) ? "" : ":443");
	if (!with_port.failed)
		err = check_lists_of(settings, text, image, text_get(&with_port), reasons);
	text_deinit(&with_port);
	return err;
}

static int check_image(const struct settings *settings, const char *text, struct reasons *reasons)
{
	struct admwh_image image;
	const char *error;

	if (kw_image_parse(&image, text, &error)) {
		bool any = settings->registries_allow.n + settings->registries_reject.n +
			       settings->tags_reject.n + settings->images_allow.n +
			       settings->images_reject.n >
			   0;
		return any ? note(reasons->images, text) : 0;
	}
	return check_reference(settings, text, &image, reasons);
}

/* 1: understood; 0: not; -1: memory ran out. */
static int check_containers(const struct settings *settings, struct admwh_value containers,
			    struct reasons *reasons)
{
	admwh_value_foreach_element(container, containers) {
		struct admwh_value image = admwh_value_get(container, "image");
		const char *text = kw_value_text(image);

		if (!admwh_value_is_set(image))
			continue;
		if (!text)
			return 0;
		if (check_image(settings, text, reasons))
			return -1;
	}
	return 1;
}

static int check_lists(const struct settings *settings, const struct kw_containers *pod,
		       struct reasons *reasons)
{
	const struct admwh_value lists[] = {pod->containers, pod->init, pod->ephemeral};
	int understood = 1;

	for (size_t i = 0; i < 3 && understood == 1; i++)
		understood = check_containers(settings, lists[i], reasons);
	return understood;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "registries not allowed: a, b" */
static void tell(struct text *text, const char *what, json_t *set)
{
	const char **names = calloc(json_object_size(set) + 1, sizeof(*names)), *name;
	json_t *member;
	size_t n = 0;

	if (!names) {
		text->failed = true;
		return;
	}
	json_object_foreach(set, name, member)
		names[n++] = name;
	qsort(names, n, sizeof(*names), compare);
	for (size_t i = 0; i < n; i++) {
		if (i == 0)
			text_separate(text, "; ");
		text_add(text, "%s%s", i == 0 ? what : ", ", names[i]);
	}
	free(names);
}

static int decide(const struct reasons *reasons, struct kw_verdict *verdict)
{
	struct text errors = {0};
	int status;

	tell(&errors, "registries not allowed: ", reasons->registries);
	tell(&errors, "tags not allowed: ", reasons->tags);
	tell(&errors, "images not allowed: ", reasons->images);
	if (errors.failed)
		status = -1;
	else if (errors.len == 0)
		status = kw_allow(verdict);
	else
		status = kw_deny(verdict, 0, "not allowed, reported errors: %s", text_get(&errors));
	text_deinit(&errors);
	return status;
}

static int judge(const struct settings *settings, const struct kw_containers *pod,
		 struct kw_verdict *verdict)
{
	struct reasons reasons = {json_object(), json_object(), json_object()};
	int status = -1, understood;

	if (reasons.registries && reasons.tags && reasons.images) {
		understood = check_lists(settings, pod, &reasons);
		if (understood == 1)
			status = decide(&reasons, verdict);
		else if (understood == 0)
			status = kw_pod_deny_malformed(verdict);
	}
	json_decref(reasons.registries);
	json_decref(reasons.tags);
	json_decref(reasons.images);
	return status;
}

static int evaluate(const void *settings, const struct kw_review *review,
		    struct kw_verdict *verdict)
{
	struct kw_containers pod;
	struct admwh_value spec;
	int status;

	if (!kw_pod_open(review, true, verdict, &spec, &pod, &status))
		return status;
	return judge(settings, &pod, verdict);
}

const struct kw_policy_type kw_trusted_repos = {"trusted-repos", load,  unload,
						evaluate,        false, true};
