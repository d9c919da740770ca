/* SPDX-License-Identifier: MIT */
/* The client certificates that callers show. */
#ifndef ADMWHCTL_VERIFY_PAIRS_H
#define ADMWHCTL_VERIFY_PAIRS_H

#include "verify/facts.h"

/*
 * The pairs of the API server, as its kubeconfig names them on its nodes and the folder has them,
 * and of the other callers of installation.yaml.
 */
void pairs_read(struct facts *facts);

void pairs_deinit(struct facts *facts);

#endif
