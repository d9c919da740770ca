/* SPDX-License-Identifier: MIT */
/*
 * write: answers, and the end of a connection.
 */
#ifndef AWH_CONN_WRITE_H
#define AWH_CONN_WRITE_H

#include "conn/conn.h"

enum awh_step awh_write(struct awh_conn *conn);
enum awh_step awh_write_late(struct awh_conn *conn);
enum awh_step awh_linger(struct awh_conn *conn);

/* Send what is in conn->output, then go on with a stage. */
enum awh_step awh_write_enter(struct awh_conn *conn, enum awh_stage after);

/* Answer the request; body is copied. */
enum awh_step awh_answer(struct awh_conn *conn, struct awh_http_reply *reply, const char *body,
			 size_t len);
/* With a metav1.Status, whose message kube-apiserver shows; or with the program's own reply. */
enum awh_step awh_answer_status(struct awh_conn *conn, int status, const char *message);
enum awh_step awh_answer_and_close(struct awh_conn *conn, int status, const char *message);
/* With the answer of its review. */
enum awh_step awh_answer_review(struct awh_conn *conn);

#endif
