/* SPDX-License-Identifier: MIT */
#include "init/init.h"

int manifests_make(const struct installation *installation, const struct material *material,
		   struct output *output)
{
	(void)installation;
	(void)material;
	(void)output;
	return 0;
}
