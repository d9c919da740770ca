/* SPDX-License-Identifier: MIT */
/* From an embedded struct back to the one that contains it. */
#ifndef AWH_BASE_CONTAINER_H
#define AWH_BASE_CONTAINER_H

#include <stddef.h>

#define AWH_CONTAINER(pointer, type, member)                                                       \
	((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
