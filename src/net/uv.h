/* SPDX-License-Identifier: MIT */
/* For this folder alone: the libuv loop inside a struct awh_loop. */
#ifndef AWH_NET_UV_H
#define AWH_NET_UV_H

#include <uv.h>

#include "net/loop.h"

uv_loop_t *awh_loop_uv(struct awh_loop *loop);

#endif
