// SPDX-License-Identifier: MIT
// The same body read by simdjson, or with -DWITH_YYJSON by yyjson: a whole document, validated.
//
//     peers BODY-FILE
//
// Prints nanoseconds of CPU time, the median of batches, as bench-codec does.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#ifdef WITH_YYJSON
#include <yyjson.h>
static const char *const name = "yyjson";

static void read(const std::string &text)
{
	yyjson_doc *document = yyjson_read(text.data(), text.size(), 0);

	if (!document)
		std::abort();
	yyjson_doc_free(document);
}
#else
#include <simdjson.h>
static const char *const name = "simdjson";

static void read(const std::string &text)
{
	static simdjson::dom::parser parser;
	static const simdjson::padded_string padded(text);

	if (parser.parse(padded).error())
		std::abort();
}
#endif

static long now_ns()
{
	timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000L + now.tv_nsec;
}

int main(int argc, char **argv)
{
	std::ifstream file(argc == 2 ? argv[1] : "");
	const std::string text((std::istreambuf_iterator<char>(file)), {});
	std::vector<long> times;
	long start = now_ns(), count = 0;

	if (text.empty())
		return std::fprintf(stderr, "peers BODY-FILE\n"), 2;
	for (; now_ns() - start < 20 * 1000 * 1000; count++)
		read(text);
	for (int i = 0; i < 15; i++) {
		start = now_ns();
		for (long n = 0; n < count; n++)
			read(text);
		times.push_back((now_ns() - start) / count);
	}
	std::sort(times.begin(), times.end());
	std::printf("%s %ld\n", name, times[times.size() / 2]);
}
