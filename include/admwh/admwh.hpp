// SPDX-License-Identifier: MIT
/**
 * @file
 * The library for C++17: what C owns by convention is owned by objects, handlers are callables with
 * state, texts are std::string_view. Header only; link with libadmwh as from C. Every class gives
 * its C counterpart by get(), for what has no method here.
 *
 * The header throws nothing, and compiles with -fno-exceptions: a call that can fail returns 0 or
 * an ADMWH_E_*, a constructor's result is tested as a pointer is. What a handler throws stops at
 * its border and is answered as a failed handler, never as an allow.
 */
#ifndef ADMWH_ADMWH_HPP
#define ADMWH_ADMWH_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <admwh/admwh.h>

/* As in C, a struct and the function that makes it share a name: "struct" tells them apart. */

namespace admwh
{

/** @addtogroup cpp
 * @{ */

namespace detail
{

template <auto Free> struct deleter {
	template <typename T> void operator()(T *object) const noexcept
	{
		Free(object);
	}
};

template <typename T, auto Free> using owner = std::unique_ptr<T, deleter<Free>>;

inline int printed(std::string_view text) noexcept
{
	return static_cast<int>(text.size());
}

} // namespace detail

class value;

/**
 * Children of an array or an object, for a range-based for. Each is a value; those of an object
 * have a key().
 */
class children
{
      public:
	class iterator
	{
	      public:
		explicit iterator(admwh_value at) noexcept : at_(at)
		{
		}
		value operator*() const noexcept;
		iterator &operator++() noexcept
		{
			at_ = admwh_value_next(at_);
			return *this;
		}
		bool operator!=(std::nullptr_t) const noexcept
		{
			return at_.text != nullptr;
		}

	      private:
		admwh_value at_;
	};

	explicit children(admwh_value first) noexcept : first_(first)
	{
	}
	[[nodiscard]] iterator begin() const noexcept
	{
		return iterator(first_);
	}
	[[nodiscard]] std::nullptr_t end() const noexcept
	{
		return nullptr;
	}

      private:
	admwh_value first_;
};

/**
 * A value of the review: admwh_value with methods, copied freely. Borrowed from its request or
 * document; text that it gives lives as long as that.
 */
class value
{
      public:
	value() noexcept = default;
	value(admwh_value from) noexcept : value_(from) // NOLINT: as in C, one becomes the other
	{
	}

	/** A member of an object: admwh_value_getn(). */
	value operator[](std::string_view name) const noexcept
	{
		return admwh_value_getn(value_, name.data(), name.size());
	}
	/** Likewise, by a literal, which is no index. */
	value operator[](const char *name) const noexcept
	{
		return admwh_value_get(value_, name);
	}
	/** An element of an array: admwh_value_at(). */
	template <typename Index, typename = std::enable_if_t<std::is_integral_v<Index>>>
	value operator[](Index index) const noexcept
	{
		return admwh_value_at(value_, static_cast<std::size_t>(index));
	}
	/** By an RFC 6901 pointer: admwh_value_find(). */
	value find(const char *pointer) const noexcept
	{
		return admwh_value_find(value_, pointer);
	}

	admwh_kind kind() const noexcept
	{
		return admwh_value_kind(value_);
	}
	bool is_absent() const noexcept
	{
		return admwh_value_is_absent(value_);
	}
	bool is_set() const noexcept
	{
		return admwh_value_is_set(value_);
	}
	bool is_true() const noexcept
	{
		return admwh_value_is_true(value_);
	}
	/** Is it this text? Judges no other type: admwh_value_is(). */
	bool is(const char *text) const noexcept
	{
		return admwh_value_is(value_, text);
	}

