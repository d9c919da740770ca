/* SPDX-License-Identifier: MIT */
/*
 * Any text as an image reference, a prefix, quantities and a label selector; and, where it is JSON,
 * as a Pod and a metav1.LabelSelector. What is written of one is read the same way again; a sum
 * less what was added is what it was; an object that an UPDATE leaves as it is has no changed
 * containers but those of which a name does not say which they are.
 */
#include <string.h>

#include <admwh/admwh.h>

#include "check.h"

static void check_prefix(const struct admwh_image *image)
{
	char prefix[ADMWH_IMAGE_TEXT_MAX + 16];

	snprintf(prefix, sizeof(prefix), "%s/%s", image->registry, image->repository);
	if (admwh_image_prefix_error(prefix))
		return; /* "foo_bar.io/a", of which the registry is no host name */
	check(admwh_image_matches(image, prefix), "an image is not in itself");
	check(admwh_image_matches(image, image->registry), "an image is not in its registry");
	snprintf(prefix, sizeof(prefix), "%s/%sx", image->registry, image->repository);
	check(!admwh_image_matches(image, prefix), "an image is in its neighbour");
	snprintf(prefix, sizeof(prefix), "%s/%s/x", image->registry, image->repository);
	check(!admwh_image_matches(image, prefix), "an image is in what is below it");
}

static void try_image(const char *text)
{
	char full[ADMWH_IMAGE_TEXT_MAX + 1];
	struct admwh_image image, again;

	admwh_image_prefix_error(text);
	if (admwh_image_parse_text(&image, text)) {
		check(image.error && !image.registry[0], "no reference, and parts of one");
		return;
	}
	check(admwh_image_format(&image, full, sizeof(full)) < sizeof(full), "too long a text");
	check(admwh_image_parse_text(&again, full) == 0, "a reference is none");
	check(memcmp(&image, &again, sizeof(image)) == 0, "a reference is another one");
	check(admwh_image_equal(&image, &image), "a reference is not itself");
	check_prefix(&image);
}

static void check_again(const struct admwh_quantity *quantity)
{
	char text[ADMWH_QUANTITY_TEXT_MAX + 1];
	struct admwh_quantity again;
	int64_t number = 0;

	check(admwh_quantity_format(quantity, text, sizeof(text)) < sizeof(text),
	      "too long a text");
	if (admwh_quantity_parse_text(&again, text) == 0)
		check(admwh_quantity_compare(&again, quantity) == 0, "another quantity");
	else
		check(strlen(text) > ADMWH_QUANTITY_DIGITS_MAX, "a quantity is none");
	if (admwh_quantity_scaled(quantity, 0, &number))
		check(number == 0 || (number < 0) == (admwh_quantity_sign(quantity) < 0),
		      "another sign");
}

/* Two quantities, separated by ";". */
static void try_quantities(char *text)
{
	char *second = strchr(text, ';');
	struct admwh_quantity a, b, sum;

	if (second)
		*second++ = '\0';
	if (admwh_quantity_parse_text(&a, text))
		return;
	check_again(&a);
	if (!second || admwh_quantity_parse_text(&b, second))
		return;
	check(admwh_quantity_compare(&a, &b) == -admwh_quantity_compare(&b, &a), "no order");
	sum = a;
	if (admwh_quantity_add(&sum, &b))
		return;
	check(admwh_quantity_sign(&b) == admwh_quantity_compare(&sum, &a), "a wrong sum");
	check_again(&sum);
	check(admwh_quantity_subtract(&sum, &b) == 0 && admwh_quantity_compare(&sum, &a) == 0,
	      "a sum less one is not the other");
}

static void try_selector(const char *text, struct admwh_value labels)
{
	struct admwh_selector *selector = admwh_selector_parse(text);
	const bool is_malformed = admwh_selector_error(selector)[0];

	check(!admwh_selector_matches(selector, labels) || !is_malformed,
	      "a malformed selector matches");
	admwh_selector_free(selector);
}

static size_t count(struct admwh_containers containers)
{
	struct admwh_container c;
	struct admwh_image image;
	struct admwh_quantity quantity;
	size_t n = 0;

	while (admwh_containers_next(&containers, &c)) {
		admwh_image_parse(&image, admwh_value_get(c.value, "image"));
		admwh_quantity_parse(&quantity, admwh_value_get(c.value, "cpu"));
		n++;
	}
	return n;
}

static int validate(const struct admwh_request *req, struct admwh_response *resp, void *userdata)
{
	const size_t all = count(admwh_containers(req, ADMWH_ALL_CONTAINERS));
	struct admwh_value object = admwh_request_object(req);

	(void)userdata;
	check(count(admwh_old_containers(req, ADMWH_ALL_CONTAINERS)) == all, "other containers");
	check(count(admwh_changed_containers(req, ADMWH_ALL_CONTAINERS)) <= all, "too many");
	admwh_selector_value_matches(admwh_value_get(object, "selector"),
				     admwh_value_get(object, "labels"));
	return admwh_response_allow(resp);
}

/* The same object before and after. */
static void try_object(const char *text)
{
	static const char format[] =
	    "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{"
	    "\"uid\":\"u\",\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\"},"
	    "\"resource\":{},\"operation\":\"UPDATE\",\"userInfo\":{},\"object\":%s,"
	    "\"oldObject\":%s}}";
	const size_t size = sizeof(format) + 2 * strlen(text);
	char *body = malloc(size);
	const int len = snprintf(body, size, format, text, text);

	admwh_answer_free(admwh_review_validate(body, (size_t)len, validate, NULL));
	free(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const char labels[] = "{\"a\":\"b\",\"n\":\"5\",\"x.io/y\":\"\",\"bad\":7}";
	struct admwh_document *document = admwh_document_parse(labels, sizeof(labels) - 1);
	char *text = malloc(len + 1);

	memcpy(text, bytes, len);
	text[len] = '\0';
	try_image(text);
	try_selector(text, admwh_document_value(document));
	if (text[0] == '{')
		try_object(text);
	try_quantities(text);
	admwh_document_free(document);
	free(text);
	return 0;
}
