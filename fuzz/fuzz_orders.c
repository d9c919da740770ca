/* SPDX-License-Identifier: MIT */
/*
 * What the supervisor and a worker tell each other, with any bytes from the other
 * process: a worker that was taken over writes what it likes into its socket. Each byte
 * of the input from 0x80 on is a call that receives, one below it is how many bytes of
 * the input are sent before that; bytes and calls in an order that the input chooses.
 *
 * What must hold: the four orders are obeyed as they came, once each, and nothing else
 * is; no call takes more than there is; the end of the other process is seen, after
 * what it has sent.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "process/worker.h"

enum { ORDERS_MAX = 8192 };

/* What was sent of orders, and what was obeyed. */
struct talk {
	struct awh_worker worker; /* as its supervisor has it */
	int other;                /* the other process's end */
	char sent[ORDERS_MAX], obeyed[ORDERS_MAX];
	size_t n_sent, n_obeyed;
};

static void obey(void *userdata, enum awh_order order)
{
	struct talk *talk = userdata;

	check(talk->n_obeyed < talk->n_sent, "an order that was not given");
	check(talk->sent[talk->n_obeyed] == (char)order, "another order");
	talk->obeyed[talk->n_obeyed++] = (char)order;
}

static void give(struct talk *talk, const uint8_t *bytes, size_t len)
{
	ssize_t sent = send(talk->other, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);

	/* A full socket takes less. */
	for (ssize_t i = 0; i < sent; i++)
		if (bytes[i] && strchr("lscr", bytes[i]))
			talk->sent[talk->n_sent++] = (char)bytes[i];
}

static void hear(struct talk *talk)
{
	awh_worker_hear(&talk->worker, obey, talk);
	check(talk->worker.orders_fd >= 0, "an end that is none");
}

/* The other direction: each order is one byte, and no call waits. */
static void tell(struct talk *talk, uint8_t byte)
{
	static const char orders[] = "lscr";
	const char order = orders[byte & 3];
	char got[2];

	awh_worker_tell(&talk->worker, (enum awh_order)order);
	check(recv(talk->other, got, sizeof(got), MSG_DONTWAIT) == 1 && got[0] == order,
	      "an order is told as something else");
}

static void talk_on(struct talk *talk, const uint8_t *at, const uint8_t *end)
{
	while (at < end) {
		const uint8_t byte = *at++;
		const size_t left = (size_t)(end - at);
		const size_t len = byte < left ? byte : left;

		if (byte >= 0xc0) {
			tell(talk, byte);
		} else if (byte >= 0x80) {
			hear(talk);
		} else {
			give(talk, at, len);
			at += len;
		}
	}
}

/* The other process ends: what it has sent is still obeyed, then its end is seen, once. */
static void end_talk(struct talk *talk)
{
	close(talk->other);
	for (size_t calls = 0; talk->worker.orders_fd >= 0; calls++) {
		check(calls <= ORDERS_MAX, "an end that is not seen");
		awh_worker_hear(&talk->worker, obey, talk);
	}
	check(talk->n_obeyed == talk->n_sent && memcmp(talk->obeyed, talk->sent, talk->n_sent) == 0,
	      "an order is lost");
	awh_worker_tell(&talk->worker, AWH_ORDER_STOP);
	awh_worker_close(&talk->worker);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct talk talk = {.worker = {.pidfd = -1}};
	int ends[2];

	if (len > ORDERS_MAX)
		return 0;
	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "no sockets");
	talk.worker.orders_fd = ends[0];
	talk.other = ends[1];
	talk_on(&talk, bytes, bytes + len);
	end_talk(&talk);
	return 0;
}
