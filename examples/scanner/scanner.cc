// SPDX-License-Identifier: MIT
/*
 * Asks a scanner over HTTP whether images are clean: GET URL?image=NAME, which answers
 * {"clean": true}. The scanner may be slow: threads of the program ask it until the deadline of
 * the review, and what it said is remembered for a minute.
 */
#include <algorithm>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <unordered_map>

#include <curl/curl.h>

#include <admwh/program.hpp>

using std::chrono::milliseconds;

namespace
{

std::size_t append(const char *bytes, std::size_t size, std::size_t count, void *to)
{
	auto &body = *static_cast<std::string *>(to);
	body.append(bytes, size * count);
	return body.size() <= 65536 ? size * count : 0;
}

std::string get(const std::string &url, const std::string &image, milliseconds within)
{
	thread_local const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> owned(
	    curl_easy_init(), curl_easy_cleanup); // keeps its connection
	CURL *curl = owned.get();
	const std::unique_ptr<char, decltype(&curl_free)> name(
	    curl_easy_escape(curl, image.data(), static_cast<int>(image.size())), curl_free);
	const auto where = url + "?image=" + (name ? name.get() : "");
	std::string body;

	curl_easy_setopt(curl, CURLOPT_URL, where.c_str());
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, std::max<long>(within.count(), 1));
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
	if (const CURLcode err = curl_easy_perform(curl))
		throw std::runtime_error(std::string("the scanner: ") + curl_easy_strerror(err));
	return body;
}

class scanner
{
      public:
	const char *url = nullptr;

	int operator()(const admwh::request &req, admwh::response &resp)
	{
		for (const auto &container : req.changed_containers()) {
			const char *image = container["image"].string();
			if (!image)
				resp.required(container["image"]);
			else if (!is_clean(image, req.remaining()))
				resp.forbidden(container["image"], "the scanner found faults");
		}
		return resp.decide();
	}

      private:
	bool is_clean(const std::string &image, milliseconds within)
	{
		const auto now = std::chrono::steady_clock::now();
		std::unique_lock lock(mutex_);
		const auto known = known_.find(image);
		if (known != known_.end() && known->second.until > now)
			return known->second.clean;
		lock.unlock();
		const bool clean = ask(image, within);
		lock.lock();
		if (known_.size() >= 10000)
			known_.clear();
		known_[image] = {clean, now + std::chrono::minutes(1)};
		return clean;
	}
	bool ask(const std::string &image, milliseconds within) const
	{
		const admwh::document answer(get(url, image, within));
		if (const auto clean = answer.root()["clean"].boolean())
			return *clean;
		throw std::runtime_error("the scanner does not say whether it is clean");
	}

	struct verdict {
		bool clean;
		std::chrono::steady_clock::time_point until;
	};
	std::mutex mutex_;
	std::unordered_map<std::string, verdict> known_;
};

} // namespace

int main(int argc, char **argv)
{
	scanner scanner;
	admwh::program program("admwh-scanner");

	program.flag("scanner", "URL", "asked by GET URL?image=NAME", scanner.url).required = true;
	program.queued_validator("/validate", std::ref(scanner), 16);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	return program.main(argc, argv);
}
