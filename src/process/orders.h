/* SPDX-License-Identifier: MIT */
/*
 * What a supervisor and its workers tell each other: one byte an order, on a
 * socket pair. The end of the other process ends the stream.
 */
#ifndef AWH_PROCESS_ORDERS_H
#define AWH_PROCESS_ORDERS_H

#include <stdbool.h>

enum awh_order {
	AWH_ORDER_LAME_DUCK = 'l', /* unready, still accepting */
	AWH_ORDER_STOP = 's',      /* accept no more, drain */
	AWH_ORDER_CUT = 'c',       /* end every connection at once */
	AWH_ORDER_RELOAD = 'r',    /* look at the files */
};

typedef void awh_order_fn(void *userdata, enum awh_order order);

/* Never waits, and never raises SIGPIPE: an order to a process that has ended is lost. */
void awh_order_send(int fd, enum awh_order order);

/*
 * Call obey for each order that has come; other bytes are skipped. Never waits.
 * Returns false when the other process has ended.
 */
bool awh_orders_receive(int fd, awh_order_fn *obey, void *userdata);

#endif
