/* SPDX-License-Identifier: MIT */
/* What is left of a secret outside of the memory that held it. */
#ifndef AWH_BASE_WIPE_H
#define AWH_BASE_WIPE_H

/*
 * Clear the vector registers, through which the C library copies and compares text. A program that
 * binds functions lazily has them saved on its stack at the next first call of one, and so would
 * have a part of a key that no buffer holds any more. Does nothing where the dynamic linker saves
 * none: on other processors than x86-64.
 */
void awh_wipe_registers(void);

#endif
