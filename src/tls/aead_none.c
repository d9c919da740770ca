/* SPDX-License-Identifier: MIT */
/* In the place of aead.c where the library is built without nettle: it is never usable. */
#include "tls/aead.h"

bool awh_aead_is_usable(void)
{
	return false;
}

struct awh_aead *awh_aead_new(void)
{
	return NULL;
}

void awh_aead_free(struct awh_aead *aead)
{
	(void)aead;
}

void awh_aead_seal(struct awh_aead *aead, const struct awh_aead_record *record, uint8_t *tag)
{
	(void)aead;
	(void)record;
	(void)tag;
}

bool awh_aead_open(struct awh_aead *aead, const struct awh_aead_record *record, const uint8_t *tag)
{
	(void)aead;
	(void)record;
	(void)tag;
	return false;
}
