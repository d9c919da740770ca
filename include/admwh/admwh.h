/* SPDX-License-Identifier: MIT */
/**
 * @file
 * libadmwh: Kubernetes admission webhooks in C, whose callers authenticate by mutual TLS or by
 * bearer token. This header includes all the others.
 */
#ifndef ADMWH_ADMWH_H
#define ADMWH_ADMWH_H

#include <admwh/config.h>
#include <admwh/conversion.h>
#include <admwh/defer.h>
#include <admwh/error.h>
#include <admwh/file.h>
#include <admwh/health.h>
#include <admwh/hooks.h>
#include <admwh/identity.h>
#include <admwh/image.h>
#include <admwh/json.h>
#include <admwh/limits.h>
#include <admwh/log.h>
#include <admwh/mutators.h>
#include <admwh/patch.h>
#include <admwh/pod_patch.h>
#include <admwh/program.h>
#include <admwh/quantity.h>
#include <admwh/record.h>
#include <admwh/request.h>
#include <admwh/require.h>
#include <admwh/response.h>
#include <admwh/review.h>
#include <admwh/route.h>
#include <admwh/selector.h>
#include <admwh/server.h>
#include <admwh/testing.h>
#include <admwh/value.h>
#include <admwh/version.h>
#include <admwh/webhook_tokens.h>
#include <admwh/workload.h>

#endif
