/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The main function of a webhook: standard flags and environment variables for everything that an
 * operator sets, `--help`, `--version`, and a server that runs until SIGTERM. docs/program.md lists
 * the flags.
 *
 * A value is taken from the command line (`--listen :9443` or `--listen=:9443`; the last one
 * counts), else from the flag's environment variable unless that is empty, else from the preset. A
 * flag that may be repeated takes several values; its variable holds one a line. There is no flag
 * for a secret, because other users can read command lines and environments: flags name files.
 */
#ifndef ADMWH_PROGRAM_H
#define ADMWH_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <admwh/config.h>
#include <admwh/conversion.h>
#include <admwh/error.h>
#include <admwh/export.h>
#include <admwh/file.h>
#include <admwh/identity.h>
#include <admwh/quantity.h>
#include <admwh/route.h>
#include <admwh/server.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup program
 * @{ */

/**
 * A flag of the program's own. Exactly one of text, on, number, choice, quantity and lines is set:
 * the type of the flag is that of the variable. Unset members are 0. Texts are *borrowed* for as
 * long as the program runs, those that it gives and those that it gets.
 */
struct admwh_flag {
	const char *name;  /**< 1 to 63 characters of [a-z0-9-], without "--" */
	const char *value; /**< as help names it, "FILE"; of a choice its words, "deny|allow" */
	const char *help;  /**< one line; NULL: the flag is not listed */
	const char *
	    *text;        /**< gets a text; untouched without value and preset, as are the others */
	bool *on;         /**< becomes true: a switch, without a value */
	uint64_t *number; /**< gets a number from least to most */
	int *choice;      /**< gets the place of the word, from 0 */
	struct admwh_quantity *quantity; /**< gets an amount, "512Mi" */
	/** gets a file of lines, see admwh_config_add_line_file(); before setup() is called */
	struct admwh_file **lines;
	admwh_line_error_fn *line_error; /**< of lines; NULL takes any */
	const char *preset;              /**< NULL for none */
	const char *variable;  /**< of the environment; NULL: prefix and name, see admwh_program */
	uint64_t least;        /**< of a number */
	uint64_t most;         /**< of a number */
	bool required;         /**< without a value the program does not start */
	bool may_be_empty;     /**< a text */
	const void *unused[4]; /**< NULL */
};

/** A value that a standard flag of this program has unless another is given. */
struct admwh_preset {
	const char *flag; /**< a standard flag, without "--" */
	const char
	    *value; /**< of a flag that may be repeated one value a line, of a switch "true" */
};

/**
 * A route of a program. Exactly one of validate, mutate and convert is set. Unset members are 0;
 * group, kind and operations are a filter where one of them is set, see admwh_route_add_filter().
 */
struct admwh_program_route {
	const char *path;            /**< as for admwh_server_add_validator() */
	admwh_validate_fn *validate; /**< **may be called concurrently**, as the two others */
	admwh_mutate_fn *mutate;     /**< see admwh_server_add_mutator() */
	admwh_convert_fn *convert;   /**< see admwh_server_add_conversion(); without filter */
	const char *group;           /**< API group of a filter, "" for the core group; NULL: any */
	const char *kind;            /**< kind of a filter; NULL: any */
	unsigned int operations;     /**< ADMWH_OPERATION_BIT()s of a filter; 0: any */
	void *userdata;              /**< passed to the handler; NULL: that of the program */
	const void *unused[8];       /**< NULL */
};

/** A webhook, as admwh_program_main() runs it. Unset members are 0. */
struct admwh_program {
	const char *name;    /**< "admwh-rancher": for messages, and the environment's prefix */
	const char *version; /**< for `--version`; NULL for that of the library */
	const char *about;   /**< what help says first, one or more lines; NULL for nothing */
	/** Of environment variables; NULL: made of the name, "ADMWH_RANCHER_". `--listen` is then
	 * `ADMWH_RANCHER_LISTEN`. */
	const char *prefix;
	const struct admwh_flag
	    *flags;     /**< n_flags of the program's own; none of a standard name */
	size_t n_flags; /**< may be 0 */
	const struct admwh_preset *presets; /**< n_presets */
	size_t n_presets;                   /**< may be 0 */
	/**
	 * Sets what no flag sets. Called once all flags are read and before the standard ones are
	 * applied, which therefore win. 0; an enum admwh_error when the program cannot start,
	 * ADMWH_E_INVAL when it was called in a wrong way: admwh_config_error() says why, see
	 * admwh_config_fail(). NULL for none.
	 */
	int (*configure)(struct admwh_config *config, void *userdata);
	const struct admwh_program_route *routes; /**< n_routes; added before setup() is called */
	size_t n_routes;                          /**< may be 0 */
	/**
	 * Adds hooks, health checks, and routes with options that n_routes cannot say. NULL for
	 * none. 0; an enum admwh_error when the program cannot
	 * start: admwh_server_error() says why, see admwh_server_fail().
	 */
	int (*setup)(struct admwh_server *server, void *userdata);
	/** Starts threads, see admwh_server_set_process_start(). NULL for none. */
	admwh_process_start_fn *start;
	/** Ends them, see admwh_server_set_process_stop(). NULL for none. */
	admwh_process_stop_fn *stop;
	/** Reads `--token-file`; NULL for the library's format. */
	admwh_token_reader_fn *read_tokens;
	void *userdata;        /**< passed to each of these functions */
	const void *unused[8]; /**< NULL */
};

/** What admwh_program_main() returns. */
enum admwh_exit {
	ADMWH_EXIT_STOPPED = 0, /**< the server was told to stop, or help or version was printed */
	ADMWH_EXIT_FAILED = 1,  /**< it could not start, or not run to its end */
	ADMWH_EXIT_USAGE = 2    /**< a flag or a variable is wrong */
};

/**
 * Run a webhook: read flags and environment, make a config and a server, serve until SIGTERM or
 * SIGINT, and drain. SIGHUP reloads the files. Hardening is on and the log goes to standard error,
 * unless flags say otherwise. What is wrong is one line on standard error that names the flag or
 * the variable at fault. It never ends the process by itself. One thread calls it, once: it uses
 * getopt_long(3).
 *
 * @param argc     as main() got it
 * @param argv     as main() got it; *borrowed* for as long as the program runs
 * @param program  *borrowed* until the call returns
 * @return enum admwh_exit, for main() to return
 * @since 0.1.0
 */
ADMWH_API int admwh_program_main(int argc, char **argv, const struct admwh_program *program);

/**
 * Set the message of admwh_config_error(), for admwh_program.configure.
 *
 * @param config  a config
 * @param err     a negative enum admwh_error: ADMWH_E_INVAL for a value that makes no sense
 * @param format  as for printf(3): one line without its end
 * @return err
 * @since 0.1.0
 */
ADMWH_API int admwh_config_fail(struct admwh_config *config, int err, const char *format, ...)
    ADMWH_PRINTF(3, 4);

/**
 * Set the message of admwh_server_error(), for admwh_program.setup.
 *
 * @param server  a server
 * @param err     a negative enum admwh_error
 * @param format  as for printf(3): one line without its end
 * @return err
 * @since 0.1.0
 */
ADMWH_API int admwh_server_fail(struct admwh_server *server, int err, const char *format, ...)
    ADMWH_PRINTF(3, 4);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
