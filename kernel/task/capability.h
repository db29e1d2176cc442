/* SPDX-License-Identifier: MIT */
/*
 * Capabilities: the rights of the super-user, one by one. capabilities(7) has the rules.
 *
 *     bounding   what execve() may give          changes of user IDs    capabilities_set_ids()
 *     permitted  what effective may become       execve()               capabilities_exec()
 *     effective  what capable() looks at         capset(2)              kernel/syscall/
 *
 * Threads share them, as they share the IDs (cred.h). Files have none.
 *
 *  (1) effective is in permitted; ambient is in permitted and in inheritable.
 */
#ifndef KERNEL_TASK_CAPABILITY_H
#define KERNEL_TASK_CAPABILITY_H

#include "abi/linux/capability.h"
#include "lib/types.h"

#define CAPABILITIES_ALL ((2ull << CAP_LAST) - 1)
#define CAPABILITY(cap)	 (1ull << (cap))

struct capabilities {
	u64 permitted, effective, inheritable, bounding, ambient; /* bit n: capability n */
	u32 secure;						  /* SECBIT_* */
};

struct id_set;

/* All rights, for the first process. */
void capabilities_init(struct capabilities *caps);

/* The user IDs have changed from `old` to `now` by setuid() and its like: the sets follow. */
void capabilities_set_ids(struct capabilities *caps, const struct id_set *old,
			  const struct id_set *now);

/* The same after setfsuid(), which changes only what counts for files. */
void capabilities_set_file_id(struct capabilities *caps, u32 old, u32 now);

/* A program starts with these user IDs. `changed`: its file has set an ID. */
void capabilities_exec(struct capabilities *caps, const struct id_set *user, bool changed);

/* capset(2) of the current process. 0 or -EPERM. */
int capabilities_change(u64 effective, u64 permitted, u64 inheritable);

#endif
