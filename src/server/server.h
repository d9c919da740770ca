/* SPDX-License-Identifier: MIT */
/*
 * The life of a server: one acceptor, some shards (an event loop and its
 * connections each), a pool of workers, and how they start and stop together.
 */
#ifndef AWH_SERVER_SERVER_H
#define AWH_SERVER_SERVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <admwh/health.h>
#include <admwh/hooks.h>
#include <admwh/server.h>

#include "dispatch/caller.h"
#include "dispatch/chain.h"
#include "dispatch/pool.h"
#include "dispatch/route.h"
#include "net/listener.h"
#include "net/loop.h"
#include "health/check.h"
#include "config/config.h"
#include "conn/endpoint.h"
#include "telemetry/events.h"
#include "auth/snapshot.h"
#include "reload/reload.h"
#include "conn/trim.h"

struct awh_conn;
struct awh_fleet;
struct awh_place;

enum { AWH_SCRATCH = 65536 };

/* One loop's share of the connections. It is for the loop's own thread; others post its tasks. */
struct awh_shard {
	struct admwh_server *server;
	struct awh_loop *loop;
	struct awh_snapshot *snapshot; /* what callers are judged by */
	struct awh_snapshot
	    *_Atomic fresh; /* what they will be, once swap has run; NULL: the same */
	struct awh_task swap;
	struct awh_conn *conns;
	size_t n_conns;
	struct awh_pending *pendings; /* reviews under way, waited for or not */
	struct awh_watch *drain;      /* timer that ends the drain; NULL before the stop */
	struct awh_task stop;
	struct awh_task cut;
	struct awh_task evict;
	bool stopping;
	bool ended;
	char *scratch; /* AWH_SCRATCH bytes to read into */
};

struct admwh_server {
	struct admwh_config *config;
	struct awh_error error;
	struct awh_events events;
	struct awh_routes routes;
	struct awh_chain chain; /* around all handlers */
	struct awh_callers *callers;
	atomic_size_t abandoned; /* reviews that go on, though nobody waits for them any more */
	struct awh_pool *pool;
	struct awh_shard *shards;
	size_t n_shards;
	bool started;
	bool ended;
	uint16_t port;
	uint16_t health_port;
	struct awh_endpoint endpoint; /* reviews come by it; on the first shard's thread */

	/*
	 * The loop of what has to go on while handlers block the others: a thread of its own, with
	 * a shard for the connections of the health endpoint.
	 */
	struct awh_loop *control;
	struct awh_shard control_shard;
	struct awh_task control_end;
	struct awh_trim trim;
	struct awh_endpoint health_endpoint;
	struct awh_routes pages;  /* of the health endpoint */
	struct awh_checks checks; /* the program's */
	struct awh_checks alive, ready, health;
	struct awh_reloader *reloader;
	struct awh_watch *asked; /* on reload_fd */
	struct awh_signal *hangup;
	struct awh_task ask;

	/* on the first shard's thread */
	struct awh_snapshot *snapshot; /* what connections are accepted under; NULL: none is */
	struct awh_task swap;
	struct awh_watch *stop_watch;
	struct awh_watch *lame_duck; /* timer between the stop and the end of accepting */
	struct awh_signal *signals[2];
	struct awh_task finish;
	unsigned int stops; /* how often a stop was asked for */

	/* in a worker process */
	struct awh_fleet *fleet; /* NULL: serves alone */
	struct awh_place *place;
	struct awh_watch *orders; /* from the supervisor */
	int orders_fd;
	bool watches; /* the watcher: serves the health endpoint alone */

	admwh_process_start_fn *process_start; /* of the program; NULL for none */
	void *process_userdata;

	int stop_fd;                        /* an eventfd: what a signal handler may write to */
	int reload_fd;                      /* likewise */
	struct awh_snapshot *_Atomic fresh; /* what snapshot will be, once swap has run */
	struct awh_sources loaded; /* what snapshot was made of at the start, without bytes */
	atomic_bool has_snapshot;  /* there is one */
	atomic_bool stopping;
	atomic_bool cut_off;   /* a request that had begun was not answered */
	atomic_bool listening; /* at the main endpoint */
	atomic_size_t n_ended; /* shards */
};

static inline uint64_t awh_server_limit(const struct admwh_server *server, enum admwh_limit limit)
{
	return server->config->limits[limit];
}

/* A shard's parts; its loop is there already. 0 or ADMWH_E_NOMEM. */
int awh_shard_init(struct awh_shard *shard, struct admwh_server *server, struct awh_error *error);
/* Its loop, too. */
void awh_shard_deinit(struct awh_shard *shard);

/* In a worker process: ask the supervisor to have all of them look at their files. Any thread. */
void awh_server_pass_on_reload(const struct admwh_server *server);

/* The steps of a start, for one that serves from several processes. */

/* Bind what is to be bound, before anything is started. */
int awh_server_bind(struct admwh_server *server);
/* Forget what one process must not have of another. In a new process, before it starts. */
int awh_server_renew(struct admwh_server *server);
/* Start serving on threads of this process. */
int awh_server_start_here(struct admwh_server *server);
/* Start serving the health endpoint alone. */
int awh_server_watch_here(struct admwh_server *server);

/* What a worker process is told: bytes on its orders_fd. The end of them is AWH_ORDER_STOP. */
enum awh_order {
	AWH_ORDER_LAME_DUCK = 'l', /* unready, still accepting */
	AWH_ORDER_STOP = 's',      /* accept no more, drain */
	AWH_ORDER_CUT = 'c',       /* end every connection at once */
	AWH_ORDER_RELOAD = 'r',    /* look at the files */
};

/* How many loops, and workers, it has in a process that serves. */
unsigned int awh_server_threads(const struct admwh_server *server);
unsigned int awh_server_workers(const struct admwh_server *server);

/* Say how the server was started. */
void awh_server_log_start(struct admwh_server *server);
void awh_server_log_stop(struct admwh_server *server, bool drained);

/* What one caller may have of a limit. */
static inline size_t awh_server_share(const struct admwh_server *server, enum admwh_limit limit)
{
	return awh_share((size_t)awh_server_limit(server, limit),
			 (size_t)awh_server_limit(server, ADMWH_LIMIT_CALLER_SHARE));
}

/* The shard's last connection is gone, perhaps. */
void awh_shard_check_end(struct awh_shard *shard);

#endif
