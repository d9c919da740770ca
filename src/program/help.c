/* SPDX-License-Identifier: MIT */
/* The text of --help. docs/program.md repeats it, and a test compares the two. */
#include <string.h>

#include "program/options.h"

enum { COLUMN = 34, WIDTH = 96 };

/* Words from a column on, in lines. at: the column that the line has reached */
static void put_wrapped(struct awh_buf *buf, size_t at, const char *text)
{
	if (at >= COLUMN) {
		awh_buf_puts(buf, "\n");
		at = 0;
	}
	for (; *text; text += strspn(text, " ")) {
		size_t len = strcspn(text, " ");

		if (at + 1 + len > WIDTH) {
			awh_buf_puts(buf, "\n");
			at = 0;
		}
		if (at < COLUMN)
			awh_buf_printf(buf, "%*s", (int)(COLUMN - at), "");
		else
			awh_buf_puts(buf, " ");
		at = (at < COLUMN ? COLUMN : at + 1) + len;
		awh_buf_put(buf, text, len);
		text += len;
	}
	awh_buf_puts(buf, "\n");
}

static const char *shown_default(const struct awh_option *option)
{
	const char *preset = option->preset ? option->preset : option->flag->preset;

	if (!option->flag->value) /* a switch says no more than that it is on */
		return option->preset ? "on" : NULL;
	return preset && *preset ? preset : NULL;
}

/* Lines of a list become one. */
static void put_default(struct awh_buf *text, const char *preset)
{
	awh_buf_puts(text, " (default ");
	for (; *preset; preset++)
		awh_buf_puts(text, *preset == '\n' ? ", " : (char[]){*preset, '\0'});
	awh_buf_puts(text, ")");
}

static void put_flag(struct awh_buf *buf, const struct awh_option *option)
{
	const struct admwh_flag *flag = option->flag;
	const char *preset = shown_default(option);
	size_t start = buf->len;
	struct awh_buf text;

	awh_buf_printf(buf, "  --%s%s%s", flag->name, flag->value ? " " : "",
		       flag->value ? flag->value : "");
	awh_buf_init(&text, 4096);
	awh_buf_puts(&text, flag->help);
	if (option->standard && option->standard->is_list)
		awh_buf_puts(&text, option->standard->one_a_bundle ? "; one for each bundle"
								   : "; may be repeated");
	if (flag->required)
		awh_buf_puts(&text, "; required");
	if (preset)
		put_default(&text, preset);
	if (flag->variable)
		awh_buf_printf(&text, " [%s]", flag->variable);
	if (awh_buf_terminate(&text) == 0)
		put_wrapped(buf, buf->len - start, text.data);
	else
		buf->err = text.err;
	awh_buf_deinit(&text);
}

static void put_start(struct awh_buf *buf, const struct awh_options *options)
{
	const struct admwh_program *program = options->program;
	size_t len = program->about ? strlen(program->about) : 0;

	awh_buf_printf(buf, "Usage: %s [FLAG]...\n\n", program->name);
	if (len > 0)
		awh_buf_printf(buf, "%s%s\n", program->about,
			       program->about[len - 1] == '\n' ? "" : "\n");
	awh_buf_printf(buf,
		       "For callers with a client certificate for kube-apiserver:\n"
		       "  %s --tls-cert tls.crt --tls-key tls.key --client-ca client-ca.crt \\\n"
		       "    --client-allow cn:kube-apiserver\n",
		       program->name);
}

static void put_end(struct awh_buf *buf, const struct awh_options *options)
{
	const struct admwh_flag listen = {.name = "listen"}, ca = {.name = "client-ca"};

	awh_buf_puts(buf, "\nOther flags\n  --help, -h\n  --version\n\n"
			  "Each flag has an environment variable, which counts where the flag is "
			  "not given:\n--listen is ");
	awh_put_variable(buf, options->program, &listen);
	awh_buf_puts(buf, ", --client-ca is ");
	awh_put_variable(buf, options->program, &ca);
	awh_buf_puts(buf,
		     ", and so on. A variable of a\nflag that may be repeated has one value a "
		     "line; that of a flag without a value is true or false.\n\n"
		     "Exit status: 0 stopped by SIGTERM or SIGINT, 1 could not start or run, 2 "
		     "a flag or variable is\nwrong. SIGHUP reloads files.\n");
}

void awh_put_help(struct awh_buf *buf, const struct awh_options *options)
{
	bool own = false;

	put_start(buf, options);
	for (size_t i = 0; i < options->n_items; i++) {
		const struct awh_option *option = &options->items[i];

		if (option->standard || !option->flag->help)
			continue;
		if (!own)
			awh_buf_printf(buf, "\nFlags of %s\n", options->program->name);
		own = true;
		put_flag(buf, option);
	}
	for (size_t i = 0; i < options->n_items && options->items[i].standard; i++) {
		const struct awh_option *option = &options->items[i];

		if (option->standard->heading)
			awh_buf_printf(buf, "\n%s\n", option->standard->heading);
		put_flag(buf, option);
	}
	put_end(buf, options);
}
