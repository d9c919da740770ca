/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a JSON text and a program of calls that read it by values. The text is a
 * document, written in another order and spelling; the object of a review; and that object
 * as mutators before this one leave it. What each call gives must be what a tree of the same
 * text says, and what is malformed must be remembered exactly when value.h says so.
 *
 * The first byte has the options, the second how often memory may be asked for; the text
 * ends with a NUL, the program follows.
 */
#include <math.h>
#include <string.h>

#include <admwh/json.h>

#include "base/text.h"
#include "check.h"
#include "json/document.h"
#include "json/escape.h"
#include "json/number.h"
#include "json/numbers.h"
#include "json/pointer.h"
#include "review/decode.h"
#include "review/overlay.h"

enum { ITEMS = 8, CALLS_MAX = 128, TEXT_MAX = 16 * 1024, LITERAL_MAX = 16 };

/* The options. */
enum { COPIES_IN_ARRAY = 1, COPIES_IN_OBJECT = 2, NUL_IN_TREES = 4, REFUSES_MEMORY = 8, RAW = 16 };

/* What is remembered of a review, or of a document. */
struct memory {
	const char *error; /* the library's */
	char first[1024];  /* a copy of it when it came */
	bool is_malformed; /* by the rules */
};

/* A text that is read, and what it means. */
struct subject {
	struct memory *memory;
	struct admwh_value root;
	json_t *tree;
	bool nul_in_trees;
};

/* A value on the stack. */
struct item {
	struct subject *subject;
	struct admwh_value value;
	json_t *tree;   /* NULL: the value is absent */
	json_t *parent; /* NULL: it is no child */
	size_t position;
};

struct run {
	const uint8_t *program;
	const uint8_t *end;
	struct awh_numbers *numbers;
	struct memory memories[2]; /* of the document, of the review */
	struct subject subjects[3];
	struct item items[ITEMS];
	size_t n_items; /* in all: the last ITEMS of them are there */
	unsigned int asks_left;
	bool is_refused;
	struct awh_buf text;    /* of the review's object */
	struct awh_buf respelt; /* of the document */
	struct awh_buf review;
	struct admwh_document *document;
	struct awh_request request;
	struct awh_overlay overlay;
};

static uint8_t next_byte(struct run *run)
{
	return run->program < run->end ? *run->program++ : 0;
}

static bool may_grow(void *owner, size_t bytes)
{
	struct run *run = owner;

	(void)bytes;
	if (run->asks_left == 0)
		run->is_refused = true;
	else
		run->asks_left--;
	return !run->is_refused;
}

/* The child of a container; *key: its name in an object. NULL past the end. */
static json_t *child_of(json_t *tree, size_t position, const char **key, size_t *len)
{
	void *member = json_object_iter(tree);

	*key = NULL;
	if (json_is_array(tree))
		return json_array_get(tree, position);
	while (member && position-- > 0)
		member = json_object_iter_next(tree, member);
	if (!member)
		return NULL;
	*key = json_object_iter_key(member);
	*len = json_object_iter_key_len(member);
	return json_object_iter_value(member);
}

static size_t size_of(const json_t *tree)
{
	return json_is_array(tree) ? json_array_size(tree) : json_object_size(tree);
}

static bool is_set(const json_t *tree)
{
	return tree && !json_is_null(tree);
}

static bool holds_nul(json_t *tree)
{
	const char *key;
	size_t len, i;
	json_t *child;

	if (json_is_string(tree))
		return memchr(json_string_value(tree), '\0', json_string_length(tree)) != NULL;
	json_object_keylen_foreach(tree, key, len, child) if (memchr(key, '\0', len) ||
							      holds_nul(child)) return true;
	json_array_foreach(tree, i, child)
		if (holds_nul(child))
			return true;
	return false;
}

static struct item *top(struct run *run)
{
	return &run->items[(run->n_items - 1) % ITEMS];
}

