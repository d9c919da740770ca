/* SPDX-License-Identifier: MIT */
/*
 * Does Go's regexp package take an expression? Syntax alone is looked at (what a
 * match would need is never built), with Go's words for what is wrong. What Go's
 * parser keeps as a tree is here, for each open group: is there something to
 * repeat, and by how much do nested repetitions multiply.
 */
#include <ctype.h>
#include <string.h>

#include "go_text.h"

#define MAX_REPEAT 1000
#define MAX_GROUPS 1000

struct group {
	bool repeatable; /* the last thing can be repeated */
	int last;        /* times the innermost part of the last thing is repeated at most */
	int others;      /* and of the things before it */
};

struct regexp {
	const char *whole;
	const char *at;
	const char *repeat; /* where the repetition just read began; NULL when none was */
	bool no_named;      /* no ":]" stands further on: not to be looked for again and again */
	struct text *error;
	struct group groups[MAX_GROUPS + 1];
	size_t depth;
};

/* Names behind \p: general categories, their long names, scripts. */
static const char unicode_names[] =
    " adlam ahom anatolianhieroglyphs any arabic armenian ascii assigned avestan balinese"
    " bamum bassavah batak bengali bhaiksuki bopomofo brahmi braille buginese buhid c"
    " canadianaboriginal carian casedletter caucasianalbanian cc cf chakma cham cherokee"
    " chorasmian closepunctuation cn cntrl co combiningmark common connectorpunctuation"
    " control coptic cs cuneiform currencysymbol cypriot cyprominoan cyrillic"
    " dashpunctuation decimalnumber deseret devanagari digit divesakuru dogra duployan"
    " egyptianhieroglyphs elbasan elymaic enclosingmark ethiopic finalpunctuation format"
    " georgian glagolitic gothic grantha greek gujarati gunjalagondi gurmukhi han hangul"
    " hanifirohingya hanunoo hatran hebrew hiragana imperialaramaic inherited"
    " initialpunctuation inscriptionalpahlavi inscriptionalparthian javanese kaithi"
    " kannada katakana kawi kayahli kharoshthi khitansmallscript khmer khojki khudawadi l"
    " lao latin lc lepcha letter letternumber limbu lineara linearb lineseparator lisu ll"
    " lm lo lowercaseletter lt lu lycian lydian m mahajani makasar malayalam mandaic"
    " manichaean marchen mark masaramgondi mathsymbol mc me medefaidrin meeteimayek"
    " mendekikakui meroiticcursive meroitichieroglyphs miao mn modi modifierletter"
    " modifiersymbol mongolian mro multani myanmar n nabataean nagmundari nandinagari nd"
    " newa newtailue nko nl no nonspacingmark number nushu nyiakengpuachuehmong ogham"
    " olchiki oldhungarian olditalic oldnortharabian oldpermic oldpersian oldsogdian"
    " oldsoutharabian oldturkic olduyghur openpunctuation oriya osage osmanya other"
    " otherletter othernumber otherpunctuation othersymbol p pahawhhmong palmyrene"
    " paragraphseparator paucinhau pc pd pe pf phagspa phoenician pi po privateuse ps"
    " psalterpahlavi punct punctuation rejang runic s samaritan saurashtra sc separator"
    " sharada shavian siddham signwriting sinhala sk sm so sogdian sorasompeng soyombo"
    " spaceseparator spacingmark sundanese surrogate sylotinagri symbol syriac tagalog"
    " tagbanwa taile taitham taiviet takri tamil tangsa tangut telugu thaana thai tibetan"
    " tifinagh tirhuta titlecaseletter toto ugaritic unassigned uppercaseletter vai"
    " vithkuqi wancho warangciti yezidi yi z zanabazarsquare zl zp zs ";

static bool fail_len(struct regexp *regexp, const char *what, const char *from, size_t len)
{
	text_add(regexp->error, "error parsing regexp: %s: `", what);
	text_add_bytes(regexp->error, from, len);
	text_add(regexp->error, "`");
	return false;
}

/* The text from where it began to where the reader is. */
static bool fail(struct regexp *regexp, const char *what, const char *from)
{
	return fail_len(regexp, what, from, (size_t)(regexp->at - from));
}

static bool fail_whole(struct regexp *regexp, const char *what)
{
	return fail_len(regexp, what, regexp->whole, strlen(regexp->whole));
}

