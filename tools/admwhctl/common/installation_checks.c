/* SPDX-License-Identifier: MIT */
#include "common/installation_checks.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/files.h"
#include "common/print.h"
#include "common/resources.h"

static bool is_small(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* A label of RFC 1123, as Kubernetes has it: len bytes. */
static bool is_label(const char *text, size_t len)
{
	if (len < 1 || len > 63 || !is_small(text[0]) || !is_small(text[len - 1]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_small(text[i]) && text[i] != '-')
			return false;
	return true;
}

/* Returns how many labels a subdomain has; 0: it is none. */
static size_t count_labels(const char *text)
{
	size_t n = 0;

	if (strlen(text) > 253)
		return 0;
	for (;; text++) {
		size_t len = strcspn(text, ".");

		if (!is_label(text, len))
			return 0;
		n++;
		text += len;
		if (!*text)
			return n;
	}
}

void check_label(const struct field *object, const char *name, const char *value)
{
	struct field field = field_member(object, name);

	if (value && !is_label(value, strlen(value)))
		field_fault(&field, "expected 1 to 63 of a-z, 0-9 and -, which begin and end "
				    "with no -");
}

void check_subdomain(const struct field *object, const char *name, const char *value)
{
	struct field field = field_member(object, name);

	if (value && count_labels(value) == 0)
		field_fault(&field, "expected a name of a-z, 0-9, - and .");
}

/* admissionregistration/v1 asks for three labels. */
void check_webhook_name(const struct field *route, const char *value)
{
	struct field field = field_member(route, "name");

	if (value && count_labels(value) < 3)
		field_fault(&field, "expected a domain name of three labels or more, such as "
				    "images.example.org");
}

/*
 * What kube-apiserver takes for service.path: a slash and names of a-z, 0-9, - and . between
 * slashes. A slash at its end never arrives.
 */
void check_path(const struct field *route, const char *value)
{
	struct field field = field_member(route, "path");

	if (!value)
		return;
	if (*value != '/') {
		field_fault(&field, "begins with a slash");
		return;
	}
	if (value[1] == '\0')
		return;
	while (*value == '/') {
		size_t len = strcspn(++value, "/");
		char *segment = text_new("%.*s", (int)len, value);
		bool is_name = count_labels(segment) > 0;

		free(segment);
		if (!is_name) {
			field_fault(&field, len == 0 ? "has an empty segment, which kube-apiserver "
						       "does not send"
						     : "has a segment that is no name of a-z, 0-9, "
						       "- and .");
			return;
		}
		value += len;
	}
}

/* A rule that never matches lets everything through, in silence. */
static void check_resources(const struct field *rule)
{
	struct field groups = field_member(rule, "apiGroups");
	struct field list = field_member(rule, "resources");

	for (size_t i = 0; i < json_array_size(list.value); i++) {
		struct field element = field_element(&list, i);
		const char *text = json_string_value(element.value);
		char *reason = text ? resources_misnamed(groups.value, text) : NULL;

		if (reason)
			field_fault(&element, "%s", reason);
		free(reason);
	}
}

static void check_rule(const struct field *rule)
{
	static const char *const members[] = {"apiGroups", "apiVersions", "operations",
					      "resources", "scope",       NULL};
	static const char *const operations[] = {"CREATE",  "UPDATE", "DELETE",
						 "CONNECT", "*",      NULL};
	static const char *const scopes[] = {"*", "Namespaced", "Cluster", NULL};

	field_only(rule, members);
	field_choice(rule, "scope", scopes, 0);
	check_resources(rule);
	for (size_t i = 0; i < 4; i++) {
		struct field list = field_member(rule, members[i]);

		if (field_count(&list) == 0)
			field_fault(&list, "is required, and is not empty");
		for (size_t k = 0; k < json_array_size(list.value); k++) {
			struct field element = field_element(&list, k);
			const char *text = json_string_value(element.value);
			bool is_known = text && strcmp(members[i], "operations") != 0;

			for (size_t o = 0; text && operations[o] && !is_known; o++)
				is_known = strcmp(text, operations[o]) == 0;
			if (!is_known)
				field_fault(&element,
					    text ? "expected CREATE, UPDATE, DELETE, CONNECT or *"
						 : "expected a text");
		}
	}
}

void check_rules(const struct field *route)
{
	struct field list = field_member(route, "rules");
	size_t n = field_count(&list);

	if (n == 0)
		field_fault(&list, "is required, and is not empty");
	for (size_t i = 0; i < n; i++) {
		struct field rule = field_element(&list, i);

		check_rule(&rule);
	}
}

void check_caller_name(const struct field *caller, const char *value)
{
	struct field field = field_member(caller, "name");

	check_label(caller, "name", value);
	if (value && (strcmp(value, "server") == 0 || strcmp(value, "client") == 0))
		field_fault(&field, "is taken: files of private/ have it");
}

/* The library takes names of 64 bytes without control characters. */
void check_common_name(const struct field *caller, const char *value)
{
	struct field field = field_member(caller, "commonName");
	char *shown;

	if (!value)
		return;
	if (strlen(value) > 64)
		field_fault(&field, "has more than 64 bytes");
	shown = text_shown(value);
	if (strcmp(shown, value) != 0 || strchr(value, '\t'))
		field_fault(&field, "has a control character");
	free(shown);
}

void check_nodes(const struct field *caller, const char *const *nodes)
{
	struct field list = field_member(caller, "nodes");

	for (size_t i = 0; nodes && nodes[i]; i++) {
		struct field node = field_element(&list, i);

		if (count_labels(nodes[i]) == 0)
			field_fault(&node, "expected a node's name of a-z, 0-9, - and .");
		for (size_t k = 0; k < i; k++)
			if (strcmp(nodes[i], nodes[k]) == 0)
				field_fault(&node, "is there twice");
	}
}

static bool is_block(const char *text)
{
	const char *slash = strchr(text, '/');
	char *address, *end;
	unsigned char bytes[16];
	unsigned long bits, most = 0;

	if (!slash || !isdigit((unsigned char)slash[1]))
		return false;
	address = text_new("%.*s", (int)(slash - text), text);
	if (inet_pton(AF_INET, address, bytes) == 1)
		most = 32;
	else if (inet_pton(AF_INET6, address, bytes) == 1)
		most = 128;
	free(address);
	bits = strtoul(slash + 1, &end, 10);
	return most > 0 && *end == '\0' && bits <= most;
}

void check_blocks(const struct field *list, const char *const *blocks)
{
	for (size_t i = 0; blocks[i]; i++) {
		struct field block = field_element(list, i);

		if (!is_block(blocks[i]))
			field_fault(&block, "expected addresses such as 192.168.42.0/24");
	}
}

bool is_plain_path(const char *path)
{
	while (isalnum((unsigned char)*path) || (*path && strchr("/._-", *path)))
		path++;
	return !*path;
}

void check_url_host(const struct field *url, const char *host, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)host[i]) && !strchr(".-:", host[i])) {
			field_fault(url, "its host is no name and no address");
			return;
		}
}

/* kubeConfigFile is an absolute path; kube-apiserver does not start with another. */
void check_nodes_folder(const struct field *object, const char *value)
{
	struct field field = field_member(object, "folder");
	size_t len = strlen(value);

	if (*value != '/')
		field_fault(&field, "is an absolute path");
	else if (len > 1 && value[len - 1] == '/')
		field_fault(&field, "ends without a slash");
	else if (!is_plain_path(value))
		field_fault(&field, "has other characters than letters, digits, /, ., _ and -");
}

int64_t check_time(const struct field *object, const char *name)
{
	struct field field = field_member(object, name);
	const char *text = field_text(object, name, NULL);
	struct tm tm = {0};
	const char *end = text ? strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm) : NULL;

	if (!text)
		return 0;
	if (!end || *end) {
		field_fault(&field, "expected a time such as 2026-01-01T00:00:00Z");
		return 0;
	}
	return (int64_t)timegm(&tm);
}