static enum admwh_kind kind_of(const json_t *tree)
{
	static const enum admwh_kind kinds[] = {
	    [JSON_OBJECT] = ADMWH_OBJECT,  [JSON_ARRAY] = ADMWH_ARRAY, [JSON_STRING] = ADMWH_STRING,
	    [JSON_INTEGER] = ADMWH_NUMBER, [JSON_REAL] = ADMWH_NUMBER, [JSON_TRUE] = ADMWH_BOOLEAN,
	    [JSON_FALSE] = ADMWH_BOOLEAN,  [JSON_NULL] = ADMWH_NULL,
	};

	return tree ? kinds[json_typeof(tree)] : ADMWH_ABSENT;
}

/* Put a value that a call gave onto the stack. Without memory any may be absent. */
static void push(struct run *run, struct item item)
{
	if (item.tree && run->is_refused && admwh_value_is_absent(item.value))
		item.tree = NULL;
	check(admwh_value_kind(item.value) == kind_of(item.tree), "a value of another kind");
	check(admwh_value_is_absent(item.value) == !item.tree, "absent, or not");
	check(admwh_value_is_set(item.value) == is_set(item.tree), "set, or not");
	check(admwh_value_size(item.value) == size_of(item.tree), "a value of another size");
	run->items[run->n_items++ % ITEMS] = item;
}

static void push_child(struct run *run, const struct item *of, json_t *tree, size_t position,
		       struct admwh_value value)
{
	push(run, (struct item){of->subject, value, tree, of->tree, position});
}

static void malformed(const struct item *item)
{
	item->subject->memory->is_malformed = true;
}

/* The kind that a call asks for: what is set and of another one is malformed. */
static bool expect(const struct item *item, bool is_kind)
{
	if (is_set(item->tree) && !is_kind)
		malformed(item);
	return is_kind;
}

static void call_root(struct run *run)
{
	struct subject *subject = &run->subjects[next_byte(run) % 3];

	push(run, (struct item){.subject = subject, .value = subject->root, .tree = subject->tree});
}

static void call_again(struct run *run)
{
	push(run, run->items[next_byte(run) % (run->n_items < ITEMS ? run->n_items : ITEMS)]);
}

/* A name of the program's own, or of a member; its NUL does not count. */
static const char *choose_name(struct run *run, const json_t *tree, char literal[LITERAL_MAX + 1],
			       size_t *len)
{
	const uint8_t byte = next_byte(run);
	const char *key = NULL;

	if (byte < 0xf0 && size_of(tree) > 0 && json_is_object(tree)) {
		child_of((json_t *)(uintptr_t)tree, byte % size_of(tree), &key, len);
		return key;
	}
	*len = byte % LITERAL_MAX;
	for (size_t i = 0; i < *len; i++)
		literal[i] = (char)next_byte(run);
	literal[*len] = '\0';
	return literal;
}

static json_t *member_of(json_t *object, const char *name, size_t len, size_t *position)
{
	const char *key;
	size_t key_len;
	json_t *child;

	for (*position = 0; (child = child_of(object, *position, &key, &key_len)) != NULL;
	     ++*position)
		if (key && key_len == len && memcmp(key, name, len) == 0)
			return child;
	return NULL;
}

/* What admwh_value_getn() is to give. */
static json_t *expect_member(const struct item *item, const char *name, size_t len,
			     size_t *position)
{
	return expect(item, json_is_object(item->tree)) ? member_of(item->tree, name, len, position)
							: NULL;
}

static void call_get(struct run *run)
{
	const struct item of = *top(run);
	const bool by_length = next_byte(run) % 2;
	char literal[LITERAL_MAX + 1];
	size_t len, position = 0;
	const char *name = choose_name(run, of.tree, literal, &len);
	json_t *tree;

	len = by_length ? len : strlen(name);
	tree = expect_member(&of, name, len, &position);
	push_child(run, &of, tree, position,
		   by_length ? admwh_value_getn(of.value, name, len)
			     : admwh_value_get(of.value, name));
}