	/**
	 * A string; NULL when absent. What is no string is malformed, and fails the review unless
	 * it is denied: admwh_value_string().
	 */
	const char *string() const noexcept
	{
		return admwh_value_string(value_);
	}
	/**
	 * The text of a string, which may hold NUL; none of what is absent, and of any other kind,
	 * which is not malformed by that: admwh_value_text().
	 */
	std::optional<std::string_view> text() const noexcept
	{
		std::size_t len = 0;
		const char *found = admwh_value_text(value_, &len);

		if (!found)
			return std::nullopt;
		return std::string_view(found, len);
	}
	/** none when absent: admwh_value_integer(). */
	std::optional<std::int64_t> integer() const noexcept
	{
		std::int64_t number = 0;

		if (!admwh_value_integer(value_, &number))
			return std::nullopt;
		return number;
	}
	/** none when absent; what is no boolean is malformed: admwh_value_is_true(). */
	std::optional<bool> boolean() const noexcept
	{
		const bool is = is_true();

		if (kind() != ADMWH_BOOLEAN)
			return std::nullopt;
		return is;
	}
	/** none when absent: admwh_value_real(). */
	std::optional<double> real() const noexcept
	{
		double number = 0;

		if (!admwh_value_real(value_, &number))
			return std::nullopt;
		return number;
	}
	/** The JSON text it was sent as: admwh_value_raw(). */
	std::string_view raw() const noexcept
	{
		std::size_t len = 0;
		const char *found = admwh_value_raw(value_, &len);

		return found ? std::string_view(found, len) : std::string_view();
	}

	std::size_t size() const noexcept
	{
		return admwh_value_size(value_);
	}
	/** Of a member of an object: admwh_value_key(). */
	std::string_view key() const noexcept
	{
		std::size_t len = 0;
		const char *found = admwh_value_key(value_, &len);

		return found ? std::string_view(found, len) : std::string_view();
	}
	/** Of an array; another type is judged as admwh_value_first_element() does. */
	children elements() const noexcept
	{
		return children(admwh_value_first_element(value_));
	}
	/** Of an object; another type is judged as admwh_value_first_member() does. */
	children members() const noexcept
	{
		return children(admwh_value_first_member(value_));
	}
	/** "spec.containers[0].image"; "" of what is absent: admwh_value_path(). */
	const char *path() const noexcept
	{
		return admwh_value_path(value_);
	}

	/** Equal in depth; two absent ones are not: admwh_value_equal(). */
	friend bool operator==(const value &a, const value &b) noexcept
	{
		return admwh_value_equal(a.value_, b.value_);
	}
	friend bool operator!=(const value &a, const value &b) noexcept
	{
		return !(a == b);
	}

	admwh_value get() const noexcept
	{
		return value_;
	}

      private:
	admwh_value value_{};
};

inline value children::iterator::operator*() const noexcept
{
	return at_;
}

/** JSON text of the program's own, for instance its configuration: admwh_document_parse(). */
class document
{
      public:
	explicit document(std::string_view text) noexcept
	    : document_(admwh_document_parse(text.data(), text.size()))
	{
	}
	/** False: malformed, and error() says where; or memory ran out. */
	explicit operator bool() const noexcept
	{
		return document_ && !*error();
	}
	const char *error() const noexcept
	{
		return admwh_document_error(document_.get());
	}
	value root() const noexcept
	{
		return admwh_document_value(document_.get());
	}
	const admwh_document *get() const noexcept
	{
		return document_.get();
	}

