/* SPDX-License-Identifier: MIT */
#include "tls/wire.h"

#include <string.h>

enum {
	RECORD_ALERT = 21,
	RECORD_HANDSHAKE = 22,
	SERVER_HELLO = 2,
	CERTIFICATE_VERIFY = 15,
	HEADER = 4,      /* of a message: type, length */
	SHA256 = 4,      /* HashAlgorithm, RFC 5246 section 7.4.1.4.1; 8 and above name their own */
	RANDOM_END = 43, /* of a ServerHello, with the headers of record and message */
};

/* Fill up into[size] and return how many bytes of data that took. */
static size_t gather(uint8_t *into, size_t *n, size_t size, const uint8_t *data, size_t len)
{
	size_t want = size - *n;

	if (want > len)
		want = len;
	memcpy(into + *n, data, want);
	*n += want;
	return want;
}

static void begin_message(struct awh_wire *wire)
{
	const uint8_t *header = wire->message;

	wire->message_left = (size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3];
}

/* The next bytes of a message's body; those before the signature itself are kept. */
static size_t take_body(struct awh_wire *wire, const uint8_t *data, size_t len)
{
	size_t n = wire->message_left < len ? wire->message_left : len;

	if (wire->n_message < sizeof(wire->message)) {
		n = gather(wire->message, &wire->n_message, sizeof(wire->message), data, n);
		if (wire->n_message == sizeof(wire->message) &&
		    wire->message[0] == CERTIFICATE_VERIFY) {
			wire->saw_verify = true;
			wire->is_signed_weakly |= wire->message[HEADER] < SHA256;
		}
	}
	wire->message_left -= n;
	return n;
}

/* Part of a record's fragment: messages may share one, or spread over several. */
static void take_fragment(struct awh_wire *wire, const uint8_t *data, size_t len)
{
	while (len > 0) {
		size_t n;

		if (wire->n_message < HEADER) {
			n = gather(wire->message, &wire->n_message, HEADER, data, len);
			if (wire->n_message == HEADER)
				begin_message(wire);
		} else {
			n = take_body(wire, data, len);
		}
		if (wire->n_message >= HEADER && wire->message_left == 0)
			wire->n_message = 0;
		data += n;
		len -= n;
	}
}

static size_t take_record_header(struct awh_wire *wire, const uint8_t *data, size_t len)
{
	size_t n = gather(wire->record, &wire->n_record, sizeof(wire->record), data, len);

	/* An alert may come between; whatever else comes, comes before encrypted records. */
	if (wire->record[0] != RECORD_HANDSHAKE && wire->record[0] != RECORD_ALERT) {
		wire->over = true;
	} else if (wire->n_record == sizeof(wire->record)) {
		wire->record_left = (size_t)wire->record[3] << 8 | wire->record[4];
		wire->n_record = 0;
	}
	return n;
}

void awh_wire_take(struct awh_wire *wire, const void *data, size_t len)
{
	const uint8_t *bytes = data;

	while (len > 0 && !wire->over) {
		size_t n = wire->record_left < len ? wire->record_left : len;

		if (n > 0) {
			if (wire->record[0] == RECORD_HANDSHAKE)
				take_fragment(wire, bytes, n);
			wire->record_left -= n;
		} else {
			n = take_record_header(wire, bytes, len);
		}
		bytes += n;
		len -= n;
	}
}

bool awh_wire_is_null_hello(const void *data, size_t len)
{
	const uint8_t *bytes = data;
	size_t suite;

	if (len <= RANDOM_END || bytes[0] != RECORD_HANDSHAKE || bytes[5] != SERVER_HELLO)
		return false;
	suite = RANDOM_END + 1 + (size_t)bytes[RANDOM_END]; /* behind the session ID */
	return len > suite && bytes[suite] == 0;
}