static void call_get_names(struct run *run)
{
	const struct item of = *top(run);
	struct item at = of;
	char literal[2][LITERAL_MAX + 1];
	const char *names[2];
	size_t len;

	for (size_t i = 0; i < 2; i++) {
		struct item next = {.subject = at.subject, .parent = at.tree};

		names[i] = choose_name(run, at.tree, literal[i], &len);
		next.tree = expect_member(&at, names[i], strlen(names[i]), &next.position);
		at = next;
	}
	at.value = ADMWH_GET(of.value, names[0], names[1]);
	push(run, at);
}

/* From the front, from the end, or past it. */
static void call_at(struct run *run)
{
	const struct item of = *top(run);
	const uint8_t byte = next_byte(run);
	const size_t index = byte < 128 ? byte : size_of(of.tree) - 1 - (byte & 127);
	json_t *tree = expect(&of, json_is_array(of.tree)) ? json_array_get(of.tree, index) : NULL;

	push_child(run, &of, tree, index, admwh_value_at(of.value, index));
}

static void call_at_each(struct run *run)
{
	const struct item of = *top(run);
	const size_t step = 1 + next_byte(run) % 40;

	for (size_t i = size_of(of.tree); json_is_array(of.tree) && i-- > 0; i -= i % step)
		push_child(run, &of, json_array_get(of.tree, i), i, admwh_value_at(of.value, i));
}

/* Some steps down, and perhaps bytes of the program's own. */
static void put_pointer(struct run *run, struct awh_buf *pointer, json_t *tree)
{
	const uint8_t byte = next_byte(run);
	const char *key;
	size_t len;

	for (int i = 0; i < byte % 8 && size_of(tree) > 0; i++) {
		const size_t position = next_byte(run) % size_of(tree);
		char index[AWH_NUMBER_TEXT];

		tree = child_of(tree, position, &key, &len);
		if (!key) {
			len = awh_number_format_integer(index, (int64_t)position);
			key = index;
		}
		awh_pointer_put(pointer, key, strnlen(key, len));
	}
	for (int i = 0; i < byte / 16; i++)
		awh_buf_put(pointer, (const char[]){(char)next_byte(run)}, 1);
}

static json_t *expect_step(const struct item *at, const struct awh_token *token, size_t *position)
{
	if (json_is_array(at->tree) && token->len == 1 && token->text[0] == '-')
		return NULL;
	if (json_is_array(at->tree) && awh_token_index(token, SIZE_MAX, position))
		return json_array_get(at->tree, *position);
	return expect_member(at, token->text, token->len, position);
}

static struct item expect_found(const struct item *of, const char *text)
{
	struct awh_arena arena = AWH_ARENA_NULL;
	struct awh_pointer pointer = {0};
	struct item at = *of;

	/* Also of what is missing, if it is known from where. */
	if ((of->tree || of->value.text) &&
	    awh_pointer_parse(&pointer, text, strlen(text), &arena, NULL) < 0) {
		malformed(of);
		at.tree = NULL;
	}
	for (size_t i = 0; i < pointer.n_tokens; i++) {
		struct item next = {.subject = at.subject, .parent = at.tree};

		next.tree = expect_step(&at, &pointer.tokens[i], &next.position);
		at = next;
	}
	awh_arena_deinit(&arena);
	return at;
}

static void call_find(struct run *run)
{
	const struct item of = *top(run);
	struct awh_buf pointer;
	struct item found;

	awh_buf_init(&pointer, SIZE_MAX);
	put_pointer(run, &pointer, of.tree);
	check(awh_buf_terminate(&pointer) == 0, "no memory");
	found = expect_found(&of, pointer.data);
	found.value = admwh_value_find(of.value, pointer.data);
	push(run, found);
	awh_buf_deinit(&pointer);
}

static void call_first(struct run *run)
{
	const struct item of = *top(run);
	const char *key;
	size_t len;
	json_t *tree = NULL;

	if (expect(&of, json_is_array(of.tree) || json_is_object(of.tree)))
		tree = child_of(of.tree, 0, &key, &len);
	push_child(run, &of, tree, 0, admwh_value_first(of.value));
}