      private:
	detail::owner<admwh_document, admwh_document_free> document_;
};

/** An image reference: admwh_image, whose members it has. It holds its texts itself. */
struct image : admwh_image {
	/** Of the review: what is no reference is malformed, see admwh_image_parse(). */
	explicit image(value from) noexcept : admwh_image()
	{
		admwh_image_parse(this, from.get());
	}
	/** Of the program's own: admwh_image_parse_text(). */
	explicit image(const char *text) noexcept : admwh_image()
	{
		admwh_image_parse_text(this, text);
	}
	/** False: it is no reference, and error says why. */
	explicit operator bool() const noexcept
	{
		return error == nullptr;
	}
	/** Is it of this registry, or below this path of it? See admwh_image_matches(). */
	bool matches(const char *prefix) const noexcept
	{
		return admwh_image_matches(this, prefix);
	}
	/** Is it of one of several, as a file of lines has them? See admwh_image_matches_any(). */
	bool matches_any(const char *const *prefixes) const noexcept
	{
		return admwh_image_matches_any(this, prefixes);
	}
	/** In full: "docker.io/library/nginx:1.27". */
	std::string text() const
	{
		char room[ADMWH_IMAGE_TEXT_MAX + 1];

		return std::string(room, admwh_image_format(this, room, sizeof(room)));
	}
	/** The same image: admwh_image_equal(). */
	friend bool operator==(const image &a, const image &b) noexcept
	{
		return admwh_image_equal(&a, &b);
	}
	friend bool operator!=(const image &a, const image &b) noexcept
	{
		return !(a == b);
	}
};

/** A quantity of a resource, exact: admwh_quantity. 0 unless it is one. */
struct quantity : admwh_quantity {
	quantity() noexcept : admwh_quantity()
	{
	}
	/** Of the review: what is no quantity is malformed, see admwh_quantity_parse(). */
	explicit quantity(value from) noexcept : admwh_quantity()
	{
		is_given_ = admwh_quantity_parse(this, from.get()) == 0;
	}
	/** Of the program's own: admwh_quantity_parse_text(). */
	explicit quantity(const char *text) noexcept : admwh_quantity()
	{
		is_given_ = admwh_quantity_parse_text(this, text) == 0;
	}
	/** False: nothing was given, or what is no quantity. */
	explicit operator bool() const noexcept
	{
		return is_given_;
	}
	/** Exactly; false: the sum has too many digits, see admwh_quantity_add(). */
	[[nodiscard]] bool add(const quantity &other) noexcept
	{
		return admwh_quantity_add(this, &other) == 0;
	}
	/** Likewise. */
	[[nodiscard]] bool subtract(const quantity &other) noexcept
	{
		return admwh_quantity_subtract(this, &other) == 0;
	}
	/** In Kubernetes' canonical form: "1500m". */
	std::string text() const
	{
		char room[ADMWH_QUANTITY_TEXT_MAX + 1];

		return std::string(room, admwh_quantity_format(this, room, sizeof(room)));
	}
	/** By value, whatever the forms: "1Ki" is "1024". */
	friend bool operator==(const quantity &a, const quantity &b) noexcept
	{
		return admwh_quantity_compare(&a, &b) == 0;
	}
	friend bool operator!=(const quantity &a, const quantity &b) noexcept
	{
		return !(a == b);
	}
	friend bool operator<(const quantity &a, const quantity &b) noexcept
	{
		return admwh_quantity_compare(&a, &b) < 0;
	}
	friend bool operator>(const quantity &a, const quantity &b) noexcept
	{
		return b < a;
	}
	friend bool operator<=(const quantity &a, const quantity &b) noexcept
	{
		return !(b < a);
	}
	friend bool operator>=(const quantity &a, const quantity &b) noexcept
	{
		return !(a < b);
	}

      private:
	bool is_given_ = false;
};

/** A label selector: admwh_selector. A malformed one matches nothing. */
class selector
{
      public:
	/** The text of `kubectl -l`: admwh_selector_parse(). */
	explicit selector(const char *text) noexcept : selector_(admwh_selector_parse(text))
	{
	}
	/** A metav1.LabelSelector: admwh_selector_new(). */
	explicit selector(value from) noexcept : selector_(admwh_selector_new(from.get()))
	{
	}
	/** False: it is malformed, and error() says why. */
	explicit operator bool() const noexcept
	{
		return !*error();
	}
	const char *error() const noexcept
	{
		return admwh_selector_error(selector_.get());
	}
	/** Does it match these labels? See admwh_selector_matches(). */
	bool matches(value labels) const noexcept
	{
		return admwh_selector_matches(selector_.get(), labels.get());
	}
	const admwh_selector *get() const noexcept
	{
		return selector_.get();
	}

      private:
	detail::owner<admwh_selector, admwh_selector_free> selector_;
};

/** A container of a Pod, with its list and name: admwh_container. */
struct container : admwh_container {
	/** A member, as of its value. */
	admwh::value operator[](std::string_view member) const noexcept
	{
		return admwh::value(value)[member];
	}
};

/** Containers of the Pod of any workload, for a range-based for: admwh_containers(). */
class containers
{
      public:
	class iterator
	{
	      public:
		explicit iterator(struct admwh_containers *walk) noexcept : walk_(walk)
		{
			++*this;
		}
		const container &operator*() const noexcept
		{
			return at_;
		}
		iterator &operator++() noexcept
		{
			more_ = admwh_containers_next(walk_, &at_);
			return *this;
		}
		bool operator!=(std::nullptr_t) const noexcept
		{
			return more_;
		}

