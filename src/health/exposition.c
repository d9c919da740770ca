/* SPDX-License-Identifier: MIT */
#include "health/exposition.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "telemetry/metrics.h"

static const struct {
	const char *name, *type, *unit, *help;
} families[] = {
#define FAMILY_ROW(id, name, type, unit, labels, help) [AWH_FAMILY_##id] = {name, type, unit, help},
    AWH_FAMILY_MAP(FAMILY_ROW)
#undef FAMILY_ROW
};

/* Upper bounds of awh_bucket_us as Prometheus' own libraries write them. */
static const char *const bounds[AWH_BUCKETS] = {"0.00025", "0.0005", "0.001", "0.0025",
						"0.005",   "0.01",   "0.025", "0.05",
						"0.1",     "0.5",    "2.5",   "10"};

/* A client that does not want it leaves it out: q=0 is not evaluated. */
bool awh_accepts_open_metrics(const char *accept)
{
	static const char type[] = "application/openmetrics-text";

	while (accept && *accept) {
		accept += strspn(accept, " \t,");
		if (strncasecmp(accept, type, strlen(type)) == 0 &&
		    strchr(" \t;,", accept[strlen(type)]))
			return true;
		accept += strcspn(accept, ",");
	}
	return false;
}

const char *awh_exposition_type(bool is_open_metrics)
{
	return is_open_metrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
			       : "text/plain; version=0.0.4; charset=utf-8";
}

static bool is(enum awh_family family, const char *type)
{
	return strcmp(families[family].type, type) == 0;
}

/* What the name of a family's samples ends in. */
static const char *suffix(enum awh_family family)
{
	return is(family, "counter") ? "_total" : is(family, "info") ? "_info" : "";
}

/* Only OpenMetrics knows the family apart from its samples, units, and the type info. */
void awh_put_family(struct awh_exposition *exposition, enum awh_family family)
{
	struct awh_buf *buf = exposition->buf;
	const char *name = families[family].name, *unit = families[family].unit;
	const char *end = exposition->is_open_metrics ? "" : suffix(family);
	bool is_plain_info = is(family, "info") && !exposition->is_open_metrics;

	exposition->family = family;
	awh_buf_printf(buf, "# HELP %s%s %s\n", name, end, families[family].help);
	awh_buf_printf(buf, "# TYPE %s%s %s\n", name, end,
		       is_plain_info ? "gauge" : families[family].type);
	if (exposition->is_open_metrics && *unit)
		awh_buf_printf(buf, "# UNIT %s %s\n", name, unit);
}

static void put_label_value(struct awh_buf *buf, const char *value)
{
	for (;;) {
		size_t len = strcspn(value, "\\\"\n");

		awh_buf_put(buf, value, len);
		value += len;
		if (!*value)
			return;
		awh_buf_puts(buf, *value == '\n' ? "\\n" : *value == '"' ? "\\\"" : "\\\\");
		value++;
	}
}

static void put_name(struct awh_exposition *exposition, const char *end,
		     const struct awh_label *labels, size_t n_labels)
{
	struct awh_buf *buf = exposition->buf;

	awh_buf_puts(buf, families[exposition->family].name);
	awh_buf_puts(buf, end);
	for (size_t i = 0; i < n_labels; i++) {
		awh_buf_printf(buf, "%s%s=\"", i == 0 ? "{" : ",", labels[i].name);
		put_label_value(buf, labels[i].value);
		awh_buf_puts(buf, "\"");
	}
	awh_buf_puts(buf, n_labels > 0 ? "} " : " ");
}

void awh_put_sample(struct awh_exposition *exposition, const struct awh_label *labels,
		    size_t n_labels, uint64_t value)
{
	put_name(exposition, suffix(exposition->family), labels, n_labels);
	awh_buf_printf(exposition->buf, "%" PRIu64 "\n", value);
}

static void put_micro(struct awh_buf *buf, uint64_t us)
{
	awh_buf_printf(buf, "%" PRIu64 ".%06" PRIu64 "\n", us / 1000000, us % 1000000);
}

void awh_put_micro_sample(struct awh_exposition *exposition, uint64_t value_us)
{
	put_name(exposition, suffix(exposition->family), NULL, 0);
	put_micro(exposition->buf, value_us);
}

void awh_put_histogram(struct awh_exposition *exposition, struct awh_label label,
		       const uint64_t *counts, uint64_t sum_us)
{
	struct awh_label labels[] = {label, {"le", "+Inf"}};
	uint64_t total = 0;

	for (size_t i = 0; i < AWH_BUCKETS; i++) {
		bool is_whole = exposition->is_open_metrics && !strchr(bounds[i], '.');

		labels[1].value = is_whole ? "10.0" : bounds[i];
		total += counts[i];
		put_name(exposition, "_bucket", labels, 2);
		awh_buf_printf(exposition->buf, "%" PRIu64 "\n", total);
	}
	labels[1].value = "+Inf";
	total += counts[AWH_BUCKETS];
	put_name(exposition, "_bucket", labels, 2);
	awh_buf_printf(exposition->buf, "%" PRIu64 "\n", total);
	put_name(exposition, "_sum", &label, 1);
	put_micro(exposition->buf, sum_us);
	put_name(exposition, "_count", &label, 1);
	awh_buf_printf(exposition->buf, "%" PRIu64 "\n", total);
}

void awh_put_end(struct awh_exposition *exposition)
{
	if (exposition->is_open_metrics)
		awh_buf_puts(exposition->buf, "# EOF\n");
}