static void call_next(struct run *run)
{
	const struct item of = *top(run);
	struct item next = {.subject = of.subject, .parent = of.parent};
	const char *key;
	size_t len;

	if (of.tree && of.parent)
		next.tree = child_of(of.parent, of.position + 1, &key, &len);
	next.position = of.position + 1;
	next.value = admwh_value_next(of.value);
	push(run, next);
}

static void check_key(struct run *run, const struct item *item)
{
	const char *key = NULL, *name;
	size_t len, name_len;

	name = admwh_value_key(item->value, &name_len);
	if (item->tree && item->parent)
		child_of(item->parent, item->position, &key, &len);
	check(name || name_len == 0, "a length without a name");
	check(!name || key, "a name of no member");
	check(name || !key || run->is_refused, "a member without a name");
	check(!name || (name_len == len && memcmp(name, key, len) == 0), "another name");
}

static void call_key(struct run *run)
{
	check_key(run, top(run));
}

static void call_foreach(struct run *run)
{
	const struct item of = *top(run);
	size_t position = 0;
	const char *key;
	size_t len;

	expect(&of, json_is_array(of.tree) || json_is_object(of.tree));
	admwh_value_foreach(child, of.value) {
		push_child(run, &of, child_of(of.tree, position, &key, &len), position, child);
		check_key(run, top(run));
		position++;
	}
	check(position == size_of(of.tree), "children are left out");
}

static void call_string(struct run *run)
{
	const struct item *of = top(run);
	const char *string = admwh_value_string(of->value);
	bool is_string = expect(of, json_is_string(of->tree));

	if (is_string && holds_nul(of->tree)) {
		malformed(of);
		is_string = false;
	}
	check(string ? is_string : !is_string || run->is_refused, "a string, or none");
	check(!string || strcmp(string, json_string_value(of->tree)) == 0, "another string");
	check(!string || string == admwh_value_string(of->value), "a string is copied twice");
}

static void call_text(struct run *run)
{
	const struct item *of = top(run);
	size_t len;
	const char *text = admwh_value_text(of->value, &len);

	check(text ? json_is_string(of->tree) : !json_is_string(of->tree) || run->is_refused,
	      "a text, or none");
	check(len == (text ? json_string_length(of->tree) : 0), "a text of another length");
	check(!text || memcmp(text, json_string_value(of->tree), len) == 0, "another text");
}

static void call_is(struct run *run)
{
	const struct item *of = top(run);
	char literal[LITERAL_MAX + 1];
	const char *text = json_string_value(of->tree);
	size_t len;

	if (!text || next_byte(run) % 2)
		text = choose_name(run, NULL, literal, &len);
	check(admwh_value_is(of->value, text) ==
		  (json_is_string(of->tree) && strlen(text) == json_string_length(of->tree) &&
		   strcmp(text, json_string_value(of->tree)) == 0),
	      "a string is another");
}

/* Is the number of a text this integer? */
static bool is_integer(const char *text, size_t len, int64_t integer)
{
	char space[AWH_NUMBER_TEXT];
	const size_t n = awh_number_format_integer(space, integer);

	return awh_number_equal(text, len, space, n);
}

static void call_integer(struct run *run)
{
	const struct item *of = top(run);
	const bool is_number = expect(of, json_is_number(of->tree));
	const double real = json_number_value(of->tree);
	int64_t integer = -1;
	const bool is = admwh_value_integer(of->value, &integer);
	size_t len;
	const char *text = admwh_value_raw(of->value, &len);

	if (is_number && !is)
		malformed(of);
	check(is || integer == 0, "a number that is no integer is not 0");
	check(!is || (is_number && is_integer(text, len, integer)), "another integer");
	check(is || !is_number || fabs(real) > 9e18 || !is_integer(text, len, (int64_t)real),
	      "an integer is none");
}

static void call_real(struct run *run)
{
	const struct item *of = top(run);
	double real = -1;
	const bool is = admwh_value_real(of->value, &real);

	check(is == expect(of, json_is_number(of->tree)), "a number, or none");
	check(!(real < json_number_value(of->tree)) && !(real > json_number_value(of->tree)),
	      "another number");
}