static uint32_t take_rune(struct regexp *regexp)
{
	uint32_t rune = 0;

	if (*regexp->at)
		regexp->at += rune_at(regexp->at, &rune);
	return rune;
}

static struct group *innermost(struct regexp *regexp)
{
	return &regexp->groups[regexp->depth];
}

/* Something that can be repeated was read. */
static bool push(struct regexp *regexp, int times)
{
	struct group *group = innermost(regexp);

	if (group->last > group->others)
		group->others = group->last;
	group->last = times;
	group->repeatable = true;
	return true;
}

static bool open_group(struct regexp *regexp)
{
	if (regexp->depth == MAX_GROUPS)
		return fail_whole(regexp, "expression nests too deeply");
	regexp->depth++;
	*innermost(regexp) = (struct group){false, 1, 1};
	return true;
}

static bool close_group(struct regexp *regexp)
{
	struct group *group = innermost(regexp);
	int times = group->last > group->others ? group->last : group->others;

	if (regexp->depth == 0)
		return fail_whole(regexp, "unexpected )");
	regexp->at++;
	regexp->depth--;
	return push(regexp, times);
}

static bool take_name(struct regexp *regexp, const char *begin, const char *name)
{
	const char *end = strchr(begin, '>');

	if (!end)
		return fail_len(regexp, "invalid named capture", begin, strlen(begin));
	regexp->at = end + 1;
	for (const char *c = name; c < end; c++)
		if (*c != '_' && !isalnum((unsigned char)*c))
			return fail(regexp, "invalid named capture", begin);
	return name < end ? open_group(regexp) : fail(regexp, "invalid named capture", begin);
}

/* "(?i)", "(?i-s:", "(?P<name>", "(?<name>". */
static bool take_perl_group(struct regexp *regexp)
{
	const char *begin = regexp->at;
	bool negated = false, flag = false;

	if (strncmp(begin, "(?P<", 4) == 0 && begin[4])
		return take_name(regexp, begin, begin + 4);
	if (strncmp(begin, "(?<", 3) == 0 && begin[3])
		return take_name(regexp, begin, begin + 3);
	for (regexp->at += 2; *regexp->at;) {
		uint32_t c = take_rune(regexp);

		if (c == 'i' || c == 'm' || c == 's' || c == 'U') {
			flag = true;
		} else if (c == '-' && !negated) {
			negated = true;
			flag = false;
		} else if ((c == ':' || c == ')') && (flag || !negated)) {
			return c == ')' || open_group(regexp);
		} else {
			break;
		}
	}
	return fail(regexp, "invalid or unsupported Perl syntax", begin);
}

/* "{2}", "{2,}", "{2,5}": -1 for no end. False when it is none: then "{" stands for itself. */
static bool take_count(const char **at, int *count)
{
	if (!isdigit((unsigned char)(*at)[0]) ||
	    ((*at)[0] == '0' && isdigit((unsigned char)(*at)[1])))
		return false;
	for (*count = 0; isdigit((unsigned char)**at); (*at)++)
		if (*count <= MAX_REPEAT)
			*count = *count * 10 + **at - '0';
	return true;
}

static bool take_braces(const char **at, int *least, int *most)
{
	const char *c = *at + 1;

	if (!take_count(&c, least))
		return false;
	*most = *least;
	if (*c == ',') {
		c++;
		*most = -1;
		if (*c != '}' && !take_count(&c, most))
			return false;
	}
	if (*c != '}')
		return false;
	*at = c + 1;
	return true;
}

/* How often what is repeated may be repeated, at most, within what it stands in. */
static int multiplied(int times, int least, int most)
{
	if (most == 0)
		return 1;
	if (most < 0)
		most = least;
	return most > 0 ? most * times : times;
}

/* The reader stands behind an operator that began there. */
static bool repeat(struct regexp *regexp, const char *begin, int least, int most)
{
	struct group *group = innermost(regexp);

	if (*regexp->at == '?')
		regexp->at++;
	if (regexp->repeat)
		return fail(regexp, "invalid nested repetition operator", regexp->repeat);
	if (!group->repeatable)
		return fail(regexp, "missing argument to repetition operator", begin);
	group->last = multiplied(group->last, least, most);
	if (group->last > MAX_REPEAT)
		return fail(regexp, "invalid repeat count", begin);
	return true;
}

