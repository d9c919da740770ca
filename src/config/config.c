/* SPDX-License-Identifier: MIT */
#include "config/config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <admwh/health.h>

#include "base/text.h"
#include "config/cpus.h"
#include "config/record.h"
#include "dispatch/path.h"
#include "net/address.h"
#include "tls/tls.h"

enum {
	THREADS_PRESET_MAX = 8, /* a container's share of a large machine is rarely more */
	WORKERS_PER_THREAD = 4,
	THREADS_MAX = 256,
	WORKERS_MAX = 4096,
	PROCESSES_MAX = 256,
	HOST_MAX = 253, /* RFC 1035 section 2.3.4, as text */
};

static const char host_letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";

int awh_config_no_memory(struct admwh_config *config)
{
	return awh_fail(&config->error, ADMWH_E_NOMEM, "out of memory");
}

int awh_config_begin_set(struct admwh_config *config)
{
	if (!config)
		return ADMWH_E_NOMEM;
	awh_error_clear(&config->error);
	if (config->frozen)
		return awh_fail(&config->error, ADMWH_E_STATE,
				"a server has taken this configuration");
	return 0;
}

int awh_config_tolerate(struct admwh_config *config, int err)
{
	if (!config->start_unready || err == ADMWH_E_NOMEM || err == ADMWH_E_INVAL)
		return err;
	awh_error_clear(&config->error);
	return 0;
}

int awh_config_tolerate_text(struct admwh_config *config, int err)
{
	return awh_config_tolerate(config, err == ADMWH_E_INVAL ? ADMWH_E_IO : err) ? err : 0;
}

int awh_config_read(struct admwh_config *config, struct awh_source *source,
		    enum awh_source_kind kind, size_t bundle, const char *file)
{
	const struct awh_source_name name = {kind, bundle, file};
	int err = awh_source_read(source, &name, &config->error);

	if (err && awh_config_tolerate(config, err) == 0)
		return awh_source_miss(source, &name, &config->error);
	return err;
}

struct admwh_config *admwh_config_new(void)
{
	struct admwh_config *config = calloc(1, sizeof(*config));

	if (!config)
		return NULL;
	atomic_init(&config->references, 1);
	config->tls_profile = ADMWH_TLS_INTERMEDIATE;
	config->aes_offload = true;
	config->auth = ADMWH_CLIENT_AUTH_HANDSHAKE;
	config->reload = true;
	config->close_untrusted = true;
	config->record_files = AWH_RECORD_FILES;
	for (size_t i = 0; i < AWH_LIMITS; i++)
		config->limits[i] = awh_limit_facts((enum admwh_limit)i)->preset;
	awh_address_parse(":9443", &config->address);
	return config;
}

const char *awh_config_auth_name(const struct admwh_config *config)
{
	if (config->insecure)
		return "none";
	if (config->n_bundles == 0)
		return "token";
	return config->auth == ADMWH_CLIENT_AUTH_REQUEST ? "request" : "handshake";
}

struct admwh_config *awh_config_ref(struct admwh_config *config)
{
	atomic_fetch_add(&config->references, 1);
	return config;
}

void awh_bundle_free(struct admwh_bundle *bundle)
{
	if (!bundle)
		return;
	free(bundle->name);
	awh_values_deinit(&bundle->rules);
	free(bundle);
}

void awh_config_unref(struct admwh_config *config)
{
	if (!config || atomic_fetch_sub(&config->references, 1) > 1)
		return;
	awh_files_deinit(&config->files);
	awh_sources_deinit(&config->sources);
	for (size_t i = 0; i < config->n_bundles; i++)
		awh_bundle_free(config->bundles[i]);
	free(config->bundles);
	awh_text_list_deinit(&config->exempt);
	awh_text_list_deinit(&config->warn_paths);
	awh_text_list_deinit(&config->ready_paths);
	awh_text_list_deinit(&config->health_hosts);
	awh_text_list_deinit(&config->token_origins);
	for (size_t i = 0; i < sizeof(config->webhooks) / sizeof(config->webhooks[0]); i++)
		awh_text_list_deinit(&config->webhooks[i].list);
	free(config->token_issuer);
	awh_text_list_deinit(&config->record_kinds);
	free(config->record_folder);
	free(config->tls_ciphers);
	free(config);
}

/* Secrets are wiped, unless worker processes make their TLS contexts from memory: reload is off. */
void admwh_config_free(struct admwh_config *config)
{
	if (config && (config->processes == 0 || config->reload))
		awh_sources_forget(&config->sources, true);
	awh_config_unref(config);
}

const char *admwh_config_error(const struct admwh_config *config)
{
	return config ? config->error.text : admwh_strerror(ADMWH_E_NOMEM);
}