static void call_is_true(struct run *run)
{
	const struct item *of = top(run);

	expect(of, json_is_boolean(of->tree));
	check(admwh_value_is_true(of->value) == json_is_true(of->tree), "true, or not");
}

static void call_raw(struct run *run)
{
	const struct item *of = top(run);
	size_t len;
	const char *raw = admwh_value_raw(of->value, &len);
	json_t *tree;

	check((raw != NULL) == (of->tree != NULL) && (raw || len == 0), "a text, or none");
	if (!raw)
		return;
	tree = awh_json_parse(raw, len, AWH_DOCUMENT_DEPTH, run->numbers, NULL);
	check(tree && awh_json_equal(tree, of->tree, run->numbers), "the text of another value");
	json_decref(tree);
}

static void call_json(struct run *run)
{
	const struct item *of = top(run);
	json_t *tree = admwh_value_json(of->value);
	bool is_given = of->tree;

	if (of->tree && !of->subject->nul_in_trees && holds_nul(of->tree)) {
		malformed(of);
		is_given = false;
	}
	check(tree ? is_given : !is_given || run->is_refused, "a tree, or none");
	check(!tree || awh_json_equal(tree, of->tree, NULL), "another tree");
	json_decref(tree);
}

static void call_equal(struct run *run)
{
	const struct item *a = top(run);
	const struct item *b =
	    &run->items[next_byte(run) % (run->n_items < ITEMS ? run->n_items : ITEMS)];
	const bool are_equal = admwh_value_equal(a->value, b->value);

	if (are_equal || !run->is_refused)
		check(are_equal ==
			  (a->tree && b->tree && awh_json_equal(a->tree, b->tree, run->numbers)),
		      "equal, or not");
	check(admwh_value_equal(b->value, a->value) == are_equal || run->is_refused,
	      "equal in one order only");
}

/* The member that a path goes on with; *path is moved behind it. */
static json_t *follow_name(json_t *tree, const char **path)
{
	const bool is_quoted = (*path)[0] == '[';
	const char *written = *path + (is_quoted ? 2 : (*path)[0] == '.');
	const size_t len = is_quoted ? awh_escaped_len(written) : strcspn(written, ".[");
	char name[2048];
	size_t position;

	check(len < sizeof(name), "a path that is too long");
	*path = written + len + (is_quoted ? 2 : 0);
	return member_of(tree, name, awh_unescape(name, written, len), &position);
}

/* The value that a path leads to. */
static json_t *follow(json_t *tree, const char *path)
{
	while (*path && tree) {
		char *end;

		if (json_is_array(tree)) {
			check(*path == '[', "an element without an index");
			tree = json_array_get(tree, strtoul(path + 1, &end, 10));
			path = end + 1;
		} else {
			tree = follow_name(tree, &path);
		}
	}
	return tree;
}

static void call_path(struct run *run)
{
	const struct item *of = top(run);
	const char *path = admwh_value_path(of->value);

	check(awh_text_is_clean(path, strlen(path)), "a path that is no clean text");
	if (!of->tree || run->is_refused || strstr(path, "..."))
		return;
	check(follow(of->subject->tree, path) == of->tree, "a path leads elsewhere");
}

/* What is malformed is remembered, the first time, and nothing else is. */
static void check_memory(const struct run *run, struct memory *memory, bool may_be_refused)
{
	const bool is_remembered = memory->error[0];

	check(is_remembered || !memory->is_malformed, "what is malformed is forgotten");
	check(!is_remembered || memory->is_malformed || (may_be_refused && run->is_refused),
	      "what is not malformed is remembered");
	check(is_remembered || !may_be_refused || !run->is_refused, "a refusal is forgotten");
	check(awh_text_is_clean(memory->error, strlen(memory->error)), "an unclean message");
	check(!memory->first[0] || strcmp(memory->first, memory->error) == 0, "not the first");
	strncpy(memory->first, memory->error, sizeof(memory->first) - 1);
}