	      private:
		struct admwh_containers *walk_;
		container at_{};
		bool more_ = false;
	};

	explicit containers(const struct admwh_containers &walk) noexcept : walk_(walk)
	{
	}
	/** Once: a walk does not begin anew. */
	[[nodiscard]] iterator begin() noexcept
	{
		return iterator(&walk_);
	}
	[[nodiscard]] std::nullptr_t end() const noexcept
	{
		return nullptr;
	}

      private:
	struct admwh_containers walk_;
};

/** A request under review. Members of the C struct by ->. Borrowed: lives as long as the review. */
class request
{
      public:
	explicit request(const admwh_request *req) noexcept : req_(req)
	{
	}
	const admwh_request *operator->() const noexcept
	{
		return req_;
	}
	value object() const noexcept
	{
		return admwh_request_object(req_);
	}
	value old_object() const noexcept
	{
		return admwh_request_old_object(req_);
	}
	value options() const noexcept
	{
		return admwh_request_options(req_);
	}
	/** The Pod of any workload; absent of other kinds: admwh_request_pod(). */
	value pod() const noexcept
	{
		return admwh_request_pod(req_);
	}
	/** Of the lists that which names: admwh_containers(). */
	admwh::containers containers(unsigned int which = ADMWH_ALL_CONTAINERS) const noexcept
	{
		return admwh::containers(admwh_containers(req_, which));
	}
	/** Those that are new or changed in this UPDATE: admwh_changed_containers(). */
	admwh::containers
	changed_containers(unsigned int which = ADMWH_ALL_CONTAINERS) const noexcept
	{
		return admwh::containers(admwh_changed_containers(req_, which));
	}
	/** Of the existing object: admwh_old_containers(). */
	admwh::containers old_containers(unsigned int which = ADMWH_ALL_CONTAINERS) const noexcept
	{
		return admwh::containers(admwh_old_containers(req_, which));
	}
	/** The lines of a file of lines; NULL while there are none: admwh_request_file(). */
	const char *const *lines(const admwh_file *file) const noexcept
	{
		return static_cast<const char *const *>(admwh_request_file(req_, file));
	}
	/** Until the deadline: admwh_request_remaining_ms(). */
	std::chrono::milliseconds remaining() const noexcept
	{
		return std::chrono::milliseconds(admwh_request_remaining_ms(req_));
	}
	const admwh_request *get() const noexcept
	{
		return req_;
	}