int awh_config_set_address(struct admwh_config *config, const char *what, const char *address,
			   struct sockaddr_storage *out)
{
	if (awh_address_parse(address, out))
		return 0;
	return awh_fail(&config->error, ADMWH_E_INVAL,
			"%s address \"%s\": %s (expected HOST:PORT with a numeric host)", what,
			address ? address : "", awh_address_problem(address));
}

int admwh_config_set_listen(struct admwh_config *config, const char *address)
{
	int err = awh_config_begin_set(config);

	return err ? err : awh_config_set_address(config, "listen", address, &config->address);
}

int admwh_config_set_health_listen(struct admwh_config *config, const char *address)
{
	int err = awh_config_begin_set(config);

	if (err == 0)
		err = awh_config_set_address(config, "health", address, &config->health_address);
	if (err == 0)
		config->has_health = true;
	return err;
}

int admwh_config_add_health_host(struct admwh_config *config, const char *host)
{
	int err = awh_config_begin_set(config);
	size_t len = host ? strnlen(host, HOST_MAX + 1) : 0;

	if (err)
		return err;
	if (len == 0 || len > HOST_MAX || strspn(host, host_letters) != len || host[len - 1] == '.')
		return awh_fail(&config->error, ADMWH_E_INVAL,
				"health host: expected a DNS name, without a port");
	return awh_text_list_add(&config->health_hosts, host) ? awh_config_no_memory(config) : 0;
}

int admwh_config_add_ready_path(struct admwh_config *config, const char *path)
{
	int err = awh_config_begin_set(config);

	if (err == 0)
		err = awh_path_check(path, &config->error);
	if (err)
		return err;
	if (awh_text_list_has(&config->ready_paths, path))
		return awh_fail(&config->error, ADMWH_E_EXISTS, "%s tells readiness already", path);
	return awh_text_list_add(&config->ready_paths, path) ? awh_config_no_memory(config) : 0;
}

static int check_keypair(struct admwh_config *config, const struct awh_source *certificate,
			 const struct awh_source *key)
{
	struct awh_error reason = {0};
	int err = awh_tls_check_keypair(certificate->bytes.data, certificate->bytes.len,
					key->bytes.data, key->bytes.len, &reason);

	if (err && strcmp(certificate->file, key->file) == 0)
		awh_fail(&config->error, err, "%s: %s", key->file, reason.text);
	else if (err)
		awh_fail(&config->error, err, "%s, %s: %s", certificate->file, key->file,
			 reason.text);
	return err;
}

/* Both or neither: there is room for the two before the first is put. *Steals* what is in them. */
static int put_keypair(struct admwh_config *config, struct awh_source *certificate,
		       struct awh_source *key)
{
	if (awh_sources_reserve(&config->sources, 2))
		return awh_config_no_memory(config);
	awh_sources_put(&config->sources, certificate);
	awh_sources_put(&config->sources, key);
	return 0;
}

int admwh_config_set_keypair_file(struct admwh_config *config, const char *certificate_file,
				  const char *key_file)
{
	struct awh_source certificate = {0}, key = {0};
	int err = awh_config_begin_set(config);

	if (err)
		return err;
	err = awh_config_read(config, &certificate, AWH_SOURCE_CERTIFICATE, 0, certificate_file);
	if (err == 0)
		err = awh_config_read(config, &key, AWH_SOURCE_KEY, 0, key_file);
	if (err == 0 && !certificate.missing && !key.missing)
		err = awh_config_tolerate(config, check_keypair(config, &certificate, &key));
	if (err == 0)
		err = put_keypair(config, &certificate, &key);
	if (err) {
		awh_source_deinit(&certificate);
		awh_source_deinit(&key);
	}
	return err;
}

int admwh_config_set_client_auth(struct admwh_config *config, enum admwh_client_auth auth)
{
	int err = awh_config_begin_set(config);

	if (err)
		return err;
	if (auth != ADMWH_CLIENT_AUTH_HANDSHAKE && auth != ADMWH_CLIENT_AUTH_REQUEST)
		return awh_fail(&config->error, ADMWH_E_INVAL,
				"no such way of client authentication");
	config->auth = auth;
	return 0;
}

static int add_path(struct admwh_config *config, struct awh_text_list *list, const char *path)
{
	int err = awh_config_begin_set(config);

	if (err == 0)
		err = awh_path_check(path, &config->error);
	if (err)
		return err;
	return awh_text_list_add(list, path) ? awh_config_no_memory(config) : 0;
}

int admwh_config_add_exempt_path(struct admwh_config *config, const char *path)
{
	return add_path(config, config ? &config->exempt : NULL, path);
}

int admwh_config_add_warn_path(struct admwh_config *config, const char *path)
{
	return add_path(config, config ? &config->warn_paths : NULL, path);
}

int admwh_config_insecure_no_client_auth(struct admwh_config *config)
{
	int err = awh_config_begin_set(config);

	if (err == 0)
		config->insecure = true;
	return err;
}

