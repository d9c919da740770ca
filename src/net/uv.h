/* SPDX-License-Identifier: MIT */
/*
 * For this folder alone: libuv's loop inside of one of ours.
 */
#ifndef AWH_NET_UV_H
#define AWH_NET_UV_H

#include <uv.h>

#include "net/loop.h"

uv_loop_t *awh_loop_uv(struct awh_loop *loop);

#endif
