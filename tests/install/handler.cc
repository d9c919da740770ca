/* SPDX-License-Identifier: MIT */
/* A handler in C++, as docs/reading.md shows it. Exits with 0 when all is right. */
#include <cstring>
#include <exception>
#include <stdexcept>

#include <admwh/admwh.h>

namespace {

struct policy {
	/* Denies what is named so; throws where it cannot. */
	int check(const admwh_request *req, admwh_response *resp) const
	{
		const char *name = admwh_value_string(
		    ADMWH_GET(admwh_request_object(req), "metadata", "name"));

		if (!name)
			throw std::runtime_error("there is no name");
		if (std::strcmp(name, "odd") == 0)
			throw 1;
		if (std::strcmp(name, denied) == 0)
			return admwh_response_deny(resp, 403, "%s is denied", name);
		return admwh_response_allow(resp);
	}

	const char *denied;
};

int check_name(const admwh_request *req, admwh_response *resp, void *userdata)
try {
	return static_cast<const policy *>(userdata)->check(req, resp);
} catch (const std::exception &error) {
	return admwh_response_fail(resp, "%s", error.what());
} catch (...) {
	return admwh_response_fail(resp, "an unknown exception");
}

#define REVIEW(metadata)                                                                           \
	"{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":{"       \
	"\"uid\":\"u-1\",\"kind\":{},\"resource\":{},\"operation\":\"CREATE\",\"userInfo\":{},"   \
	"\"object\":{\"metadata\":" metadata "}}}"

/* Is it answered so? */
bool answers(const admwh_route *route, const char *review, bool allowed, const char *part)
{
	admwh_answer *answer = admwh_route_review(route, review, std::strlen(review));
	bool is_so = admwh_answer_is_allowed(answer) == allowed &&
		     admwh_answer_status(answer) == 200 &&
		     std::strstr(admwh_answer_body(answer, nullptr), part);

	admwh_answer_free(answer);
	return is_so;
}

} // namespace

int main()
{
	policy no_cats = {"cat"};
	admwh_route *route = admwh_route_new_validator(check_name, &no_cats);
	bool is_right =
	    admwh_route_allow(route, "audit-scanner", ADMWH_RULE_ANY, nullptr) == 0 &&
	    answers(route, REVIEW("{\"name\":\"dog\"}"), true, "u-1") &&
	    answers(route, REVIEW("{\"name\":\"cat\"}"), false, "cat is denied") &&
	    answers(route, REVIEW("{}"), false, "there is no name") &&
	    answers(route, REVIEW("{\"name\":\"odd\"}"), false, "an unknown exception");

	admwh_route_free(route);
	return is_right ? 0 : 1;
}