int admwh_config_insecure_plain_http(struct admwh_config *config)
{
	int err = awh_config_begin_set(config);

	if (err == 0)
		config->plain = config->insecure = true;
	return err;
}

int admwh_config_insecure_observe(struct admwh_config *config)
{
	int err = awh_config_begin_set(config);

	if (err == 0)
		config->observe = true;
	return err;
}

int admwh_config_set_bare_tokens(struct admwh_config *config, bool on)
{
	int err = awh_config_begin_set(config);

	if (err == 0)
		config->bare_tokens = on;
	return err;
}

int admwh_config_set_limit(struct admwh_config *config, enum admwh_limit limit, uint64_t value)
{
	const struct awh_limit_facts *facts;
	int err = awh_config_begin_set(config);

	if (err)
		return err;
	if (!awh_is_limit(limit))
		return awh_fail(&config->error, ADMWH_E_INVAL, "no such limit");
	facts = awh_limit_facts(limit);
	if (value < facts->least || value > facts->greatest)
		return awh_fail(&config->error, ADMWH_E_INVAL,
				"limit %s: %" PRIu64 " is not between %" PRIu64 " and %" PRIu64
				" %s",
				facts->name, value, facts->least, facts->greatest, facts->unit);
	config->limits[limit] = value;
	return 0;
}

uint64_t admwh_config_limit(const struct admwh_config *config, enum admwh_limit limit)
{
	return config && awh_is_limit(limit) ? config->limits[limit] : 0;
}

int admwh_config_set_threads(struct admwh_config *config, unsigned int threads)
{
	int err = awh_config_begin_set(config);

	if (err)
		return err;
	if (threads > THREADS_MAX)
		return awh_fail(&config->error, ADMWH_E_INVAL, "threads: at most %d", THREADS_MAX);
	config->threads = threads;
	return 0;
}

unsigned int awh_config_threads(const struct admwh_config *config)
{
	unsigned int cpus;

	if (config->threads)
		return config->threads;
	cpus = awh_cpus();
	return cpus < THREADS_PRESET_MAX ? cpus : THREADS_PRESET_MAX;
}

unsigned int awh_config_workers(const struct admwh_config *config)
{
	return config->workers ? config->workers : awh_config_threads(config) * WORKERS_PER_THREAD;
}

int admwh_config_set_workers(struct admwh_config *config, unsigned int workers)
{
	int err = awh_config_begin_set(config);

	if (err)
		return err;
	if (workers > WORKERS_MAX)
		return awh_fail(&config->error, ADMWH_E_INVAL, "workers: at most %d", WORKERS_MAX);
	config->workers = workers;
	return 0;
}

int admwh_config_set_processes(struct admwh_config *config, unsigned int processes)
{
	int err = awh_config_begin_set(config);

	if (err)
		return err;
	if (processes > PROCESSES_MAX)
		return awh_fail(&config->error, ADMWH_E_INVAL, "processes: at most %d",
				PROCESSES_MAX);
	config->processes = processes;
	return 0;
}

int admwh_config_set_stop_on_signals(struct admwh_config *config, bool on)
{
	int err = awh_config_begin_set(config);

	if (err == 0)
		config->stop_on_signals = on;
	return err;
}

int admwh_config_set_refusal(struct admwh_config *config, admwh_refusal_fn *refusal, void *userdata)
{
	int err = awh_config_begin_set(config);

	if (err == 0) {
		config->refusal = refusal;
		config->refusal_data = userdata;
	}
	return err;
}

int admwh_config_set_reload(struct admwh_config *config, bool on)
{
	int err = awh_config_begin_set(config);

	if (err == 0)
		config->reload = on;
	return err;
}

int admwh_config_set_reload_on_sighup(struct admwh_config *config, bool on)
{
	int err = awh_config_begin_set(config);

	if (err == 0)
		config->reload_on_sighup = on;
	return err;
}

int admwh_config_set_close_untrusted(struct admwh_config *config, bool on)
{
	int err = awh_config_begin_set(config);

	if (err == 0)
		config->close_untrusted = on;
	return err;
}

int admwh_config_set_start_unready(struct admwh_config *config, bool on)
{
	int err = awh_config_begin_set(config);

	if (err == 0)
		config->start_unready = on;
	return err;
}

int admwh_config_set_log(struct admwh_config *config, enum admwh_log_level level, admwh_log_fn *log,
			 void *userdata)
{
	int err = awh_config_begin_set(config);

	if (err == 0 && (level < ADMWH_LOG_DEBUG || level > ADMWH_LOG_ERROR))
		return awh_fail(&config->error, ADMWH_E_INVAL, "no such log level");
	if (err == 0)
		config->log = (struct awh_log){.sink = log, .userdata = userdata, .level = level};
	return err;
}
