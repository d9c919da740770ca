/* SPDX-License-Identifier: MIT */
#include "dispatch/convert.h"

#include <stdio.h>
#include <string.h>

#include "dispatch/decide.h"
#include "review/conversion.h"

/* Bytes of a namespace and of a name in a message, as long as Kubernetes lets them be; and of it.
 */
enum { NAME_SHOWN = 253, MESSAGE = 1100 };

/* A review in progress. */
struct conversion {
	struct awh_review *review;
	struct awh_request *request; /* its */
	struct awh_conversion handed;
	struct awh_convertible object;
	struct awh_index index; /* of what the object has become */
	/*
	 * What the request asks for. An object gives its memory back before the next one takes its
	 * own, so that of all together it counts what the largest took.
	 */
	awh_take_fn *take;
	void *owner;
	size_t taken, granted; /* bytes */
	char message[MESSAGE]; /* of an object's failure, with its name */
};

/* In the place of the request's own. */
static int take(void *owner, size_t bytes, struct awh_error *error)
{
	struct conversion *conversion = owner;
	int err = 0;

	conversion->taken += bytes;
	if (conversion->taken > conversion->granted)
		err = conversion->take(conversion->owner, conversion->taken - conversion->granted,
				       error);
	if (err == 0 && conversion->taken > conversion->granted)
		conversion->granted = conversion->taken;
	return err;
}

static void begin(struct conversion *conversion, struct awh_review *review)
{
	struct awh_request *request = &review->request;

	*conversion = (struct conversion){
	    .review = review,
	    .request = request,
	    .take = request->take,
	    .owner = request->owner,
	};
	if (!request->take)
		return;
	request->take = take;
	request->owner = conversion;
}

static void end(struct conversion *conversion)
{
	conversion->request->take = conversion->take;
	conversion->request->owner = conversion->owner;
	awh_index_deinit(&conversion->index);
}

/* Read the next object. Its memory, the answer so far apart, begins here. */
static int begin_object(struct conversion *conversion, uint32_t entry)
{
	struct awh_request *request = conversion->request;

	conversion->taken = conversion->review->answer.len;
	awh_payload_set(&request->payloads[AWH_OBJECT], &request->index, entry);
	return awh_convertible_read(&conversion->object, request, entry,
				    &conversion->review->error);
}

static void end_object(struct conversion *conversion)
{
	struct awh_request *request = conversion->request;

	awh_request_release(request);
	request->may_edit = false;
	awh_arena_reset(&request->arena);
}

static bool is_converted(const struct conversion *conversion)
{
	return strcmp(conversion->object.version, conversion->handed.pub.desired_version) == 0;
}

/*
 * A failure is told with the object's place, unless the reason begins with it. Its namespace and
 * name are for the answer alone, not for the log.
 */
static int blame(struct conversion *conversion, const struct awh_error *reason)
{
	const struct awh_convertible *object = &conversion->object;
	const char *text = reason->text;
	char place[48];
	size_t len;

	snprintf(place, sizeof(place), "request.objects[%zu]", conversion->handed.pub.index);
	len = strlen(place);
	if (strncmp(text, place, len) == 0 && text[len] == '.')
		text += len + 1;
	snprintf(conversion->message, sizeof(conversion->message), "%s (%.*s%s%.*s): %s", place,
		 NAME_SHOWN, object->ns ? object->ns : "", object->ns ? "/" : "", NAME_SHOWN,
		 object->name ? object->name : "", text);
	return awh_fail(&conversion->review->error, reason->code, "%s: %s", place, text);
}

static int set_version(const struct conversion *conversion, struct admwh_patch *patch)
{
	return admwh_patch_add_string(patch, "/apiVersion",
				      conversion->request->conversion.desired);
}

/* Why the handler has not converted the object; 0. */
static int check(struct conversion *conversion, int returned, struct admwh_patch *patch,
		 struct awh_error *reason)
{
	const struct awh_error *failure = &conversion->handed.failure;
	int err = awh_patch_finish(patch);

	if (conversion->request->error.code)
		*reason = conversion->request->error;
	else if (failure->code)
		*reason = *failure;
	else if (err)
		awh_fail(reason, ADMWH_E_PATCH, "patch: %s", patch->failure.text);
	else if (returned < 0)
		awh_fail(reason, ADMWH_E_HANDLER, "handler failed (%d)", returned);
	else if (set_version(conversion, patch))
		awh_fail(reason, ADMWH_E_PATCH, "patch: %s", patch->failure.text);
	return reason->code;
}

/* Append what the object has become. */
static int put(struct conversion *conversion, struct admwh_patch *patch, struct awh_error *reason)
{
	struct awh_request *request = conversion->request;
	struct awh_buf *answer = &conversion->review->answer;
	const size_t start = answer->len;
	int err = 0;

	awh_patch_write_object(answer, patch);
	if (answer->err)
		return awh_fail(reason, answer->err, "answer: %s", admwh_strerror(answer->err));
	if (request->take)
		err = request->take(request->owner, answer->len - start, &request->error);
	if (err)
		*reason = request->error;
	return err ? err
		   : awh_converted_check(request, &conversion->object, answer->data + start,
					 answer->len - start, &conversion->index, reason);
}

