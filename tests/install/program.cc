/* SPDX-License-Identifier: MIT */
/* Policies by <admwh/admwh.hpp> and <admwh/program.hpp>. Exits with 0 when all is right, else with the number of a check. */
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#ifdef __cpp_exceptions
#include <new>
#include <stdexcept>
#endif

#include <admwh/program.hpp>

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
	    R"({"a":{"x":"one","y":2,"z":[1,2.5,null]},"nul":"a\u0000b","on":false})");
	const admwh::value root = text.root(), a = root["a"];
	std::string keys;
	double sum = 0;

	for (const auto member : a.members())
		keys += member.key();
	for (const auto element : a["z"].elements())
		sum += element.real().value_or(100);
	return text && keys == "xyz" && a["x"].is("one") && a["x"].text() == "one" &&
	       a["y"].integer() == 2 && !a["y"].text() && sum == 103.5 && !a["z"][2].is_set() &&
	       root["on"].boolean() == false && !a["x"].boolean() && !a["gone"].boolean() &&
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

/* What is asked of images, quantities and labels. */
bool knows_kubernetes()
{
	const admwh::image one("nginx:1.27"), none("Nginx");
	const char *const registries[] = {"quay.io", "docker.io/library", nullptr};
	admwh::quantity sum("1500m");
	const admwh::selector gold("tier in (gold,silver)"), broken("a in");
	const admwh::document text(
	    R"({"gold":{"tier":"gold"},"image":"a.io/b@sha256:c","q":"2Gi","none":"x"})");

	return one && !none && one.text() == "docker.io/library/nginx:1.27" && one == admwh::image("nginx:1.27") &&
	       one != none && one.matches("docker.io") && one.matches_any(registries) &&
	       !none.matches_any(registries) && !admwh::image(text.root()["image"]) &&
	       sum.add(admwh::quantity("500m")) && sum == admwh::quantity("2") && sum.text() == "2" &&
	       sum.subtract(admwh::quantity("1")) && sum < admwh::quantity(text.root()["q"]) &&
	       admwh::quantity("1Ki") >= admwh::quantity("1024") && !admwh::quantity(text.root()["gone"]) &&
	       !admwh::quantity("x") && gold && gold.matches(text.root()["gold"]) && !broken &&
	       !broken.matches(text.root()["gold"]) && !gold.matches(text.root()["gone"]);
}

/* Checks that add their own errors, and defaults. */
bool requires_fields()
{
	const auto route =
	    admwh::route::validator([](const admwh::request &req, admwh::response &resp) {
		    const auto spec = req.object()["spec"];

		    resp.require(spec["a"]);
		    resp.require_integer(spec["b"], 1, 2);
		    resp.require_at_most(spec["c"], admwh::quantity("1Gi"));
		    resp.require_at_least(spec["c"], admwh::quantity("1"));
		    resp.require_one_of(spec["d"], {"x", "y"});
		    resp.require_unchanged(spec["d"], req.old_object()["spec"]["d"]);
		    return resp.decide();
	    });
	const auto defaults = admwh::route::mutator(
	    [](const admwh::request &, admwh::response &resp, admwh::patch &patch) {
		    patch.set_defaults(R"({"spec":{"a":1}})");
		    patch.move_if_present("/spec/a", "/spec/b");
		    return patch.object()["spec"]["b"].integer() == 1 ? resp.allow() : resp.deny(403, "no");
	    });

	return route.allows(review(R"({"spec":{"a":0,"b":2,"c":"1Mi","d":"y"}})")) &&
	       holds(route.review(review(R"({"spec":{"b":3,"c":"2Gi","d":"z"}})")),
		     "[spec.a: Required value, spec.b: Invalid value: 3: must be between 1 and 2, inclusive, "
		     "spec.c: Invalid value: \\\"2Gi\\\": must be less than or equal to 1Gi, spec.d: Unsupported") &&
	       defaults.allows(review("{}")) && !defaults.allows(review(R"({"spec":{"a":2}})"));
}

