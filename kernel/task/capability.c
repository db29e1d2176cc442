/* SPDX-License-Identifier: MIT */
/* Rules of the capability sets. Source: capabilities(7), Linux security/commoncap.c. */
#include "kernel/task/capability.h"
#include "abi/linux/errno.h"
#include "kernel/task/task.h"

/* What setfsuid() changes. */
#define OF_FILES                                                                                  \
	(CAPABILITY(CAP_CHOWN) | CAPABILITY(CAP_DAC_OVERRIDE) | CAPABILITY(CAP_DAC_READ_SEARCH) | \
	 CAPABILITY(CAP_FOWNER) | CAPABILITY(CAP_FSETID) | CAPABILITY(CAP_LINUX_IMMUTABLE) |      \
	 CAPABILITY(CAP_MKNOD) | CAPABILITY(CAP_MAC_OVERRIDE))

bool capable(u32 capability)
{
	const struct file_ids *instead = current->file_ids;
	u64 set =
		unlikely(instead != NULL) ? instead->capabilities : current->group->caps.effective;

	return set >> capability & 1;
}

void capabilities_init(struct capabilities *caps)
{
	*caps = (struct capabilities){ .permitted = CAPABILITIES_ALL,
				       .effective = CAPABILITIES_ALL,
				       .bounding = CAPABILITIES_ALL };
}

static bool has_root(const struct id_set *ids)
{
	return !ids->real || !ids->effective || !ids->saved;
}

void capabilities_set_ids(struct capabilities *caps, const struct id_set *old,
			  const struct id_set *now)
{
	if (caps->secure & SECBIT_NO_SETUID_FIXUP)
		return;
	if (has_root(old) && !has_root(now)) {
		if (!(caps->secure & SECBIT_KEEP_CAPS))
			caps->permitted = caps->effective = 0;
		caps->ambient = 0;
	}
	if (!old->effective && now->effective)
		caps->effective = 0;
	if (old->effective && !now->effective)
		caps->effective = caps->permitted;
}

void capabilities_set_file_id(struct capabilities *caps, u32 old, u32 now)
{
	if (caps->secure & SECBIT_NO_SETUID_FIXUP)
		return;
	if (!old && now)
		caps->effective &= ~OF_FILES;
	if (old && !now)
		caps->effective |= caps->permitted & OF_FILES;
}

void capabilities_exec(struct capabilities *caps, const struct id_set *user, bool changed)
{
	bool noroot = caps->secure & SECBIT_NOROOT;

	if (changed)
		caps->ambient = 0;
	caps->permitted = caps->ambient;
	if (!noroot && (!user->effective || !user->real))
		caps->permitted |= caps->bounding | caps->inheritable;
	caps->effective = !noroot && !user->effective ? caps->permitted : caps->ambient;
	caps->secure &= ~(u32)SECBIT_KEEP_CAPS;
}

static bool includes(u64 set, u64 other)
{
	return !(other & ~set);
}

int capabilities_change(u64 effective, u64 permitted, u64 inheritable)
{
	struct capabilities *caps = &current->group->caps;

	if (!capable(CAP_SETPCAP) && !includes(caps->inheritable | caps->permitted, inheritable))
		return -EPERM;
	if (!includes(caps->inheritable | caps->bounding, inheritable) ||
	    !includes(caps->permitted, permitted) || !includes(permitted, effective))
		return -EPERM;
	caps->effective = effective;
	caps->permitted = permitted;
	caps->inheritable = inheritable;
	caps->ambient &= permitted & inheritable;
	return 0;
}
