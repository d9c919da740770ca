/* SPDX-License-Identifier: MIT */
/*
 * handshake and identify: who calls, and is the connection served at all?
 */
#ifndef AWH_CONN_HANDSHAKE_H
#define AWH_CONN_HANDSHAKE_H

#include "conn/conn.h"

enum awh_step awh_handshake(struct awh_conn *conn);
enum awh_step awh_handshake_late(struct awh_conn *conn);
enum awh_step awh_identify_caller(struct awh_conn *conn);

#endif
