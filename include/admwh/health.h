/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Health, readiness and metrics: the health port, its paths, and the program's
 * own checks.
 */
#ifndef ADMWH_HEALTH_H
#define ADMWH_HEALTH_H

#include <stdint.h>

#include <admwh/config.h>
#include <admwh/error.h>
#include <admwh/export.h>
#include <admwh/server.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Serve `/healthz`, `/livez`, `/readyz`, `/metrics` and `/configz` by plain HTTP on an address of
 * their own, for kubelet and Prometheus. Without this call there is no such port.
 *
 * @param config   a config
 * @param address  as for admwh_config_set_listen()
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_health_listen(struct admwh_config *config,
							       const char *address);

/**
 * One more path of the health port that tells readiness by its status alone: 200 or 503, no body.
 *
 * @param config  a config
 * @param path    for instance "/readiness"
 * @return 0; ADMWH_E_INVAL; ADMWH_E_EXISTS; ADMWH_E_NOMEM; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_add_ready_path(struct admwh_config *config,
							    const char *path);

/**
 * A check of the program's own: is what it depends on there? **Called from several threads**; it
 * must not block for long.
 *
 * @param userdata  what was registered
 * @return NULL when well; *borrowed* (static) text that says what is wrong
 */
typedef const char *admwh_health_check_fn(void *userdata);

/**
 * Make readiness and health depend on a check. It shows as `[+]name ok` in `?verbose`, by itself
 * at the health path followed by "/" and its name, and is left out with `?exclude=name`, as the
 * checks of Kubernetes' own components.
 *
 * @param server    a server that was not started
 * @param name      1 to 63 characters of [A-Za-z0-9._-]
 * @param check     the check
 * @param userdata  passed to every call; outlives the server
 * @return 0; ADMWH_E_INVAL; ADMWH_E_EXISTS; ADMWH_E_STATE; ADMWH_E_NOMEM
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_server_add_health_check(struct admwh_server *server,
							      const char *name,
							      admwh_health_check_fn *check,
							      void *userdata);

/**
 * Answer GET and HEAD on this path of the main port with 200 and "ok", with 500 while a check
 * fails, with 503 once the server is stopping; and each check on the path followed by "/" and its
 * name. For probes, the health port is the better place: admwh_config_set_health_listen().
 *
 * @param server  a server that was not started
 * @param path    begins with "/"; make it exempt to serve it without a certificate
 * @return 0; ADMWH_E_INVAL; ADMWH_E_EXISTS; ADMWH_E_STATE; ADMWH_E_NOMEM
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_server_add_health_path(struct admwh_server *server,
							     const char *path);

/**
 * The port of health and metrics.
 *
 * @param server  a server that was started
 * @return the port; 0 before the start, without one, and without a server
 * @since 0.1.0
 */
ADMWH_API uint16_t admwh_server_health_port(const struct admwh_server *server);

#ifdef __cplusplus
}
#endif

#endif
