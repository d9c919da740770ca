/* SPDX-License-Identifier: MIT */
#include "telemetry/seen.h"

bool awh_seen_first(struct awh_seen *seen, uint64_t digest)
{
	for (size_t i = 0; i < AWH_SEEN; i++)
		if (atomic_load_explicit(&seen->digests[i], memory_order_relaxed) == digest)
			return false;
	atomic_store(&seen->digests[atomic_fetch_add(&seen->next, 1) % AWH_SEEN], digest);
	return true;
}