      private:
	const admwh_request *req_;
};

class deferral;

/** The response to fill. Borrowed: lives as long as the review. */
class response
{
      public:
	explicit response(admwh_response *resp) noexcept : resp_(resp)
	{
	}
	int allow() noexcept
	{
		return admwh_response_allow(resp_);
	}
	int deny(int code, std::string_view message) noexcept
	{
		return admwh_response_deny(resp_, code, "%.*s", detail::printed(message),
					   message.data());
	}
	int fail(std::string_view message) noexcept
	{
		return admwh_response_fail(resp_, "%.*s", detail::printed(message), message.data());
	}
	int add_warning(std::string_view message) noexcept
	{
		return admwh_response_add_warning(resp_, "%.*s", detail::printed(message),
						  message.data());
	}
	int add_audit_annotation(const char *key, const char *text) noexcept
	{
		return admwh_response_add_audit_annotation(resp_, key, text);
	}
	/** An error of a field, by its value: admwh_response_add_error(). */
	int add_error(admwh_field_error kind, value where, std::string_view detail = {}) noexcept
	{
		if (detail.empty())
			return admwh_response_add_error(resp_, kind, where.get(), nullptr);
		return admwh_response_add_error(resp_, kind, where.get(), "%.*s",
						admwh::detail::printed(detail), detail.data());
	}
	int forbidden(value where, std::string_view detail) noexcept
	{
		return add_error(ADMWH_FORBIDDEN, where, detail);
	}
	int invalid(value where, std::string_view detail) noexcept
	{
		return add_error(ADMWH_INVALID, where, detail);
	}
	int required(value where, std::string_view detail = {}) noexcept
	{
		return add_error(ADMWH_REQUIRED, where, detail);
	}
	/** Checks that add their own error, see require.h. Each tells whether all is right. */
	bool require(value where) noexcept
	{
		return admwh_response_require(resp_, where.get());
	}
	bool require_integer(value where, std::int64_t least, std::int64_t most) noexcept
	{
		return admwh_response_require_integer(resp_, where.get(), least, most);
	}
	bool require_at_most(value where, const quantity &most) noexcept
	{
		return admwh_response_require_quantity(resp_, where.get(), nullptr, &most);
	}
	bool require_at_least(value where, const quantity &least) noexcept
	{
		return admwh_response_require_quantity(resp_, where.get(), &least, nullptr);
	}
	bool require_one_of(value where, std::initializer_list<const char *> texts) noexcept
	{
		return admwh_response_require_one_of(resp_, where.get(), texts.begin(),
						     texts.size());
	}
	bool require_unchanged(value where, value old) noexcept
	{
		return admwh_response_require_unchanged(resp_, where.get(), old.get());
	}
	/** Allow, or deny with all field errors: admwh_response_decide(). */
	int decide() noexcept
	{
		return admwh_response_decide(resp_);
	}
	/** To decide later, on any thread: admwh_response_defer(). Test the result. */
	deferral defer() noexcept;
	admwh_response *get() const noexcept
	{
		return resp_;
	}

      private:
	admwh_response *resp_;
};

/** The patch of a mutator. Borrowed: lives as long as the review. */
class patch
{
      public:
	explicit patch(admwh_patch *from) noexcept : patch_(from)
	{
	}
	int add(const char *pointer, const char *text) noexcept
	{
		return admwh_patch_add_string(patch_, pointer, text);
	}
	int add(const char *pointer, value from) noexcept
	{
		return admwh_patch_add_value(patch_, pointer, from.get());
	}
	int set_label(const char *key, const char *text) noexcept
	{
		return admwh_patch_set_label(patch_, key, text);
	}
	int set_annotation(const char *key, const char *text) noexcept
	{
		return admwh_patch_set_annotation(patch_, key, text);
	}
	/** To a list that may be missing: admwh_patch_append(). */
	int append(const char *list, value from) noexcept
	{
		return admwh_patch_append(patch_, list, from.get());
	}
	/** By name, once: admwh_patch_put(). */
	int put(const char *list, value from) noexcept
	{
		return admwh_patch_put(patch_, list, from.get());
	}
	/** Into the Pod of any workload, by name, once: admwh_patch_put_container(). */
	int put_container(value from,
			  admwh_container_kind kind = ADMWH_ORDINARY_CONTAINERS) noexcept
	{
		return admwh_patch_put_container(patch_, kind, from.get());
	}
	int put_volume(value from) noexcept
	{
		return admwh_patch_put_volume(patch_, from.get());
	}
	/** Into containers of these lists: admwh_patch_put_env(). */
	int put_env(value from, unsigned int which = ADMWH_ORDINARY_CONTAINERS,
		    const char *name = nullptr) noexcept
	{
		return admwh_patch_put_env(patch_, which, name, from.get());
	}
	/** Likewise: admwh_patch_put_volume_mount(). */
	int put_volume_mount(value from, unsigned int which = ADMWH_ORDINARY_CONTAINERS,
			     const char *name = nullptr) noexcept
	{
		return admwh_patch_put_volume_mount(patch_, which, name, from.get());
	}
	/** What the object lacks: admwh_patch_set_defaults(). */
	int set_defaults(value defaults) noexcept
	{
		return admwh_patch_set_defaults(patch_, defaults.get());
	}
	/** Likewise, as JSON text: admwh_patch_set_defaults_text(). */
	int set_defaults(const char *json) noexcept
	{
		return admwh_patch_set_defaults_text(patch_, json);
	}
	/** The object with what was done so far: admwh_patch_value(). */
	value object() noexcept
	{
		return admwh_patch_value(patch_);
	}
	int remove_if_present(const char *pointer) noexcept
	{
		return admwh_patch_remove_if_present(patch_, pointer);
	}
	int remove(const char *pointer) noexcept
	{
		return admwh_patch_remove(patch_, pointer);
	}
	int move(const char *from, const char *to) noexcept
	{
		return admwh_patch_move(patch_, from, to);
	}
	int move_if_present(const char *from, const char *to) noexcept
	{
		return admwh_patch_move_if_present(patch_, from, to);
	}
	int copy(const char *from, const char *to) noexcept
	{
		return admwh_patch_copy(patch_, from, to);
	}
	const char *error() const noexcept
	{
		return admwh_patch_error(patch_);
	}
	admwh_patch *get() const noexcept
	{
		return patch_;
	}

