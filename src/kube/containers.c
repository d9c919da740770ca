/* SPDX-License-Identifier: MIT */
/*
 * Walks over containers. Those that an UPDATE changes are found by a table of the
 * existing ones by list and name, so that the work is linear in both objects.
 */
#include <string.h>

#include "json/hash.h"
#include "kube/workload.h"

const char *const awh_container_lists[AWH_CONTAINER_LISTS] = {"initContainers", "containers",
							      "ephemeralContainers"};

/* A container of the existing object. */
struct known {
	uint64_t hash;
	struct admwh_value value; /* absent: a free slot */
	uint32_t kind;
	bool is_taken; /* it has answered for one */
};

/* With open addressing, at most half full. */
struct table {
	size_t mask;
	struct known slots[];
};

/* The name of a container: a text by its length; NULL when it has none. */
static const char *name_of(struct admwh_value container, size_t *len)
{
	return admwh_value_kind(container) == ADMWH_OBJECT
		   ? admwh_value_text(admwh_value_get(container, "name"), len)
		   : NULL;
}

static bool has_name(struct admwh_value container, const char *name, size_t len)
{
	size_t other_len;
	const char *other = name_of(container, &other_len);

	return other && other_len == len && memcmp(other, name, len) == 0;
}

/* The slot of a container's list and name, or the free one in its place; NULL without a name. */
static struct known *find(struct table *table, struct admwh_value container, uint32_t kind)
{
	size_t len;
	const char *name = name_of(container, &len);
	uint64_t hash;
	size_t at;

	if (!name)
		return NULL;
	hash = awh_hash(name, len);
	at = (size_t)(hash ^ kind) & table->mask;
	while (!admwh_value_is_absent(table->slots[at].value)) {
		struct known *slot = &table->slots[at];

		if (slot->hash == hash && slot->kind == kind && has_name(slot->value, name, len))
			return slot;
		at = (at + 1) & table->mask;
	}
	table->slots[at].hash = hash;
	return &table->slots[at];
}

static struct admwh_value list_of(struct admwh_value spec, size_t list)
{
	struct admwh_value containers = admwh_value_get(spec, awh_container_lists[list]);

	return admwh_value_kind(containers) == ADMWH_ARRAY ? containers : (struct admwh_value){0};
}

/* The first one of a name is the one that counts. */
static void add(struct table *table, struct admwh_value container, uint32_t kind)
{
	struct known *slot = find(table, container, kind);

	if (slot && admwh_value_is_absent(slot->value)) {
		slot->value = container;
		slot->kind = kind;
	}
}

/* spec: an object. NULL when memory runs out, which is remembered. */
static struct table *make_table(struct admwh_value spec)
{
	size_t n = 0, n_slots = 2;
	struct table *table;

	for (size_t i = 0; i < AWH_CONTAINER_LISTS; i++)
		n += admwh_value_size(list_of(spec, i));
	while (n_slots < 2 * n)
		n_slots *= 2;
	table =
	    awh_text_take(awh_value_text(spec), sizeof(*table) + n_slots * sizeof(table->slots[0]));
	if (!table)
		return NULL;
	table->mask = n_slots - 1;
	for (size_t i = 0; i < AWH_CONTAINER_LISTS; i++)
		admwh_value_foreach_element(container, list_of(spec, i))
			add(table, container, UINT32_C(1) << i);
	return table;
}

/* Does one of the existing object answer for it? */
static bool is_known(struct table *table, struct admwh_value container, uint32_t kind)
{
	struct known *slot = find(table, container, kind);

	if (!slot || admwh_value_is_absent(slot->value) || slot->is_taken ||
	    !admwh_value_equal(container, slot->value))
		return false;
	slot->is_taken = true;
	return true;
}

static const char *read_name(struct admwh_value container)
{
	const char *name = admwh_value_string(admwh_value_get(container, "name"));

	return name ? name : "";
}

/* False behind the last of all lists. */
static bool begin_list(struct admwh_containers *containers)
{
	for (size_t i = 0; i < AWH_CONTAINER_LISTS; i++) {
		const uint32_t kind = UINT32_C(1) << i;

		if (!(containers->which & kind))
			continue;
		containers->which &= ~kind;
		containers->kind = kind;
		containers->next = admwh_value_first_element(
		    admwh_value_get(containers->spec, awh_container_lists[i]));
		return true;
	}
	return false;
}

/* The next one, known or not; absent behind the last. */
static struct admwh_value take_next(struct admwh_containers *containers)
{
	struct admwh_value value;

	while (admwh_value_is_absent(containers->next) && begin_list(containers))
		;
	value = containers->next;
	containers->next = admwh_value_next(value);
	return value;
}

static struct admwh_containers walk(struct admwh_value pod, unsigned int which)
{
	return (struct admwh_containers){.spec = admwh_value_get(pod, "spec"), .which = which};
}

struct admwh_containers admwh_pod_containers(struct admwh_value pod, unsigned int which)
{
	return walk(pod, which);
}

struct admwh_containers admwh_containers(const struct admwh_request *req, unsigned int which)
{
	return walk(admwh_request_pod(req), which);
}

struct admwh_containers admwh_old_containers(const struct admwh_request *req, unsigned int which)
{
	return walk(admwh_request_old_pod(req), which);
}

struct admwh_containers admwh_changed_containers(const struct admwh_request *req,
						 unsigned int which)
{
	struct admwh_containers containers = admwh_containers(req, which);
	struct admwh_value old =
	    awh_pod_of(admwh_request_old_object(req), admwh_request_pod_pointer(req), false);

	old = admwh_value_get(old, "spec");
	if (admwh_value_kind(old) == ADMWH_OBJECT)
		containers.known = make_table(old);
	return containers;
}

bool admwh_containers_next(struct admwh_containers *containers, struct admwh_container *container)
{
	struct admwh_value value;

	if (!containers || !container)
		return false;
	*container = (struct admwh_container){.name = ""};
	do {
		value = take_next(containers);
		if (admwh_value_is_absent(value))
			return false;
	} while (containers->known && is_known(containers->known, value, containers->kind));
	container->value = value;
	container->kind = (enum admwh_container_kind)containers->kind;
	container->name = read_name(value);
	return true;
}
