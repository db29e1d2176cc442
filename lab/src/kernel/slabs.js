// SPDX-License-Identifier: MIT
/** The slab caches, with the numbers of /proc/slabinfo (mm/slab/slab.h). */
export function readSlabs(kernel) {
	return [...kernel.list(kernel.variable('cache_list'), 'kmem_cache', 'link')].map((cache) => ({
		name: cache.name,
		inuse: cache.inuse,
		objects: cache.slabs * cache.objects,
		size: cache.size,
		pages: 1 << cache.order,
		slabs: cache.slabs,
		full: count(kernel, cache.full),
		partial: count(kernel, cache.partial),
		free: count(kernel, cache.free),
	}));
}

function count(kernel, head) {
	return [...kernel.list(head, 'slab', 'link')].length;
}
