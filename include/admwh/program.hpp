// SPDX-License-Identifier: MIT
/**
 * @file
 * A whole webhook in C++17: its flags, its handlers, and threads of its own for those that wait.
 *
 *     int main(int argc, char **argv)
 *     {
 *             admwh::program program("admwh-scanner");
 *
 *             program.validator("/validate", policy);
 *             program.queued_validator("/scan", ask_the_scanner, 16);
 *             return program.main(argc, argv);
 *     }
 */
#ifndef ADMWH_PROGRAM_HPP
#define ADMWH_PROGRAM_HPP

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <admwh/admwh.hpp>

namespace admwh
{

/** @addtogroup cpp
 * @{ */

/** Threads that begin and end with a process that serves; see admwh_program.start. */
class started
{
      public:
	virtual ~started() = default;
	/** 0; negative: they cannot be started, and the process does not serve. */
	virtual int start() noexcept = 0;
	virtual void stop() noexcept = 0;
};

/**
 * A validator on threads of its own, for one that waits: for another service, say. Reviews wait for
 * a thread in their order, without one of the library's workers, and are decided by their deadline
 * or not at all: those that are past it have been answered, and are passed over. Those that are
 * left when it is stopped fail.
 *
 * It is a handler itself: handler(const request &, response &) is called as one of a route is, on
 * one of the threads, several at a time. What it throws fails the review.
 */
template <typename Handler> class queue final : public started
{
      public:
	queue(Handler handler, unsigned int threads) : handler_(std::move(handler)), n_(threads)
	{
	}
	queue(const queue &) = delete;
	queue &operator=(const queue &) = delete;
	~queue() override
	{
		stop();
	}

	int operator()(const request &, response &resp)
	{
		deferral later = resp.defer();
		const std::lock_guard<std::mutex> lock(mutex_);

		if (!stopping_)
			waiting_.push_back(std::move(later));
		ready_.notify_one();
		return 0;
	}
	int start() noexcept override
	{
		const int err = detail::contained(
		    [this] {
			    while (threads_.size() < n_)
				    threads_.emplace_back([this] { work(); });
			    return 0;
		    },
		    [](const char *) { return ADMWH_E_IO; });

		if (err < 0)
			stop();
		return err;
	}
	void stop() noexcept override
	{
		std::deque<deferral> left;
		{
			const std::lock_guard<std::mutex> lock(mutex_);

			stopping_ = true;
			left.swap(waiting_); // they fail
		}
		ready_.notify_all();
		for (auto &thread : threads_)
			thread.join();
		threads_.clear();
	}

      private:
	/* The next review that can still be decided; none: it is stopped. */
	deferral next()
	{
		std::unique_lock<std::mutex> lock(mutex_);

		for (;;) {
			ready_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
			if (stopping_)
				return deferral(nullptr);
			deferral found = std::move(waiting_.front());
			waiting_.pop_front();
			if (found && found.request().remaining().count() > 0)
				return found;
		}
	}
	void work()
	{
		while (deferral found = next())
			found.complete_by(handler_);
	}

	Handler handler_;
	const unsigned int n_;
	std::mutex mutex_;
	std::condition_variable ready_;
	std::deque<deferral> waiting_;
	std::vector<std::thread> threads_;
	bool stopping_ = false;
};

/**
 * The main function of a webhook: admwh_program_main(). What is added has to be there before
 * main(); it keeps the handlers. Handlers **may be called concurrently**. A handler that is to be
 * shared, or cannot be moved, is given by std::ref().
 */
class program
{
      public:
	/** name, and about, which help says first, are borrowed: literals. */
	explicit program(const char *name, const char *about = nullptr) noexcept
	{
		program_.name = name;
		program_.about = about;
	}
	program(const program &) = delete;
	program &operator=(const program &) = delete;

