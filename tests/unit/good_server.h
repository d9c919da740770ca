/* SPDX-License-Identifier: MIT */
/*
 * A server that would serve: the test PKI's key pair and CA, free ports of
 * loopback for reviews, health and conversions, one route, one conversion.
 */
#ifndef TESTS_UNIT_GOOD_SERVER_H
#define TESTS_UNIT_GOOD_SERVER_H

#include <stdio.h>
#include <stdlib.h>

#include <admwh/admwh.h>

static inline const char *pki_file(char *room, size_t size, const char *name)
{
	snprintf(room, size, "%s/%s", getenv("ADMWH_PKI"), name);
	return room;
}

static inline int allow(const struct admwh_request *req, struct admwh_response *resp,
			void *userdata)
{
	(void)req, (void)userdata;
	return admwh_response_allow(resp);
}

static inline int keep(const struct admwh_conversion *conv, struct admwh_patch *patch,
		       void *userdata)
{
	(void)conv, (void)patch, (void)userdata;
	return 0;
}

/* Without a health port, and a listener of conversions. 0, or what the first setter that failed
 * returned. */
static inline int set_up_main_endpoint(struct admwh_config *config)
{
	char certificate[4096], key[4096], ca[4096];
	int err = admwh_config_set_listen(config, "127.0.0.1:0");

	if (err == 0)
		err = admwh_config_set_keypair_file(
		    config, pki_file(certificate, sizeof(certificate), "server/ecdsa.crt"),
		    pki_file(key, sizeof(key), "keys/server.key"));
	if (err == 0)
		err = admwh_config_add_client_ca_file(config,
						      pki_file(ca, sizeof(ca), "ca/good.crt"));
	if (err == 0)
		err = admwh_config_allow_cn(config, "kube-apiserver");
	if (err == 0)
		err = admwh_config_set_threads(config, 2);
	return err ? err : admwh_config_set_workers(config, 2);
}

static inline int set_up_config(struct admwh_config *config)
{
	int err = set_up_main_endpoint(config);

	if (err == 0)
		err = admwh_config_set_conversion_listen(config, "127.0.0.1:0");
	return err ? err : admwh_config_set_health_listen(config, "127.0.0.1:0");
}

/* A config, and the server that is made of it. */
struct server_fixture {
	struct admwh_config *config;
	struct admwh_server *server;
};

/* fixture->config is set up: its server, with a route and a conversion. 0 or -1 */
static inline int make_server(struct server_fixture *fixture)
{
	fixture->server = admwh_server_new(fixture->config);
	return fixture->server && admwh_server_add_validator(fixture->server, "/a", allow, NULL) &&
		       admwh_server_add_conversion(fixture->server, "/c", keep, NULL) == 0
		   ? 0
		   : -1;
}

static inline int tear_down_server(void **state)
{
	struct server_fixture *fixture = *state;

	admwh_server_free(fixture->server);
	admwh_config_free(fixture->config);
	return 0;
}

#endif