      private:
	admwh_patch *patch_;
};

/** One object to convert. Members of the C struct by ->. Borrowed: lives as long as the call. */
class conversion
{
      public:
	explicit conversion(const admwh_conversion *from) noexcept : conversion_(from)
	{
	}
	const admwh_conversion *operator->() const noexcept
	{
		return conversion_;
	}
	value object() const noexcept
	{
		return conversion_->object;
	}
	/** Fail the whole review: admwh_conversion_fail(). */
	int fail(std::string_view message) const noexcept
	{
		return admwh_conversion_fail(conversion_, "%.*s", detail::printed(message),
					     message.data());
	}
	const admwh_conversion *get() const noexcept
	{
		return conversion_;
	}

      private:
	const admwh_conversion *conversion_;
};

namespace detail
{

/* Nothing thrown may pass through the library's C frames. fail(message): what it is told by. */
template <typename Call, typename Fail> int contained(Call &&call, Fail &&fail) noexcept
{
#ifdef __cpp_exceptions
	try {
		return call();
	} catch (const std::bad_alloc &) {
		return ADMWH_E_NOMEM;
	} catch (const std::exception &thrown) {
		return fail(thrown.what());
	} catch (...) {
		return fail("the handler threw what is no std::exception");
	}
#else
	(void)fail;
	return call();
#endif
}

template <typename Call> int guarded(admwh_response *resp, Call &&call) noexcept
{
	return contained(std::forward<Call>(call), [resp](const char *message) {
		return admwh_response_fail(resp, "%s", message);
	});
}

/* A handler may return an int, as in C, or nothing. */
template <typename Handler, typename... Arguments>
int called(Handler &handler, Arguments &&...arguments)
{
	using result = std::invoke_result_t<Handler &, Arguments...>;

	static_assert(std::is_same_v<result, int> || std::is_void_v<result>,
		      "a handler returns int, as a C handler does, or void");
	if constexpr (std::is_void_v<result>) {
		handler(std::forward<Arguments>(arguments)...);
		return 0;
	} else {
		return handler(std::forward<Arguments>(arguments)...);
	}
}

} // namespace detail

/**
 * A review that is decided later. Freed without complete() it is answered as a failure, so that a
 * forgotten one is never an allow.
 */
class deferral
{
      public:
	explicit deferral(admwh_deferral *from) noexcept : deferral_(from)
	{
	}
	explicit operator bool() const noexcept
	{
		return deferral_ != nullptr;
	}
	admwh::request request() const noexcept
	{
		return admwh::request(admwh_deferral_request(deferral_.get()));
	}
	admwh::response response() const noexcept
	{
		return admwh::response(admwh_deferral_response(deferral_.get()));
	}
	admwh::patch patch() const noexcept
	{
		return admwh::patch(admwh_deferral_patch(deferral_.get()));
	}
	/** Answer it. returned: as a handler's result. The deferral is used up. */
	int complete(int returned = 0) noexcept
	{
		const int err = admwh_deferral_complete(deferral_.get(), returned);

		deferral_.reset();
		return err;
	}
	/**
	 * Answer it by decide(const request &, response &), which is called at once, as a handler
	 * of a route is: what it throws fails the review.
	 */
	template <typename Decide> int complete_by(Decide &&decide) noexcept
	{
		admwh_response *resp = admwh_deferral_response(deferral_.get());

		return complete(detail::guarded(resp, [&] {
			const admwh::request wrapped_request = request();
			admwh::response wrapped_response(resp);

			return detail::called(decide, wrapped_request, wrapped_response);
		}));
	}

