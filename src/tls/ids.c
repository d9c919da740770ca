/* SPDX-License-Identifier: MIT */
#include "tls/ids.h"

#include "base/buf.h"
#include "base/text.h"
#include "tls/tls.h"

enum { DIGEST_BYTES = 32 };

/* NULL when memory ran out. */
static const char *hex_text(struct awh_arena *arena, struct awh_der bytes)
{
	const char *text = NULL;
	struct awh_buf buf;

	awh_buf_init(&buf, 2 * AWH_X509_BYTES_MAX);
	awh_put_hex(&buf, bytes.data, bytes.len);
	if (!buf.err)
		text = awh_arena_strndup(arena, buf.data, buf.len);
	awh_buf_deinit(&buf);
	return text;
}

/* Without the leading zero octet that keeps a number positive. */
static const char *serial_text(struct awh_arena *arena, struct awh_der serial)
{
	if (serial.len > 1 && serial.data[0] == 0) {
		serial.data++;
		serial.len--;
	}
	return hex_text(arena, serial);
}

static const char *digest_text(struct awh_arena *arena, struct awh_der bytes)
{
	uint8_t digest[DIGEST_BYTES];

	if (awh_tls_sha256(bytes.data, bytes.len, digest) < 0)
		return NULL;
	return hex_text(arena, (struct awh_der){digest, sizeof(digest)});
}

int awh_cert_ids_read(struct awh_cert_ids *ids, struct awh_arena *arena,
		      const struct awh_x509 *cert)
{
	struct awh_cert_ids read = {
	    .serial = serial_text(arena, cert->serial),
	    .fingerprint = digest_text(arena, cert->der),
	    .key = digest_text(arena, cert->key_info),
	};

	*ids = (struct awh_cert_ids){0};
	if (!read.serial || !read.fingerprint || !read.key)
		return ADMWH_E_NOMEM;
	*ids = read;
	return 0;
}