static void call(struct run *run)
{
	static void (*const calls[])(struct run *) = {
	    call_root, call_again, call_get,     call_get_names, call_at,      call_at_each,
	    call_find, call_first, call_next,    call_key,       call_foreach, call_string,
	    call_text, call_is,    call_integer, call_real,      call_is_true, call_raw,
	    call_json, call_equal, call_path,
	};

	calls[next_byte(run) % (sizeof(calls) / sizeof(*calls))](run);
	check_memory(run, &run->memories[0], false);
	check_memory(run, &run->memories[1], true);
}

/* Letters by their code points, and the members from the last to the first. */
static void put_respelt(struct run *run, json_t *tree);

static void put_respelt_string(struct awh_buf *out, const char *text, size_t len)
{
	awh_buf_puts(out, "\"");
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x80 &&
		    (i % 2 == 0 || strchr("\"\\", text[i]) || (unsigned char)text[i] < 0x20))
			awh_buf_printf(out, "\\u%04x", text[i]);
		else
			awh_buf_put(out, text + i, 1);
	awh_buf_puts(out, "\"");
}

static void put_respelt_children(struct run *run, json_t *tree)
{
	const size_t size = size_of(tree);
	const char *key;
	size_t len;

	for (size_t i = 0; i < size; i++) {
		const size_t position = json_is_array(tree) ? i : size - 1 - i;
		json_t *child = child_of(tree, position, &key, &len);

		awh_buf_puts(&run->respelt, i > 0 ? " ,\n" : "");
		if (key) {
			put_respelt_string(&run->respelt, key, len);
			awh_buf_puts(&run->respelt, ": ");
		}
		put_respelt(run, child);
	}
}

static void put_respelt(struct run *run, json_t *tree)
{
	if (json_is_string(tree)) {
		put_respelt_string(&run->respelt, json_string_value(tree),
				   json_string_length(tree));
		return;
	}
	if (!json_is_array(tree) && !json_is_object(tree)) {
		awh_json_write(&run->respelt, tree, run->numbers);
		return;
	}
	awh_buf_puts(&run->respelt, json_is_array(tree) ? "[" : "{");
	put_respelt_children(run, tree);
	awh_buf_puts(&run->respelt, json_is_array(tree) ? "]" : "}");
}

/* The text, or an array or object of as many copies of it. */
static void put_text(struct run *run, unsigned int options, const char *text, size_t len)
{
	const bool is_object = options & COPIES_IN_OBJECT;
	const size_t copies = options & (COPIES_IN_ARRAY | COPIES_IN_OBJECT) ? 1 + len % 97 : 0;

	if (copies == 0) {
		awh_buf_put(&run->text, text, len);
		return;
	}
	for (size_t i = 0; i < copies && run->text.len + 2 * len < TEXT_MAX; i++) {
		awh_buf_puts(&run->text, i > 0 ? "," : is_object ? "{" : "[");
		if (is_object)
			awh_buf_printf(&run->text, "\"%zu\":", i);
		awh_buf_put(&run->text, text, len);
	}
	awh_buf_puts(&run->text, is_object ? "}" : "]");
}

/* jansson must have read the same, where it takes it. */
static json_t *parse(struct run *run, const struct awh_buf *text)
{
	const size_t flags = JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL;
	json_t *tree =
	    awh_json_parse(text->data, text->len, AWH_DOCUMENT_DEPTH, run->numbers, NULL);
	json_t *other = tree ? json_loadb(text->data, text->len, flags, NULL) : NULL;

	check(!other || json_equal(tree, other), "jansson reads another tree");
	json_decref(other);
	return tree;
}

static void read_document(struct run *run)
{
	struct subject *subject = &run->subjects[0];

	put_respelt(run, run->subjects[1].tree);
	check(!run->respelt.err, "no memory");
	subject->memory = &run->memories[0];
	subject->tree = parse(run, &run->respelt);
	check(awh_json_equal(subject->tree, run->subjects[1].tree, run->numbers),
	      "another spelling is another value");
	run->document = admwh_document_parse(run->respelt.data, run->respelt.len);
	subject->root = admwh_document_value(run->document);
	subject->memory->error = admwh_document_error(run->document);
}

