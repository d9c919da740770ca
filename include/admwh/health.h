/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Health, readiness and metrics: the health port for kubelet and Prometheus, health paths of the
 * main port, and the program's own health checks.
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

/** @addtogroup server
 * @{ */

/**
 * Set the address of the health port, which serves `/healthz`, `/livez`, `/readyz`, `/metrics` and
 * `/configz` over plain HTTP, for kubelet and Prometheus. Without this call there is none.
 *
 * @param config   a config
 * @param address  as for admwh_config_set_listen()
 * @return 0; ADMWH_E_INVAL; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_set_health_listen(struct admwh_config *config,
							       const char *address);

/**
 * Let the health port be asked by this name. It answers requests whose Host field has an IP
 * address, a name of one label (localhost), or a name below svc, local, localhost or internal; to
 * others it says 421, so that no web site can have a browser read its pages under its own name (DNS
 * rebinding). A name such as "admwh.policies" or of your own domain must be added here.
 *
 * @param config  a config
 * @param host    a DNS name without a port, compared in any case; copied
 * @return 0; ADMWH_E_INVAL; ADMWH_E_NOMEM; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_add_health_host(struct admwh_config *config,
							     const char *host);

/**
 * Add a path to the health port that answers readiness with its status alone: 200 or 503, without a
 * body.
 *
 * @param config  a config
 * @param path    for instance "/readiness"
 * @return 0; ADMWH_E_INVAL; ADMWH_E_EXISTS; ADMWH_E_NOMEM; ADMWH_E_STATE when frozen
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_config_add_ready_path(struct admwh_config *config,
							    const char *path);

/**
 * A health check of the program: is what it depends on available? **Called from several threads**;
 * it must not block for long.
 *
 * @param userdata  what was registered
 * @return NULL when healthy; else *borrowed* (static) text that says what is wrong
 */
typedef const char *admwh_health_check_fn(void *userdata);

/**
 * Add a health check, on which health and readiness then depend. As with the checks of Kubernetes'
 * own components, `?verbose` shows it as `[+]name ok`, `?exclude=name` leaves it out, and the
 * health path followed by "/" and its name runs it alone.
 *
 * @param server    a server that was not started
 * @param name      1 to 63 characters of [A-Za-z0-9._-]
 * @param check     the check
 * @param userdata  passed to every call; outlives the server
 * @return 0; ADMWH_E_INVAL; ADMWH_E_EXISTS; ADMWH_E_STATE once the server was started;
 *         ADMWH_E_NOMEM
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_server_add_health_check(struct admwh_server *server,
							      const char *name,
							      admwh_health_check_fn *check,
							      void *userdata);

/**
 * Answer GET and HEAD on this path of the main port: 200 and "ok", 500 while a health check fails,
 * 503 once the server is stopping. The path followed by "/" and the name of a check runs that
 * check. Kubernetes' probes had better ask the health port: admwh_config_set_health_listen().
 *
 * @param server  a server that was not started
 * @param path    begins with "/"; admwh_config_add_exempt_path() serves it to unauthenticated
 *                clients
 * @return 0; ADMWH_E_INVAL; ADMWH_E_EXISTS; ADMWH_E_STATE once the server was started;
 *         ADMWH_E_NOMEM
 * @since 0.1.0
 */
ADMWH_API ADMWH_WARN_UNUSED int admwh_server_add_health_path(struct admwh_server *server,
							     const char *path);

/**
 * Number of the health port.
 *
 * @param server  a server that was started; NULL gives 0
 * @return the port; 0 before the start and where there is no health port
 * @since 0.1.0
 */
ADMWH_API uint16_t admwh_server_health_port(const struct admwh_server *server);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
