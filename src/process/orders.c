/* SPDX-License-Identifier: MIT */
#include "process/orders.h"

#include <sys/socket.h>

static bool is_order(char byte)
{
	return byte == AWH_ORDER_LAME_DUCK || byte == AWH_ORDER_STOP || byte == AWH_ORDER_CUT ||
	       byte == AWH_ORDER_RELOAD;
}

void awh_order_send(int fd, enum awh_order order)
{
	const char byte = (char)order;

	send(fd, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool awh_orders_receive(int fd, awh_order_fn *obey, void *userdata)
{
	char bytes[16];
	ssize_t got = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	for (ssize_t i = 0; i < got; i++)
		if (is_order(bytes[i]))
			obey(userdata, (enum awh_order)bytes[i]);
	return got != 0;
}
