/* SPDX-License-Identifier: MIT */
/* Policies by <admwh/admwh.hpp>. Exits with 0 when all is right, else with the number of a check. */
#include <cstdio>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#ifdef __cpp_exceptions
#include <new>
#include <stdexcept>
#endif

#include <admwh/admwh.hpp>

namespace {

std::string review(const std::string &object)
{
	return R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u-1",)"
	       R"("kind":{"group":"","version":"v1","kind":"Pod"},)"
	       R"("resource":{"group":"","version":"v1","resource":"pods"},)"
	       R"("operation":"CREATE","userInfo":{},"object":)" +
	       object + "}}";
}

bool holds(const std::string &text, std::string_view part)
{
	return text.find(part) != std::string::npos;
}

/* State, an iteration, errors of fields. */
bool denies_what_is_privileged()
{
	int asked = 0;
	const auto route =
	    admwh::route::validator([&asked](const admwh::request &req, admwh::response &resp) {
		    asked++;
		    for (const auto &container : req.containers())
			    if (container["securityContext"]["privileged"].is_true())
				    resp.forbidden(container["securityContext"], "is privileged");
		    return resp.decide();
	    });
	const auto denied = route.review(review(
	    R"({"spec":{"containers":[{"name":"a"},{"name":"b","securityContext":{"privileged":true}}]}})"));

	return route.allows(review(R"({"spec":{"containers":[{"name":"a"}]}})")) &&
	       holds(denied, "spec.containers[1].securityContext: Forbidden: is privileged") &&
	       !route.allows(review(R"({"spec":{"containers":{}}})")) && !route.allows("{}") &&
	       asked == 3;
}

/* Values: members, elements, texts that hold what they hold. */
bool reads_values()
{
	const admwh::document text(
	    R"({"a":{"x":"one","y":2,"z":[1,2.5,null]},"nul":"a\u0000b"})");
	const admwh::value root = text.root(), a = root["a"];
	std::string keys;
	double sum = 0;

	for (const auto member : a.members())
		keys += member.key();
	for (const auto element : a["z"].elements())
		sum += element.real().value_or(100);
	return text && keys == "xyz" && a["x"].is("one") && a["x"].text() == "one" &&
	       a["y"].integer() == 2 && !a["y"].text() && sum == 103.5 && !a["z"][2].is_set() &&
	       a["z"].size() == 3 && a["z"].raw() == "[1,2.5,null]" && a == root.find("/a") &&
	       root["nul"].text()->size() == 3 && !admwh::document("{") &&
	       std::string(a["x"].path()) == "a.x";
}

bool patches()
{
	const auto route = admwh::route::mutator(
	    [](const admwh::request &req, admwh::response &resp, admwh::patch &patch) {
		    patch.set_label("example.com/team", "a");
		    if (!patch.object()["metadata"]["labels"]["example.com/team"].is("a"))
			    return resp.fail("the patch does not see itself");
		    return req->operation == ADMWH_CREATE ? resp.allow() : resp.deny(403, "no");
	    });

	return holds(route.review(review(R"({"metadata":{"name":"x"}})")), "\"patch\"");
}

/* A handler may return nothing. */
bool takes_void()
{
	const auto route = admwh::route::validator(
	    [](const admwh::request &, admwh::response &resp) { resp.allow(); });
	const auto undecided =
	    admwh::route::validator([](const admwh::request &, admwh::response &) {});

	return route.allows(review("{}")) && !undecided.allows(review("{}"));
}

/* One that is forgotten fails, one that is completed on another thread counts. */
bool defers()
{
	std::vector<std::thread> threads;
	const auto forgotten = admwh::route::validator(
	    [](const admwh::request &, admwh::response &resp) { resp.defer(); });
	const auto later =
	    admwh::route::validator([&threads](const admwh::request &, admwh::response &resp) {
		    threads.emplace_back([deferral = resp.defer()]() mutable {
			    deferral.response().allow();
			    deferral.complete();
		    });
	    });
	const auto by_call =
	    admwh::route::validator([&threads](const admwh::request &, admwh::response &resp) {
		    threads.emplace_back([deferral = resp.defer()]() mutable {
			    deferral.complete_by([](const admwh::request &req, admwh::response &decided) {
				    const auto name = req.object()["name"];

				    return name.is("good") ? decided.allow() : decided.deny(403, name.path());
			    });
		    });
	    });
	const bool is_right = !forgotten.allows(review("{}")) && later.allows(review("{}")) &&
			      by_call.allows(review(R"({"name":"good"})")) &&
			      !by_call.allows(review("{}"));

	for (auto &thread : threads)
		thread.join();
	return is_right;
}

/* A string of another kind is malformed; its text, of any kind, is not. */
bool tells_strings()
{
	const auto strict =
	    admwh::route::validator([](const admwh::request &req, admwh::response &resp) {
		    const char *name = req.object()["name"].string();

		    return name && std::string(name) != "a" ? resp.deny(403, name) : resp.allow();
	    });

	return strict.allows(review(R"({"name":"a"})")) && !strict.allows(review(R"({"name":"b"})")) &&
	       strict.allows(review("{}")) && !strict.allows(review(R"({"name":7})"));
}

/* An error without a detail, and handlers of a server that C made. */
bool lends_handlers()
{
	auto check = [](const admwh::request &req, admwh::response &resp) {
		resp.required(req.object()["name"]);
		return resp.decide();
	};
	auto label = [](const admwh::request &, admwh::response &resp, admwh::patch &patch) {
		patch.set_label("a", "b");
		return resp.allow();
	};
	const admwh::config config;

	if (admwh_config_insecure_plain_http(config.get()) ||
	    admwh_config_set_listen(config.get(), "127.0.0.1:0"))
		return false;
	const admwh::server server(config);
	const auto *checks = admwh::add_validator(server.get(), "/check", check);
	const auto *labels = admwh::add_mutator(server.get(), "/label", label);
	auto *denied = admwh_route_review(checks, review("{}").data(), review("{}").size());
	auto *labelled = admwh_route_review(labels, review("{}").data(), review("{}").size());
	const bool is_right = holds(admwh_answer_body(denied, nullptr), "name: Required value\"") &&
			      holds(admwh_answer_body(labelled, nullptr), "JSONPatch") &&
			      !admwh::add_validator(nullptr, "/", check);

	admwh_answer_free(denied);
	admwh_answer_free(labelled);
	return is_right;
}

/* Nothing is thrown through the library. */
bool stops_exceptions()
{
#ifdef __cpp_exceptions
	const auto route =
	    admwh::route::validator([](const admwh::request &req, admwh::response &resp) -> int {
		    const auto name = req.object()["metadata"]["name"].text();

		    resp.allow(); // what it has decided before it throws does not count
		    if (!name)
			    throw std::runtime_error("there is no name");
		    if (*name == "odd")
			    throw 1;
		    throw std::bad_alloc();
	    });

	std::thread thread;
	const auto later =
	    admwh::route::validator([&thread](const admwh::request &, admwh::response &resp) {
		    thread = std::thread([deferral = resp.defer()]() mutable {
			    deferral.complete_by([](const admwh::request &, admwh::response &decided) {
				    decided.allow();
				    throw std::runtime_error("it threw later");
			    });
		    });
	    });
	const bool is_told = holds(later.review(review("{}")), "it threw later");

	thread.join();
	return is_told && holds(route.review(review("{}")), "there is no name") &&
	       !route.allows(review("{}")) &&
	       !route.allows(review(R"({"metadata":{"name":"odd"}})")) &&
	       !route.allows(review(R"({"metadata":{"name":"x"}})"));
#else
	return true;
#endif
}

/* A server that cannot be is told. */
bool tells_errors()
{
	const admwh::config config;
	const admwh::server server(config);

	return config && !server && *config.error();
}

} // namespace

int main()
{
	bool (*const checks[])() = {denies_what_is_privileged, reads_values, patches, takes_void,
				    defers, tells_strings, lends_handlers, stops_exceptions, tells_errors};
	int n = 0;

	for (const auto check : checks) {
		n++;
		if (!check()) {
			std::printf("check %d failed\n", n);
			return n;
		}
	}
	return 0;
}
