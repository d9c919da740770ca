/* SPDX-License-Identifier: MIT */
#include "common/base64.h"

#include <stdlib.h>
#include <string.h>
#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/coding.h>

#include "common/files.h"

char *base64_encoded(const char *text)
{
	word32 len = (word32)strlen(text), size = len / 3 * 4 + 5;
	char *encoded = memory_grown(NULL, size);

	if (Base64_Encode_NoNl((const byte *)text, len, (byte *)encoded, &size))
		out_of_memory();
	encoded[size] = '\0';
	return encoded;
}

char *base64_decoded(const char *text, size_t text_len, size_t *len)
{
	word32 size = (word32)text_len;
	char *bytes = memory_grown(NULL, text_len + 1);

	if (Base64_Decode((const byte *)text, (word32)text_len, (byte *)bytes, &size) != 0) {
		free(bytes);
		return NULL;
	}
	bytes[size] = '\0';
	*len = size;
	return bytes;
}
