/* SPDX-License-Identifier: MIT */
/* The tables of checks, in the order in which they are shown, each NULL name last. */
#ifndef ADMWHCTL_VERIFY_CHECKS_H
#define ADMWHCTL_VERIFY_CHECKS_H

#include "verify/facts.h"
#include "verify/report.h"

extern const struct check file_checks[];
extern const struct check server_checks[];
extern const struct check caller_checks[];
extern const struct check token_checks[];
extern const struct check admission_checks[];
extern const struct check kubeconfig_checks[];
extern const struct check apiserver_checks[];
extern const struct check webhook_checks[];
extern const struct check call_checks[];
extern const struct check workload_checks[];
extern const struct check kustomize_checks[];
extern const struct check hardening_checks[];
extern const struct check network_checks[];

#endif
