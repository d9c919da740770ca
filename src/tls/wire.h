/* SPDX-License-Identifier: MIT */
/*
 * wire: the plain handshake messages of a connection, as they pass, for what
 * wolfSSL neither refuses nor tells: a weak signature in a client's TLS 1.2
 * CertificateVerify, and a ServerHello without a cipher suite. Reads bytes; no I/O,
 * no wolfSSL.
 */
#ifndef AWH_TLS_WIRE_H
#define AWH_TLS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a client has sent in plain. A zeroed one has seen nothing. */
struct awh_wire {
	uint8_t record[5]; /* the header of the record */
	size_t n_record;
	size_t record_left; /* bytes of its fragment */
	uint8_t message[6]; /* a message's header, and the first bytes of its body */
	size_t n_message;
	size_t message_left;   /* bytes of its body */
	bool over;             /* what comes now is encrypted */
	bool saw_verify;       /* a CertificateVerify has come */
	bool is_signed_weakly; /* its CertificateVerify is, by SHA-224 or weaker */
};

/* Look at bytes that a client has sent, in any pieces. */
void awh_wire_take(struct awh_wire *wire, const void *data, size_t len);

/*
 * Does this piece of the server's own output begin with a ServerHello whose cipher suite is none
 * that a server of this library has? RFC 8446 section 4.1.3; suites 0x00XX have no forward secrecy
 * or no cipher at all.
 */
bool awh_wire_is_null_hello(const void *data, size_t len);

#endif
