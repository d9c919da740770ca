/* SPDX-License-Identifier: MIT */
#include "net/folder.h"

#include <stdlib.h>

#include "net/uv.h"

struct awh_folder {
	uv_fs_event_t event;
	awh_folder_fn *notify;
	void *userdata;
};

static void on_event(uv_fs_event_t *event, const char *name, int events, int status)
{
	struct awh_folder *folder = event->data;

	(void)events;
	folder->notify(folder->userdata, status < 0 ? NULL : name);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

struct awh_folder *awh_folder_new(struct awh_loop *loop, const char *path, awh_folder_fn *notify,
				  void *userdata)
{
	struct awh_folder *folder = calloc(1, sizeof(*folder));

	if (!folder)
		return NULL;
	uv_fs_event_init(awh_loop_uv(loop), &folder->event);
	folder->event.data = folder;
	folder->notify = notify;
	folder->userdata = userdata;
	if (uv_fs_event_start(&folder->event, on_event, path, 0) == 0)
		return folder;
	awh_folder_free(folder);
	return NULL;
}

void awh_folder_free(struct awh_folder *folder)
{
	if (folder)
		uv_close((uv_handle_t *)&folder->event, on_closed);
}
