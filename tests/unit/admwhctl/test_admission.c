/* SPDX-License-Identifier: MIT */
/*
 * Pairs of files in tests/vectors/admission and tests/vectors/kubeconfig: NAME.yaml is merged into,
 * NAME.expected is the result, or what is said of it on stderr.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/yaml.h"
#include "init/admission.h"

#include "../vectors.h"

#define OURS "/etc/kubernetes/admission/kubeconfig.yaml"

/* From here on stderr is a file that end_of_errors() reads. */
static int begin_of_errors(FILE **file)
{
	int own = dup(STDERR_FILENO);

	*file = tmpfile();
	assert_non_null(*file);
	fflush(stderr);
	dup2(fileno(*file), STDERR_FILENO);
	return own;
}

static void end_of_errors(FILE *file, int own, char *text, size_t size)
{
	fflush(stderr);
	dup2(own, STDERR_FILENO);
	close(own);
	rewind(file);
	text[fread(text, 1, size - 1, file)] = '\0';
	fclose(file);
}

static char *merge_admission(const char *name, const char *there)
{
	struct admission admission = {0};

	if (admission_merge(name, there, OURS, &admission))
		return NULL;
	assert_non_null(strstr(admission.text, admission.kubeconfig));
	free(admission.kubeconfig);
	return admission.text;
}

static char *merge_kubeconfig(const char *name, const char *there)
{
	json_t *user = json_pack("{s:s,s:s}", "client-certificate", "/etc/admission/policy.crt",
				 "client-key", "/etc/admission/policy.key");
	char *text = kubeconfig_merge(name, there, "policy.webhooks.svc", 443, user);

	json_decref(user);
	return text;
}

typedef char *merge_fn(const char *name, const char *there);

static void check(const char *folder, const char *name, merge_fn *merge)
{
	size_t len;
	char *there = read_vector(folder, name, ".yaml", &len);
	char *expected = read_vector(folder, name, ".expected", &len);
	char errors[2000], file_name[300];
	FILE *file;
	int own = begin_of_errors(&file);

	snprintf(file_name, sizeof(file_name), "%s.yaml", name);
	char *result = merge(file_name, there);
	end_of_errors(file, own, errors, sizeof(errors));
	if (!expected || strcmp(result ? result : errors, expected) != 0)
		fail_msg("%s/%s: %s", folder, name, result ? result : errors);
	if (result) {
		char *again = merge(file_name, result);

		assert_string_equal(again, result);
		free(again);
	}
	free(result);
	free(there);
	free(expected);
}

static size_t check_all(const char *folder, merge_fn *merge)
{
	char path[1024];
	size_t count = 0;
	DIR *files;

	snprintf(path, sizeof(path), "%s/vectors/%s", TESTS_DIR, folder);
	files = opendir(path);
	assert_non_null(files);
	for (struct dirent *entry; (entry = readdir(files));) {
		char *dot = strrchr(entry->d_name, '.');

		if (!dot || strcmp(dot, ".yaml") != 0)
			continue;
		*dot = '\0';
		check(folder, entry->d_name, merge);
		count++;
	}
	closedir(files);
	return count;
}

static void merges_an_admission_configuration(void **state)
{
	(void)state;
	assert_true(check_all("admission", merge_admission) >= 20);
}

static void merges_a_kubeconfig(void **state)
{
	(void)state;
	assert_true(check_all("kubeconfig", merge_kubeconfig) >= 8);
}

static void makes_files_that_merge_to_themselves(void **state)
{
	char *admission = merge_admission("none", NULL);
	char *kubeconfig = merge_kubeconfig("none", NULL);
	char *again = merge_admission("new", admission);

	(void)state;
	assert_string_equal(again, admission);
	free(again);
	again = merge_kubeconfig("new", kubeconfig);
	assert_string_equal(again, kubeconfig);
	assert_non_null(strstr(kubeconfig, "users:\n- name: policy.webhooks.svc\n  user:\n"));
	free(again);
	free(admission);
	free(kubeconfig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(merges_an_admission_configuration),
	    cmocka_unit_test(merges_a_kubeconfig),
	    cmocka_unit_test(makes_files_that_merge_to_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
