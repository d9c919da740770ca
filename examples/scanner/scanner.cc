// SPDX-License-Identifier: MIT
/*
 * Asks a scanner over HTTP whether images are clean: GET URL?image=NAME, which answers
 * {"clean": true}. The scanner may be slow: reviews are deferred, threads of the program ask it
 * until the review's deadline, and what it said is remembered for a minute.
 */
#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <unordered_map>

#include <curl/curl.h>

#include <admwh/admwh.hpp>

using clock_type = std::chrono::steady_clock;

namespace
{

struct verdict {
	bool clean;
	clock_type::time_point until;
};

class scanner
{
      public:
	const char *url = nullptr;

	int operator()(const admwh::request &, admwh::response &resp)
	{
		const std::lock_guard lock(mutex_);
		waiting_.push_back(resp.defer());
		ready_.notify_one();
		return 0;
	}
	void start()
	{
		for (int i = 0; i < 16; i++)
			threads_.emplace_back([this] { work(); });
	}
	void stop()
	{
		std::unique_lock lock(mutex_);
		stopping_ = true;
		waiting_.clear(); // they fail
		lock.unlock();
		ready_.notify_all();
		for (auto &thread : threads_)
			thread.join();
	}

      private:
	void work()
	{
		const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(),
									       curl_easy_cleanup);
		for (std::unique_lock lock(mutex_);;) {
			ready_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
			if (stopping_)
				return;
			admwh::deferral deferral = std::move(waiting_.front());
			waiting_.pop_front();
			lock.unlock();
			deferral.complete_by([&](const admwh::request &req, admwh::response &resp) {
				return decide(curl.get(), req, resp);
			});
			lock.lock();
		}
	}
	int decide(CURL *curl, const admwh::request &req, admwh::response &resp)
	{
		for (const auto &container : req.changed_containers()) {
			const char *image = container["image"].string();
			if (!image)
				resp.required(container["image"]);
			else if (!is_clean(curl, image, req.remaining()))
				resp.forbidden(container["image"], "the scanner found faults");
		}
		return resp.decide();
	}
	bool is_clean(CURL *curl, const std::string &image, std::chrono::milliseconds within)
	{
		const auto now = clock_type::now();
		std::unique_lock lock(mutex_);
		const auto known = known_.find(image);
		if (known != known_.end() && known->second.until > now)
			return known->second.clean;
		lock.unlock();
		const bool clean = ask(curl, image, within);
		lock.lock();
		if (known_.size() >= 10000)
			known_.clear();
		known_[image] = {clean, now + std::chrono::minutes(1)};
		return clean;
	}
	bool ask(CURL *curl, const std::string &image, std::chrono::milliseconds within) const
	{
		const std::unique_ptr<char, decltype(&curl_free)> name(
		    curl_easy_escape(curl, image.data(), static_cast<int>(image.size())),
		    curl_free);
		const auto where = std::string(url) + "?image=" + (name ? name.get() : "");
		std::string body;

		curl_easy_setopt(curl, CURLOPT_URL, where.c_str());
		curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
		curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
		curl_easy_setopt(
		    curl, CURLOPT_TIMEOUT_MS,
		    static_cast<long>(std::clamp<std::int64_t>(within.count(), 1, 60000)));
		curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
		curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
		if (const CURLcode err = curl_easy_perform(curl))
			throw std::runtime_error("the scanner: " +
						 std::string(curl_easy_strerror(err)));
		const admwh::document answer(body);
		const auto clean = answer.root()["clean"];
		if (clean.kind() != ADMWH_BOOLEAN)
			throw std::runtime_error("the scanner does not say whether it is clean");
		return clean.is_true();
	}
	static std::size_t append(const char *bytes, std::size_t size, std::size_t count, void *to)
	{
		auto &body = *static_cast<std::string *>(to);
		body.append(bytes, size * count);
		return body.size() <= 65536 ? size * count : 0;
	}

	std::mutex mutex_;
	std::condition_variable ready_;
	std::deque<admwh::deferral> waiting_;
	std::unordered_map<std::string, verdict> known_;
	std::vector<std::thread> threads_;
	bool stopping_ = false;
};

scanner asked;

int set_up(admwh_server *server, void *)
{
	return admwh::add_validator(server, "/validate", asked) ? 0 : ADMWH_E_INVAL;
}

} // namespace

int main(int argc, char **argv)
{
	static admwh_flag url;
	static admwh_program program;

	url.name = "scanner";
	url.value = "URL";
	url.help = "the scanner, asked by GET URL?image=NAME";
	url.text = &asked.url;
	url.required = true;
	program.name = "admwh-scanner";
	program.flags = &url;
	program.n_flags = 1;
	program.setup = set_up;
	program.start = [](void *) { return asked.start(), 0; };
	program.stop = [](void *) { asked.stop(); };
	curl_global_init(CURL_GLOBAL_DEFAULT);
	return admwh_program_main(argc, argv, &program);
}