/* An object comes back in the version that is asked for. */
bool converts()
{
	const std::string body =
	    R"({"kind":"ConversionReview","apiVersion":"apiextensions.k8s.io/v1","request":{"uid":"u",)"
	    R"("desiredAPIVersion":"a.io/v2","objects":[{"apiVersion":"a.io/v1","kind":"A",)"
	    R"("metadata":{},"spec":{"old":1}}]}})";
	const auto move = [](const admwh::conversion &conv, admwh::patch &patch) {
		if (conv.object()["spec"]["old"].integer() != 1)
			return conv.fail("it is odd");
		return patch.move("/spec/old", "/spec/new");
	};
	const auto refuse = [](const admwh::conversion &conv, admwh::patch &) {
		return conv.fail(std::string("no way to ") + conv->desired_version);
	};

	return holds(admwh::convert(body, move), R"("spec":{"new":1})") &&
	       holds(admwh::convert(body, refuse), "no way to v2");
}

/* Reviews that wait for a thread of their own, and one that comes too late. */
bool queues()
{
	std::vector<std::thread::id> deciders;
	admwh::queue queue(
	    [&deciders](const admwh::request &req, admwh::response &resp) {
		    deciders.push_back(std::this_thread::get_id());
		    return req.object()["name"].is("good") ? resp.allow() : resp.deny(403, "no");
	    },
	    1);
	admwh_call *call = admwh_call_new();
	bool is_late = false;
	const auto late = admwh::route::validator(
	    [&queue, call, &is_late](const admwh::request &req, admwh::response &resp) {
		    queue(req, resp);
		    is_late = admwh_call_advance(call, 6) == 0; // before a thread has begun with it
	    });
	const auto route = admwh::route::validator(std::ref(queue));
	const std::string good = review(R"({"name":"good"})");

	admwh_call_set_deadline(call, 5);
	auto *answer = admwh_call_review(call, late.get(), good.data(), good.size());
	const bool has_begun = queue.start() == 0;
	const bool is_right = has_begun && is_late && !admwh_answer_is_allowed(answer) &&
			      route.allows(good) && !route.allows(review("{}"));

	queue.stop();
	admwh_answer_free(answer);
	admwh_call_free(call);
	return is_right && deciders.size() == 2 && deciders[0] == deciders[1] &&
	       deciders[0] != std::this_thread::get_id() &&
	       !route.allows(review(R"({"name":"good"})")) && deciders.size() == 2;
}

/* A whole webhook: one that prints its help, and one that is told a wrong flag. */
bool has_a_main()
{
	const char *table = nullptr;
	bool on = false;
	std::uint64_t number = 0;
	admwh_file *lines = nullptr;
	admwh::quantity most;
	char name[] = "program", help[] = "--help", wrong[] = "--number=x";
	char *helped[] = {name, help, nullptr}, *failed[] = {name, wrong, nullptr};
	const auto allow = [](const admwh::request &, admwh::response &resp) { return resp.allow(); };
	admwh::program program("program", "Allows all.");

	program.flag("table", "FILE", "a table", table).preset = "t";
	program.flag("on", "a switch", on);
	program.flag("number", "N", "a number", number).most = 9;
	program.flag("most", "QUANTITY", "a quantity", most);
	program.flag("lines", "FILE", "lines", lines);
	program.validator("/a", allow).kind = "Pod";
	program.queued_validator("/b", allow, 2);
	program.mutator("/c", [](const admwh::request &, admwh::response &resp, admwh::patch &) {
		return resp.allow();
	});
	program.conversion("/d", [](const admwh::conversion &, admwh::patch &) { return 0; });
	return program.main(2, helped) == ADMWH_EXIT_STOPPED &&
	       program.main(2, failed) == ADMWH_EXIT_USAGE && program.get()->n_flags == 5 &&
	       program.get()->n_routes == 4 && std::string_view(program.get()->routes[0].kind) == "Pod";
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
	const auto thrown = admwh::convert(
	    R"({"kind":"ConversionReview","apiVersion":"apiextensions.k8s.io/v1","request":{"uid":"u",)"
	    R"("desiredAPIVersion":"a.io/v2","objects":[{"apiVersion":"a.io/v1","kind":"A","metadata":{}}]}})",
	    [](const admwh::conversion &, admwh::patch &) { throw std::runtime_error("it threw"); });
	return is_told && holds(thrown, "it threw") && holds(route.review(review("{}")), "there is no name") &&
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
				    defers, tells_strings, lends_handlers, knows_kubernetes, requires_fields,
				    converts, queues, has_a_main, stops_exceptions, tells_errors};
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