static int call_handler(struct conversion *conversion)
{
	const struct admwh_route *route = conversion->review->route;
	struct admwh_conversion *pub = &conversion->handed.pub;
	struct awh_error reason = {0};
	struct admwh_patch patch;
	int returned;

	pub->kind = conversion->object.kind;
	pub->version = conversion->object.version;
	pub->name = conversion->object.name;
	pub->ns = conversion->object.ns;
	pub->object = awh_request_value(conversion->request, AWH_OBJECT);
	awh_patch_init(&patch, conversion->request);
	patch.options = awh_route_patching(route);
	returned = route->convert(pub, &patch, route->userdata);
	if (check(conversion, returned, &patch, &reason) == 0)
		put(conversion, &patch, &reason);
	awh_patch_deinit(&patch);
	return reason.code ? blame(conversion, &reason) : 0;
}

static int convert_object(struct conversion *conversion, uint32_t entry)
{
	struct awh_review *review = conversion->review;
	const char *text;
	size_t len;
	int err = begin_object(conversion, entry);

	if (err == 0 && awh_review_is_late(review)) {
		awh_review_late_error(review, &review->error);
		err = review->error.code;
	} else if (err == 0 && is_converted(conversion)) {
		text = awh_index_raw(&conversion->request->index, entry, &len);
		awh_buf_put(&review->answer, text, len);
	} else if (err == 0) {
		err = call_handler(conversion);
	}
	end_object(conversion);
	return err;
}

/* No handler is called before all objects are what they must be. */
static int check_object(struct conversion *conversion, uint32_t entry)
{
	int err = begin_object(conversion, entry);

	end_object(conversion);
	return err;
}

static int for_each(struct conversion *conversion,
		    int (*act)(struct conversion *conversion, uint32_t entry), const char *between)
{
	const struct awh_index *index = &conversion->request->index;
	const uint32_t array = conversion->request->conversion.objects;
	struct admwh_conversion *pub = &conversion->handed.pub;
	int err = 0;

	pub->index = 0;
	for (uint32_t at = array + 1; at < index->entries[array].next && err == 0;
	     at = awh_index_behind(index, at), pub->index++) {
		if (pub->index > 0)
			awh_buf_puts(&conversion->review->answer, between);
		err = act(conversion, at);
	}
	return err;
}

static int convert(struct conversion *conversion)
{
	struct awh_review *review = conversion->review;
	const struct awh_request *request = conversion->request;
	struct admwh_conversion *pub = &conversion->handed.pub;
	int err = awh_conversion_check_desired(request, &review->error);

	conversion->handed.request = request;
	pub->uid = request->pub.uid;
	pub->group = request->pub.kind->group;
	pub->desired_version = request->pub.kind->version;
	pub->count = request->conversion.count;
	pub->http = request->pub.http;
	if (err == 0)
		err = for_each(conversion, check_object, "");
	awh_conversion_put_begin(&review->answer, request);
	if (err == 0)
		err = for_each(conversion, convert_object, ",");
	awh_conversion_put_end(&review->answer);
	if (err == 0 && review->answer.err)
		err = awh_fail(&review->error, review->answer.err, "answer: %s",
			       admwh_strerror(review->answer.err));
	return err;
}

const void *admwh_conversion_file(const struct admwh_conversion *conv,
				  const struct admwh_file *file)
{
	const struct awh_conversion *conversion = (const struct awh_conversion *)conv;

	return conv ? admwh_request_file(&conversion->request->pub, file) : NULL;
}

static void finish(struct conversion *conversion, int err)
{
	struct awh_review *review = conversion->review;

	if (err == 0) {
		review->status = 200;
		review->outcome = AWH_OUTCOME_CONVERTED;
		return;
	}
	awh_review_fail_or_shed(review, NULL);
	if (review->outcome == AWH_OUTCOME_SHED || !conversion->message[0])
		return;
	awh_buf_reset(&review->answer);
	awh_conversion_put_failure(&review->answer, conversion->request, conversion->message);
}

/*
 * The strings of the envelope stay in the request's arena, which others may read meanwhile; those
 * of an object are in one of their own.
 */
void awh_review_convert(struct awh_review *review)
{
	const struct awh_arena envelope = review->request.arena;
	struct conversion conversion;
	int err;

	awh_review_ref(review);
	atomic_fetch_add(&review->readers, 1);
	begin(&conversion, review);
	review->request.arena = (struct awh_arena)AWH_ARENA_NULL;
	err = convert(&conversion);
	awh_arena_deinit(&review->request.arena);
	review->request.arena = envelope;
	end(&conversion);
	finish(&conversion, err);
	awh_review_release(review);
	awh_review_unref(review);
}
