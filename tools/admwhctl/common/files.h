/* SPDX-License-Identifier: MIT */
/*
 * Memory and texts, and whole files: read up to a size, and written so that a crash leaves the old
 * or the new one.
 */
#ifndef ADMWHCTL_FILES_H
#define ADMWHCTL_FILES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

enum { FILE_MAX_BYTES = 64 << 20 };

/*
 * The bytes of a file ("-": standard input), and a NUL that len does not count. New, free with
 * free(). NULL: it has complained.
 */
char *file_read(const char *name, size_t *len);

/*
 * Write by a temporary file beside it, fsync, rename and fsync of the folder. mode: of a new file,
 * whatever the umask. Returns 0, or -1: it has complained.
 */
int file_write(const char *name, const void *bytes, size_t len, mode_t mode);

/* Make a folder and its parents; mode is the last one's. 0, or -1: it has complained. */
int folder_make(const char *name, mode_t mode);

/*
 * Call visit for each file in a folder and in those below it, in the order of names, through
 * symbolic links too, until it returns another value than 0, which is returned. -1: a folder cannot
 * be read, and it has complained.
 */
int folder_walk(const char *name, int (*visit)(const char *name, void *userdata), void *userdata);

/* Complain and end the program. */
_Noreturn void out_of_memory(void);

/* calloc() that ends the program when memory runs out. */
void *zeroed(size_t count, size_t size);

/* realloc() that ends the program when memory runs out; NULL: a new block. */
void *memory_grown(void *block, size_t size);

/* "FOLDER/NAME". New, free with free(); ends the program when memory runs out. */
char *path_join(const char *folder, const char *name);

/* Wipe a text and free it; NULL is none. */
void secret_free(char *text);

/* printf() to a new text, free with free(); ends the program when memory runs out. */
char *text_new(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *text_newv(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

/* open_memstream(), and fclose() of it; they end the program when memory runs out. */
FILE *text_open(char **text, size_t *len);
void text_close(FILE *to);

/* A new folder for temporary files, for the user alone. New, free with free(); NULL: errno is set.
 */
char *folder_temporary(void);

/* What stands behind the last slash of a path. */
const char *path_name(const char *path);

#endif