static void put_review(struct run *run, bool raw)
{
	if (!raw)
		awh_buf_puts(&run->review,
			     "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\","
			     "\"request\":{\"uid\":\"u\",\"kind\":{},\"resource\":{},"
			     "\"operation\":\"CREATE\",\"userInfo\":{},\"object\":");
	else
		awh_buf_puts(&run->review, "{\"request\":");
	awh_buf_put(&run->review, run->text.data, run->text.len);
	awh_buf_puts(&run->review, raw ? "}" : "}}");
}

/* The object as a mutator of a chain leaves it, where it has changed something back and forth. */
static struct admwh_value patched(struct run *run, bool raw)
{
	const struct awh_request *request = &run->request;
	struct awh_overlay *overlay = &run->overlay;
	const struct awh_target_ops *ops;

	awh_overlay_init(overlay, awh_request_text(&run->request),
			 request->payloads[AWH_OBJECT].entry);
	ops = overlay->target.ops;
	if (ops->kind(overlay->root) >= AWH_KIND_ARRAY)
		ops->own(&overlay->target, (struct awh_ref){0}, NULL);
	if (request->error.code < 0 ||
	    !awh_overlay_settle(overlay, raw ? "request" : "request.object"))
		return (struct admwh_value){0};
	return awh_value_root(overlay->root.text, overlay->root.entry);
}

/* The object of a review, as it was sent and as patched. */
static void read_review(struct run *run, unsigned int options)
{
	const struct awh_decode_options rules = {
	    .depth = AWH_DOCUMENT_DEPTH + 2,
	    .raw = options & RAW || !json_is_object(run->subjects[1].tree),
	    .nul_in_trees = options & NUL_IN_TREES,
	};

	put_review(run, rules.raw);
	check(awh_request_decode(&run->request, run->review.data, run->review.len, &rules, NULL) ==
		  0,
	      "a review is refused");
	run->request.numbers = run->numbers;
	if (options & REFUSES_MEMORY) {
		run->request.index.may_grow = may_grow;
		run->request.index.owner = run;
	}
	for (size_t i = 1; i < 3; i++) {
		struct subject *subject = &run->subjects[i];

		subject->memory = &run->memories[1];
		subject->nul_in_trees = rules.nul_in_trees;
		subject->tree = run->subjects[1].tree;
		subject->root =
		    i == 2 ? patched(run, rules.raw) : admwh_request_object(&run->request.pub);
		if (admwh_value_is_absent(subject->root))
			subject->tree = NULL;
		check(subject->tree || (i == 2 && run->is_refused), "there is no object");
	}
	run->memories[1].error = run->request.error.text;
}

static void execute(struct run *run, unsigned int options)
{
	read_review(run, options);
	read_document(run);
	call_root(run);
	for (int i = 0; i < CALLS_MAX && run->program < run->end; i++)
		call(run);
	run->request.numbers = NULL;
	awh_overlay_deinit(&run->overlay);
	awh_request_deinit(&run->request);
	admwh_document_free(run->document);
	json_decref(run->subjects[0].tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const unsigned int options = len > 0 ? bytes[0] : 0;
	const uint8_t *text = bytes + 2;
	const uint8_t *end = len > 2 ? memchr(text, '\0', len - 2) : NULL;
	struct run run = {.end = bytes + len};
	json_t *tree;

	if (!end)
		return 0;
	run.program = end + 1;
	run.asks_left = bytes[1];
	run.numbers = awh_numbers_new();
	awh_buf_init(&run.text, SIZE_MAX);
	awh_buf_init(&run.respelt, SIZE_MAX);
	awh_buf_init(&run.review, SIZE_MAX);
	put_text(&run, options, (const char *)text, (size_t)(end - text));
	tree = parse(&run, &run.text);
	run.subjects[1].tree = tree;
	if (tree)
		execute(&run, options);
	json_decref(tree);
	awh_buf_deinit(&run.text);
	awh_buf_deinit(&run.respelt);
	awh_buf_deinit(&run.review);
	awh_numbers_free(run.numbers);
	return 0;
}