      private:
	detail::owner<admwh_deferral, admwh_deferral_free> deferral_;
};

inline deferral response::defer() noexcept
{
	return deferral(admwh_response_defer(resp_));
}

namespace detail
{

template <typename Handler>
int validate(const admwh_request *req, admwh_response *resp, void *userdata) noexcept
{
	return guarded(resp, [=] {
		const request wrapped_request(req);
		response wrapped_response(resp);

		return called(*static_cast<Handler *>(userdata), wrapped_request, wrapped_response);
	});
}

template <typename Handler>
int mutate(const admwh_request *req, admwh_response *resp, admwh_patch *from,
	   void *userdata) noexcept
{
	return guarded(resp, [=] {
		const request wrapped_request(req);
		response wrapped_response(resp);
		patch wrapped_patch(from);

		return called(*static_cast<Handler *>(userdata), wrapped_request, wrapped_response,
			      wrapped_patch);
	});
}

template <typename Handler>
int convert(const admwh_conversion *conv, admwh_patch *from, void *userdata) noexcept
{
	return contained(
	    [=] {
		    const conversion wrapped_conversion(conv);
		    patch wrapped_patch(from);

		    return called(*static_cast<Handler *>(userdata), wrapped_conversion,
				  wrapped_patch);
	    },
	    [conv](const char *message) { return admwh_conversion_fail(conv, "%s", message); });
}

/* Of whatever type. */
using kept = std::unique_ptr<void, void (*)(void *)>;

/* Handlers that routes borrow, of whatever type: freed after what calls them. */
class handlers
{
      public:
	template <typename Handler> Handler *keep(Handler handler)
	{
		auto owned = std::make_unique<Handler>(std::move(handler));
		auto *raw = owned.get();

		all_.push_back(kept(owned.release(),
				    [](void *stored) { delete static_cast<Handler *>(stored); }));
		return raw;
	}

      private:
	std::vector<kept> all_;
};

} // namespace detail

/**
 * Answer a ConversionReview without a server, for tests of a handler, handler(const conversion &,
 * patch &): admwh_review_convert(). "" when memory ran out.
 */
template <typename Handler> std::string convert(std::string_view body, Handler handler)
{
	const detail::owner<admwh_answer, admwh_answer_free> answer(
	    admwh_review_convert(body.data(), body.size(), detail::convert<Handler>, &handler));
	std::size_t len = 0;
	const char *text = admwh_answer_body(answer.get(), &len);

	return answer ? std::string(text, len) : std::string();
}

/**
 * Add a route to a server that C made, as in admwh_program.setup: handler(const request &, response
 * &), which **may be called concurrently** and outlives the server.
 *
 * @return *borrowed*; NULL: admwh_server_error() says why
 */
template <typename Handler>
admwh_route *add_validator(admwh_server *server, const char *path, Handler &handler) noexcept
{
	return admwh_server_add_validator(server, path, detail::validate<Handler>, &handler);
}

/** Likewise: handler(const request &, response &, patch &). */
template <typename Handler>
admwh_route *add_mutator(admwh_server *server, const char *path, Handler &handler) noexcept
{
	return admwh_server_add_mutator(server, path, detail::mutate<Handler>, &handler);
}

/** A server's configuration: admwh_config_*() on get(). */
class config
{
      public:
	config() noexcept : config_(admwh_config_new())
	{
	}
	explicit operator bool() const noexcept
	{
		return config_ != nullptr;
	}
	/** Why the last setter, or server, failed. */
	const char *error() const noexcept
	{
		return admwh_config_error(config_.get());
	}
	admwh_config *get() const noexcept
	{
		return config_.get();
	}