static bool take_repeat(struct regexp *regexp)
{
	const char *begin = regexp->at;
	int least = 0, most = -1;

	if (*begin != '{') {
		regexp->at++;
	} else if (!take_braces(&regexp->at, &least, &most)) {
		regexp->at++;
		regexp->repeat = NULL;
		return push(regexp, 1);
	} else if (least > MAX_REPEAT || most > MAX_REPEAT || (most >= 0 && least > most)) {
		return fail(regexp, "invalid repeat count", begin);
	}
	if (!repeat(regexp, begin, *begin == '{' ? least : 0, *begin == '{' ? most : -1))
		return false;
	regexp->repeat = begin;
	return true;
}

static int hexadecimal(uint32_t c)
{
	if (c >= '0' && c <= '9')
		return (int)c - '0';
	if (c >= 'a' && c <= 'f')
		return (int)c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? (int)c - 'A' + 10 : -1;
}

/* Behind "\x": two digits, or some in braces. */
static bool take_hexadecimal(struct regexp *regexp, uint32_t *rune)
{
	uint32_t c = take_rune(regexp);
	int high = hexadecimal(c), digits = 0;

	*rune = 0;
	if (c != '{') {
		int low = *regexp->at ? hexadecimal(take_rune(regexp)) : -1;

		*rune = (uint32_t)(high * 16 + low);
		return high >= 0 && low >= 0;
	}
	while (*regexp->at && (c = take_rune(regexp)) != '}') {
		int digit = hexadecimal(c);

		*rune = *rune * 16 + (uint32_t)digit;
		if (digit < 0 || *rune > 0x10ffff)
			return false;
		digits++;
	}
	return c == '}' && digits > 0;
}

static bool take_octal(struct regexp *regexp, uint32_t *rune)
{
	uint32_t c = *rune;

	if (c != '0' && (*regexp->at < '0' || *regexp->at > '7'))
		return false; /* \1 would be a back-reference */
	*rune = c - '0';
	for (int i = 1; i < 3 && *regexp->at >= '0' && *regexp->at <= '7'; i++)
		*rune = *rune * 8 + (uint32_t)(*regexp->at++ - '0');
	return true;
}

/* One escaped character. */
static bool take_escape(struct regexp *regexp, uint32_t *rune)
{
	static const char letters[] = "afnrtv", plain[] = "\a\f\n\r\t\v";
	const char *begin = regexp->at++;
	const char *letter;
	bool valid;

	if (!*regexp->at)
		return fail_len(regexp, "trailing backslash at end of expression", "", 0);
	*rune = take_rune(regexp);
	letter = *rune < 0x80 ? strchr(letters, (int)*rune) : NULL;
	if (*rune >= '0' && *rune <= '7')
		valid = take_octal(regexp, rune);
	else if (*rune == 'x')
		valid = take_hexadecimal(regexp, rune);
	else if (letter)
		*rune = (uint32_t)plain[letter - letters], valid = true;
	else
		valid = *rune < 0x80 && !isalnum((int)*rune);
	return valid || fail(regexp, "invalid escape sequence", begin);
}

/* "\pL", "\P{Greek}"; the reader stands on the backslash. */
static bool take_unicode_class(struct regexp *regexp)
{
	const char *begin = regexp->at, *name, *end;
	char key[64] = " ";
	size_t len = 1;

	regexp->at += 2;
	name = regexp->at;
	if (take_rune(regexp) == '{') {
		end = strchr(name++, '}');
		if (!end)
			return fail_len(regexp, "invalid character class range", begin,
					strlen(begin));
		regexp->at = end + 1;
	} else {
		end = regexp->at;
	}
	name += *name == '^' && name < end;
	for (; name < end && len < sizeof(key) - 2; name++)
		if (!strchr("_- ", *name))
			key[len++] = (char)tolower((unsigned char)*name);
	memcpy(key + len, " ", 2);
	if (name < end || len == 1 || !strstr(unicode_names, key))
		return fail(regexp, "invalid character class range", begin);
	return true;
}

/* A class where a character could stand as well: \d, \pL, or "[:alpha:]". */
enum class_found { CLASS_NONE, CLASS_TAKEN, CLASS_BAD };

static enum class_found take_class_escape(struct regexp *regexp)
{
	if (regexp->at[0] != '\\')
		return CLASS_NONE;
	if (regexp->at[1] == 'p' || regexp->at[1] == 'P')
		return take_unicode_class(regexp) ? CLASS_TAKEN : CLASS_BAD;
	if (!regexp->at[1] || !strchr("dDsSwW", regexp->at[1]))
		return CLASS_NONE;
	regexp->at += 2;
	return CLASS_TAKEN;
}

