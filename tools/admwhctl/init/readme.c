/* SPDX-License-Identifier: MIT */
#include "init/init.h"
int readme_make(const struct installation *installation, struct output *output)
{
	(void)installation;
	(void)output;
	return 0;
}
