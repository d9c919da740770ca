/* SPDX-License-Identifier: MIT */
#include "tls/path.h"

/* One search in progress. Sets of certificates of the chain are bits by index. */
struct walk {
	const struct awh_trust *trust;
	const struct awh_x509 *chain;
	size_t n;
	unsigned int issuers[AWH_CHAIN_MAX]; /* those that a certificate names as its issuer */
	unsigned int leads;                  /* those from which names lead to a trusted CA */
	unsigned int used;                   /* those on the path so far */
	unsigned int steps;
	struct awh_path path;
	struct awh_paths *found;
};

static bool names(const struct awh_x509 *cert, const struct awh_x509 *issuer)
{
	return awh_der_equal(cert->issuer, issuer->subject);
}

static bool names_anchor(const struct awh_trust *trust, const struct awh_x509 *cert)
{
	for (size_t i = 0; i < trust->n; i++)
		if (names(cert, &trust->anchors[i].cert))
			return true;
	return false;
}

/* The leaf, 0, issues none of them. */
static void compare_names(struct walk *walk)
{
	for (size_t i = 0; i < walk->n; i++) {
		if (names_anchor(walk->trust, &walk->chain[i]))
			walk->leads |= 1U << i;
		for (size_t j = 1; j < walk->n; j++)
			if (i != j && names(&walk->chain[i], &walk->chain[j]))
				walk->issuers[i] |= 1U << j;
	}
}

/* A chain that leads to no trusted CA ends here, however many certificates it has. */
static void mark_what_leads(struct walk *walk)
{
	unsigned int before;

	do {
		before = walk->leads;
		for (size_t i = 0; i < walk->n; i++)
			if (walk->issuers[i] & walk->leads)
				walk->leads |= 1U << i;
	} while (walk->leads != before);
}

static void add_paths(struct walk *walk)
{
	struct awh_paths *found = walk->found;
	size_t last = walk->path.certs[walk->path.n - 1];

	for (size_t i = 0; i < walk->trust->n; i++) {
		if (!names(&walk->chain[last], &walk->trust->anchors[i].cert))
			continue;
		if (found->n == AWH_CHAIN_PATHS) {
			found->is_cut = true;
			return;
		}
		walk->path.anchor = &walk->trust->anchors[i];
		found->items[found->n++] = walk->path;
	}
}

/* Add the paths of this length. */
static void go_up(struct walk *walk, size_t length)
{
	size_t last = walk->path.certs[walk->path.n - 1];
	unsigned int next = walk->issuers[last] & walk->leads & ~walk->used;

	if (++walk->steps > AWH_CHAIN_STEPS)
		walk->found->is_cut = true;
	else if (walk->path.n == length)
		add_paths(walk);
	if (walk->path.n == length)
		return;
	for (size_t i = 1; i < walk->n && !walk->found->is_cut; i++) {
		if (!(next & 1U << i))
			continue;
		walk->used |= 1U << i;
		walk->path.certs[walk->path.n++] = (uint8_t)i;
		go_up(walk, length);
		walk->path.n--;
		walk->used &= ~(1U << i);
	}
}

void awh_paths_find(struct awh_paths *paths, const struct awh_trust *trust,
		    const struct awh_x509 *chain, size_t n)
{
	struct walk walk = {.trust = trust, .chain = chain, .n = n, .found = paths};

	paths->n = 0;
	paths->is_cut = false;
	compare_names(&walk);
	mark_what_leads(&walk);
	walk.path.n = 1; /* the leaf */
	if (!(walk.leads & 1))
		return;
	for (size_t length = 1; length <= n && !paths->is_cut; length++)
		go_up(&walk, length);
}
