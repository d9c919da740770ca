/* SPDX-License-Identifier: MIT */
/* The names of TLS alerts. */
#ifndef ADMWHCTL_ALERT_H
#define ADMWHCTL_ALERT_H

/* Of RFC 8446 section 6; "alert" for others. */
const char *alert_name(int code);

#endif