static enum class_found take_named_class(struct regexp *regexp)
{
	static const char names[] = " alnum alpha ascii blank cntrl digit graph lower print punct "
				    "space upper word xdigit ";
	const char *begin = regexp->at, *name = begin + 2, *end;
	char key[16];

	if (begin[0] != '[' || begin[1] != ':' || !*name || regexp->no_named)
		return CLASS_NONE;
	end = strstr(name, ":]");
	if (!end) {
		regexp->no_named = true;
		return CLASS_NONE;
	}
	regexp->at = end + 2;
	name += *name == '^';
	if (end - name < 13 && !memchr(name, ' ', (size_t)(end - name))) {
		size_t len = (size_t)(end - name);

		key[0] = ' ';
		memcpy(key + 1, name, len);
		memcpy(key + 1 + len, " ", 2);
		if (len > 0 && strstr(names, key))
			return CLASS_TAKEN;
	}
	fail(regexp, "invalid character class range", begin);
	return CLASS_BAD;
}

static bool take_class_rune(struct regexp *regexp, const char *bracket, uint32_t *rune)
{
	if (!*regexp->at)
		return fail(regexp, "missing closing ]", bracket);
	if (*regexp->at == '\\')
		return take_escape(regexp, rune);
	*rune = take_rune(regexp);
	return true;
}

/* One character or "a-z" within brackets. */
static bool take_class_range(struct regexp *regexp, const char *bracket)
{
	const char *begin = regexp->at;
	uint32_t low, high;

	if (!take_class_rune(regexp, bracket, &low))
		return false;
	if (regexp->at[0] != '-' || !regexp->at[1] || regexp->at[1] == ']')
		return true;
	regexp->at++;
	if (!take_class_rune(regexp, bracket, &high))
		return false;
	return high >= low || fail(regexp, "invalid character class range", begin);
}

static bool take_brackets(struct regexp *regexp)
{
	const char *bracket = regexp->at++;

	regexp->at += *regexp->at == '^';
	for (bool first = true; *regexp->at != ']' || first; first = false) {
		enum class_found found = take_named_class(regexp);

		if (found == CLASS_NONE)
			found = take_class_escape(regexp);
		if (found == CLASS_BAD ||
		    (found == CLASS_NONE && !take_class_range(regexp, bracket)))
			return false;
	}
	regexp->at++;
	return push(regexp, 1);
}

/* "\Q...\E": all of it stands for itself. */
static bool take_literals(struct regexp *regexp)
{
	const char *begin = regexp->at + 2, *end = strstr(begin, "\\E");

	regexp->at = end ? end + 2 : begin + strlen(begin);
	return (end ? end == begin : !*begin) || push(regexp, 1);
}

static bool take_backslash(struct regexp *regexp)
{
	enum class_found found;
	uint32_t rune;

	switch (regexp->at[1]) {
	case 'A':
	case 'b':
	case 'B':
	case 'z':
		regexp->at += 2;
		return push(regexp, 1);
	case 'C':
		regexp->at += 2;
		return fail(regexp, "invalid escape sequence", regexp->at - 2);
	case 'Q':
		return take_literals(regexp);
	}
	found = take_class_escape(regexp);
	if (found == CLASS_NONE)
		return take_escape(regexp, &rune) && push(regexp, 1);
	return found == CLASS_TAKEN && push(regexp, 1);
}

static bool take_next(struct regexp *regexp)
{
	switch (*regexp->at) {
	case '(':
		if (regexp->at[1] == '?')
			return take_perl_group(regexp);
		regexp->at++;
		return open_group(regexp);
	case '|':
		regexp->at++;
		push(regexp, 1);
		innermost(regexp)->repeatable = false;
		return true;
	case ')':
		return close_group(regexp);
	case '[':
		return take_brackets(regexp);
	case '\\':
		return take_backslash(regexp);
	default:
		take_rune(regexp);
		return push(regexp, 1);
	}
}

bool go_regexp_check(const char *text, struct text *error)
{
	struct regexp regexp = {.whole = text, .at = text, .error = error};

	regexp.groups[0] = (struct group){false, 1, 1};
	while (*regexp.at) {
		if (strchr("*+?{", *regexp.at)) {
			if (!take_repeat(&regexp))
				return false;
			continue;
		}
		regexp.repeat = NULL;
		if (!take_next(&regexp))
			return false;
	}
	return regexp.depth == 0 || fail_whole(&regexp, "missing closing )");
}