	/**
	 * A flag of the program's own, by the type of its variable: a text, a switch, a number, a
	 * quantity, or a file of lines. What else is to be said of it is set on the result, which
	 * stands until the next flag is added: `program.flag(...).required = true`.
	 */
	admwh_flag &flag(const char *name, const char *value, const char *help, const char *&text)
	{
		return add(name, value, help, &admwh_flag::text, &text);
	}
	admwh_flag &flag(const char *name, const char *help, bool &on)
	{
		return add(name, nullptr, help, &admwh_flag::on, &on);
	}
	admwh_flag &flag(const char *name, const char *value, const char *help,
			 std::uint64_t &number)
	{
		return add(name, value, help, &admwh_flag::number, &number);
	}
	admwh_flag &flag(const char *name, const char *value, const char *help,
			 admwh_quantity &quantity)
	{
		return add(name, value, help, &admwh_flag::quantity, &quantity);
	}
	admwh_flag &flag(const char *name, const char *value, const char *help, admwh_file *&lines)
	{
		return add(name, value, help, &admwh_flag::lines, &lines);
	}

	/**
	 * A route: handler(const request &, response &). A filter is set on the result, which
	 * stands until the next route is added: `program.validator(...).kind = "Pod"`.
	 */
	template <typename Handler>
	admwh_program_route &validator(const char *path, Handler handler)
	{
		auto &route = add(path, handlers_.keep(std::move(handler)));

		route.validate = detail::validate<Handler>;
		return route;
	}
	/** Likewise: handler(const request &, response &, patch &). */
	template <typename Handler> admwh_program_route &mutator(const char *path, Handler handler)
	{
		auto &route = add(path, handlers_.keep(std::move(handler)));

		route.mutate = detail::mutate<Handler>;
		return route;
	}
	/** Likewise: handler(const conversion &, patch &). */
	template <typename Handler>
	admwh_program_route &conversion(const char *path, Handler handler)
	{
		auto &route = add(path, handlers_.keep(std::move(handler)));

		route.convert = detail::convert<Handler>;
		return route;
	}
	/** As validator(), on threads of its own: see queue. */
	template <typename Handler>
	admwh_program_route &queued_validator(const char *path, Handler handler,
					      unsigned int threads)
	{
		auto made = std::make_unique<queue<Handler>>(std::move(handler), threads);
		auto &route = add(path, made.get());

		route.validate = detail::validate<queue<Handler>>;
		started_.push_back(std::move(made));
		return route;
	}

	/** Read flags, serve until SIGTERM, drain. For main() to return. */
	[[nodiscard]] int main(int argc, char **argv) noexcept
	{
		program_.flags = flags_.data();
		program_.n_flags = flags_.size();
		program_.routes = routes_.data();
		program_.n_routes = routes_.size();
		program_.start = start;
		program_.stop = stop;
		program_.userdata = this;
		return admwh_program_main(argc, argv, &program_);
	}
	/** What has no method here; main() sets flags, routes, start, stop and userdata. */
	admwh_program *get() noexcept
	{
		return &program_;
	}

      private:
	template <typename Target>
	admwh_flag &add(const char *name, const char *value, const char *help,
			Target admwh_flag::*member, Target variable)
	{
		admwh_flag flag{};

		flag.name = name;
		flag.value = value;
		flag.help = help;
		flag.*member = variable;
		flags_.push_back(flag);
		return flags_.back();
	}
	admwh_program_route &add(const char *path, void *userdata)
	{
		admwh_program_route route{};

		route.path = path;
		route.userdata = userdata;
		routes_.push_back(route);
		return routes_.back();
	}
	static void stop(void *userdata) noexcept
	{
		for (const auto &each : static_cast<program *>(userdata)->started_)
			each->stop();
	}
	/* The library stops what has started, unless it is the start that fails. */
	static int start(void *userdata) noexcept
	{
		for (const auto &each : static_cast<program *>(userdata)->started_) {
			const int err = each->start();

			if (err) {
				stop(userdata);
				return err;
			}
		}
		return 0;
	}

	admwh_program program_{};
	std::vector<admwh_flag> flags_;
	std::vector<admwh_program_route> routes_;
	detail::handlers handlers_;
	std::vector<std::unique_ptr<started>> started_;
};

/** @} */

} // namespace admwh

#endif