      private:
	detail::owner<admwh_config, admwh_config_free> config_;
};

/**
 * A policy under test, or a route of a server: admwh_route_*() on get(). It owns its handler
 * unless a server does.
 */
class route
{
      public:
	template <typename Handler> static route validator(Handler handler)
	{
		auto owned = std::make_unique<Handler>(std::move(handler));
		auto *made = admwh_route_new_validator(detail::validate<Handler>, owned.get());

		return route(made, std::move(owned));
	}
	template <typename Handler> static route mutator(Handler handler)
	{
		auto owned = std::make_unique<Handler>(std::move(handler));
		auto *made = admwh_route_new_mutator(detail::mutate<Handler>, owned.get());

		return route(made, std::move(owned));
	}
	route(route &&) noexcept = default;
	route &operator=(route &&) = delete; /* would free a handler before its route */
	explicit operator bool() const noexcept
	{
		return route_ != nullptr;
	}
	/** Answer a review without a server, see admwh_route_review(). "" when memory ran out. */
	std::string review(std::string_view body) const
	{
		const detail::owner<admwh_answer, admwh_answer_free> answer(
		    admwh_route_review(get(), body.data(), body.size()));
		std::size_t len = 0;
		const char *text = admwh_answer_body(answer.get(), &len);

		return answer ? std::string(text, len) : std::string();
	}
	/** Does it allow this review? */
	bool allows(std::string_view body) const noexcept
	{
		const detail::owner<admwh_answer, admwh_answer_free> answer(
		    admwh_route_review(get(), body.data(), body.size()));

		return admwh_answer_is_allowed(answer.get());
	}
	admwh_route *get() const noexcept
	{
		return route_.get();
	}

      private:
	template <typename Handler>
	route(admwh_route *made, std::unique_ptr<Handler> handler)
	    : handler_(handler.release(),
		       [](void *owned) { delete static_cast<Handler *>(owned); }),
	      route_(made)
	{
	}

	std::unique_ptr<void, void (*)(void *)> handler_; /* outlives the route */
	detail::owner<admwh_route, admwh_route_free> route_;
};

/** A server with the handlers that its routes call. */
class server
{
      public:
	/** Test the result; config.error() says why there is none. */
	explicit server(const config &from) noexcept : server_(admwh_server_new(from.get()))
	{
	}
	server(server &&) noexcept = default;
	server &operator=(server &&) = delete; /* would free handlers before their server */
	explicit operator bool() const noexcept
	{
		return server_ != nullptr;
	}

	/**
	 * Add a route: handler(const request &, response &), which **may be called concurrently**.
	 *
	 * @return *borrowed*; NULL: error() says why
	 */
	template <typename Handler> admwh_route *validator(const char *path, Handler handler)
	{
		return admwh_server_add_validator(get(), path, detail::validate<Handler>,
						  handlers_.keep(std::move(handler)));
	}
	/** Likewise: handler(const request &, response &, patch &). */
	template <typename Handler> admwh_route *mutator(const char *path, Handler handler)
	{
		return admwh_server_add_mutator(get(), path, detail::mutate<Handler>,
						handlers_.keep(std::move(handler)));
	}
	/** Conversions, handler(const conversion &, patch &): admwh_server_add_conversion(). */
	template <typename Handler> [[nodiscard]] int conversion(const char *path, Handler handler)
	{
		return admwh_server_add_conversion(get(), path, detail::convert<Handler>,
						   handlers_.keep(std::move(handler)));
	}

	/** Serve until it is stopped: admwh_server_run(). */
	[[nodiscard]] int run() noexcept
	{
		return admwh_server_run(get());
	}
	/** Serve on the library's threads: admwh_server_start(). */
	[[nodiscard]] int start() noexcept
	{
		return admwh_server_start(get());
	}
	int wait() noexcept
	{
		return admwh_server_wait(get());
	}
	/** From any thread and from signal handlers. */
	void stop() noexcept
	{
		admwh_server_stop(get());
	}
	std::uint16_t port() const noexcept
	{
		return admwh_server_port(get());
	}
	const char *error() const noexcept
	{
		return admwh_server_error(get());
	}
	admwh_server *get() const noexcept
	{
		return server_.get();
	}

      private:
	detail::handlers handlers_; /* outlive the server */
	detail::owner<admwh_server, admwh_server_free> server_;
};

/** @} */

} // namespace admwh

#endif
