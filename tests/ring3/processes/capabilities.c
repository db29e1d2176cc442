/* SPDX-License-Identifier: MIT */
/*
 * Capabilities, one by one: what each one alone allows, what changes of user IDs and execve do to
 * the sets, and files that set IDs. The program begins as the super-user; each case is a child.
 *
 * It starts itself with the name of a check, which the new image makes.
 */
#include "abi/linux/auxvec.h"
#include "abi/linux/capability.h"
#include "abi/linux/prctl.h"
#include "abi/linux/uio.h"
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/lines.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/task_calls.h"

#define USER	 1234
#define NOBODY	 65534
#define BIT(cap) (1u << (cap))

static char **arguments;
static struct text folder;

struct sets {
	u32 effective, permitted, inheritable; /* capabilities 0 to 31 */
};

static long prctl(int option, u32 a, u32 b)
{
	return system_call(NR_prctl, option, (long)a, (long)b, 0, 0, 0);
}

static long capget(u32 version, int pid, struct cap_data *data)
{
	struct cap_header header = { version, pid };

	return system_call(NR_capget, (long)&header, (long)data, 0, 0, 0, 0);
}

static struct sets sets(void)
{
	struct cap_data data[2] = { { 0 }, { 0 } };

	EXPECT_EQ(capget(CAPABILITY_VERSION_3, 0, data), 0);
	return (struct sets){ data[0].effective, data[0].permitted, data[0].inheritable };
}

/* The upper 32 are given up. */
static long set(u32 effective, u32 permitted, u32 inheritable)
{
	struct cap_header header = { CAPABILITY_VERSION_3, 0 };
	struct cap_data data[2] = { { effective, permitted, inheritable }, { 0, 0, 0 } };

	return system_call(NR_capset, (long)&header, (long)data, 0, 0, 0, 0);
}

static void only(u32 bits)
{
	EXPECT_EQ(set(bits, bits, 0), 0);
}

static long become(u32 user)
{
	return system_call(NR_setresuid32, (long)user, (long)user, (long)user, 0, 0, 0);
}

/* --- capset --- */

static void shrink(void *argument)
{
	const u32 two = BIT(CAP_KILL) | BIT(CAP_CHOWN);

	(void)argument;
	EXPECT_EQ(set(two, two, BIT(CAP_KILL)), 0);
	EXPECT_EQ(sets().effective, two);
	EXPECT_EQ(sets().inheritable, BIT(CAP_KILL));
	EXPECT_EQ(set(two | BIT(CAP_SYS_ADMIN), two | BIT(CAP_SYS_ADMIN), 0), -EPERM);
	EXPECT_EQ(set(two, BIT(CAP_KILL), 0), -EPERM);
	EXPECT_EQ(set(0, two, BIT(CAP_SETUID)), -EPERM);
	EXPECT_EQ(set(0, two, two), 0);
	EXPECT_EQ(sets().effective, 0);
	EXPECT_EQ(set(BIT(CAP_KILL), BIT(CAP_KILL), BIT(CAP_CHOWN)), 0);
	EXPECT_EQ(sets().permitted, BIT(CAP_KILL));
	EXPECT_EQ(set(two, two, 0), -EPERM);
}

static void headers(void *argument)
{
	struct cap_data data[2];
	struct cap_header header = { 1, 0 };

	(void)argument;
	EXPECT_EQ(capget(CAPABILITY_VERSION_1, 0, data), 0);
	EXPECT_EQ(capget(CAPABILITY_VERSION_2, sys_getppid(), data), 0);
	EXPECT_EQ(capget(CAPABILITY_VERSION_3, -1, data), -EINVAL);
	EXPECT_EQ(capget(CAPABILITY_VERSION_3, 0x3fffffff, data), -ESRCH);
	EXPECT_EQ(capget(CAPABILITY_VERSION_3, 0, (void *)16), -EFAULT);
	EXPECT_EQ(system_call(NR_capget, (long)&header, (long)data, 0, 0, 0, 0), -EINVAL);
	EXPECT_EQ(header.version, CAPABILITY_VERSION_3);
	header.version = 1;
	EXPECT_EQ(system_call(NR_capget, (long)&header, 0, 0, 0, 0, 0), 0);
	header = (struct cap_header){ CAPABILITY_VERSION_3, sys_getppid() };
	EXPECT_EQ(system_call(NR_capset, (long)&header, (long)data, 0, 0, 0, 0), -EPERM);
	header.version = 2;
	EXPECT_EQ(system_call(NR_capset, (long)&header, (long)data, 0, 0, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_capset, 16, (long)data, 0, 0, 0, 0), -EFAULT);
}

static void sets_change(void)
{
	EXPECT_CHILD(shrink, NULL, EXITED(0));
	EXPECT_CHILD(headers, NULL, EXITED(0));
}

/* --- what uid 0 cannot do without the capability, and another user can with it --- */

static void without(void *argument)
{
	int parent = (int)system_call(NR_getppid, 0, 0, 0, 0, 0, 0);
	struct rlimit limit;
	struct iovec part = { (u32)&limit, sizeof(limit) };

	(void)argument;
	EXPECT_EQ(sys_ugetrlimit(RLIMIT_CORE, &limit), 0);
	only(0);
	/* The same user, but it has what this process gave up. */
	EXPECT_EQ(system_call(NR_process_vm_readv, parent, (long)&part, 1, (long)&part, 1, 0),
		  -EPERM);
	limit = (struct rlimit){ 0, 0 };
	EXPECT_EQ(sys_setrlimit(RLIMIT_CORE, &limit), 0);
	limit.max = 1;
	EXPECT_EQ(sys_setrlimit(RLIMIT_CORE, &limit), -EPERM);
	EXPECT_EQ(become(USER), -EPERM);
	EXPECT_EQ(system_call(NR_setresgid32, USER, USER, USER, 0, 0, 0), -EPERM);
	EXPECT_EQ(system_call(NR_setgroups32, 0, 0, 0, 0, 0, 0), -EPERM);
	EXPECT_EQ(system_call(NR_sethostname, 0, 1000, 0, 0, 0, 0), -EPERM);
	EXPECT_EQ(system_call(NR_reboot, 0, 0, 0, 0, 0, 0), -EPERM);
	EXPECT_EQ(system_call(NR_nice, -1, 0, 0, 0, 0, 0), -EPERM);
	EXPECT_EQ(sys_mknod("device", S_IFCHR | 0600, 0x103), -EPERM);
	EXPECT_EQ(sys_mknod("device", S_IFBLK | 0600, 0), -EPERM);
	/* No device: overlayfs hides a name by it. */
	EXPECT_EQ(sys_mknod("device", S_IFCHR | 0600, 0), 0);
	EXPECT_EQ(sys_open("device", O_RDONLY), -ENXIO);
	EXPECT_EQ(sys_unlink("device"), 0);
	EXPECT_EQ(sys_chown("file", NOBODY, NOBODY), -EPERM);
	EXPECT_EQ(sys_chmod("other", 0600), -EPERM);
	EXPECT_EQ(file_try("other", O_RDONLY), -EACCES);
	EXPECT_EQ(file_try("other", O_WRONLY), -EACCES);
	EXPECT_EQ(sys_access("other", R_OK), -EACCES);
	EXPECT_EQ(file_try("file", O_WRONLY), 0);
}

static void with(void *argument)
{
	u32 capability = (u32)argument, all = BIT(CAP_SETUID) | BIT(capability);

	EXPECT_EQ(prctl(PR_SET_KEEPCAPS, 1, 0), 0);
	EXPECT_EQ(become(USER), 0);
	EXPECT_EQ(sets().effective, 0);
	only(all);
	EXPECT_EQ(sys_chown("other", NOBODY, NOBODY), capability == CAP_CHOWN ? 0 : -EPERM);
	EXPECT_EQ(sys_chmod("other", 0600), capability == CAP_FOWNER ? 0 : -EPERM);
	EXPECT_EQ(file_try("other", O_WRONLY), capability == CAP_DAC_OVERRIDE ? 0 : -EACCES);
	EXPECT_EQ(file_try("other", O_RDONLY),
		  capability == CAP_DAC_OVERRIDE || capability == CAP_DAC_READ_SEARCH ? 0
										      : -EACCES);
	EXPECT_EQ(file_try("closed/file", O_RDONLY),
		  capability == CAP_DAC_OVERRIDE || capability == CAP_DAC_READ_SEARCH ? 0
										      : -EACCES);
	EXPECT_EQ(system_call(NR_kill, sys_getppid(), 0, 0, 0, 0, 0),
		  capability == CAP_KILL ? 0 : -EPERM);
	EXPECT_EQ(system_call(NR_setgroups32, 0, 0, 0, 0, 0, 0),
		  capability == CAP_SETGID ? 0 : -EPERM);
	EXPECT_EQ(become(NOBODY), 0);
	EXPECT_EQ(sets().effective, all);
}

static void make(const char *path, u32 mode, u32 user)
{
	EXPECT_EQ(sys_close((int)sys_open_mode(path, O_RDWR | O_CREAT, 0600)), 0);
	EXPECT_EQ(sys_chown(path, user, user), 0);
	EXPECT_EQ(sys_chmod(path, mode), 0);
}

static void one_by_one(void)
{
	static const u32 each[] = { CAP_CHOWN,		 CAP_FOWNER, CAP_DAC_OVERRIDE,
				    CAP_DAC_READ_SEARCH, CAP_KILL,   CAP_SETGID };

	make("file", 0600, 0);
	make("other", 0600, NOBODY);
	EXPECT_EQ(sys_mkdir("closed", 0700), 0);
	make("closed/file", 0644, 0);
	EXPECT_CHILD(without, NULL, EXITED(0));
	for (u32 i = 0; i < ARRAY_SIZE(each); i++)
		EXPECT_CHILD(with, (void *)each[i], EXITED(0));
	EXPECT_EQ(sys_unlink("closed/file"), 0);
	EXPECT_EQ(sys_rmdir("closed"), 0);
	EXPECT_EQ(sys_unlink("file"), 0);
	EXPECT_EQ(sys_unlink("other"), 0);
}

/* --- changes of IDs --- */

static void effective_alone(void *argument)
{
	u32 all = sets().permitted;

	(void)argument;
	EXPECT_EQ(system_call(NR_setresuid32, -1, USER, -1, 0, 0, 0), 0);
	EXPECT_EQ(sets().effective, 0);
	EXPECT_EQ(sets().permitted, all);
	EXPECT_EQ(system_call(NR_setresuid32, -1, 0, -1, 0, 0, 0), 0);
	EXPECT_EQ(sets().effective, all);
	EXPECT_EQ(system_call(NR_setfsuid32, USER, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(sets().effective & (BIT(CAP_DAC_OVERRIDE) | BIT(CAP_CHOWN)), 0);
	EXPECT(sets().effective & BIT(CAP_SETUID));
	EXPECT_EQ(system_call(NR_setfsuid32, 0, 0, 0, 0, 0, 0), USER);
	EXPECT_EQ(sets().effective, all);
	EXPECT_EQ(become(USER), 0);
	EXPECT_EQ(sets().permitted, 0);
}

/* With both bits set, IDs change nothing. */
static void without_fixup(void *argument)
{
	u32 all = sets().permitted;

	(void)argument;
	EXPECT_EQ(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP | 2 * SECBIT_NO_SETUID_FIXUP, 0),
		  0);
	EXPECT_EQ(prctl(PR_GET_SECUREBITS, 0, 0),
		  SECBIT_NO_SETUID_FIXUP | 2 * SECBIT_NO_SETUID_FIXUP);
	EXPECT_EQ(prctl(PR_SET_SECUREBITS, 0, 0), -EPERM);
	EXPECT_EQ(prctl(PR_SET_SECUREBITS, 0x100, 0), -EPERM);
	EXPECT_EQ(become(USER), 0);
	EXPECT_EQ(sets().effective, all);
}

static void secure(void *argument)
{
	(void)argument;
	EXPECT_EQ(prctl(PR_SET_KEEPCAPS, 1, 0), 0);
	EXPECT_EQ(prctl(PR_GET_SECUREBITS, 0, 0), SECBIT_KEEP_CAPS);
	EXPECT_EQ(prctl(PR_SET_SECUREBITS, SECBIT_KEEP_CAPS_LOCKED, 0), 0);
	EXPECT_EQ(prctl(PR_GET_KEEPCAPS, 0, 0), 0);
	EXPECT_EQ(prctl(PR_SET_KEEPCAPS, 1, 0), -EPERM);
	only(0);
	EXPECT_EQ(prctl(PR_SET_SECUREBITS, SECBIT_KEEP_CAPS_LOCKED, 0), -EPERM);
}

static void changes_of_ids(void)
{
	EXPECT_CHILD(effective_alone, NULL, EXITED(0));
	EXPECT_CHILD(without_fixup, NULL, EXITED(0));
	EXPECT_CHILD(secure, NULL, EXITED(0));
}

static void copy_self(const char *path, u32 user, u32 group, u32 mode)
{
	static u8 buffer[16384];
	int in = (int)sys_open(arguments[0], O_RDONLY);
	int out = (int)sys_open_mode(path, O_WRONLY | O_CREAT | O_EXCL, 0700);
	long bytes;

	while ((bytes = sys_read(in, buffer, sizeof(buffer))) > 0)
		EXPECT_EQ(sys_write(out, buffer, (u32)bytes), bytes);
	EXPECT_EQ(sys_close(in), 0);
	EXPECT_EQ(sys_close(out), 0);
	EXPECT_EQ(sys_chown(path, user, group), 0);
	EXPECT_EQ(sys_chmod(path, mode), 0);
}

/* --- execve --- */

static void run_image(const char *path, const char *check, const char *value)
{
	const char *const argv[] = { path, check, value, NULL }, *const envp[] = { NULL };

	sys_execve(path, argv, envp);
}

static void run_with(const char *check, u32 value)
{
	struct text number;

	text_clear(&number);
	text_add_hex(&number, value);
	run_image("image", check, number.data);
}

static void bounded(void *argument)
{
	u32 all = sets().permitted;

	(void)argument;
	EXPECT_EQ(prctl(PR_CAPBSET_READ, CAP_KILL, 0), 1);
	EXPECT_EQ(prctl(PR_CAPBSET_DROP, CAP_KILL, 0), 0);
	EXPECT_EQ(prctl(PR_CAPBSET_READ, CAP_KILL, 0), 0);
	EXPECT_EQ(prctl(PR_CAPBSET_DROP, 1000, 0), -EINVAL);
	EXPECT_EQ(sets().effective, all);
	EXPECT_EQ(set(all, all, BIT(CAP_KILL)), -EPERM);
	only(all & ~BIT(CAP_SETPCAP));
	EXPECT_EQ(prctl(PR_CAPBSET_DROP, CAP_CHOWN, 0), -EPERM);
	run_with("bounded", all & ~BIT(CAP_KILL));
}

/* The super-user gets all of the bounding set, another user nothing. */
static void gets_back(void *argument)
{
	u32 all = sets().permitted;

	(void)argument;
	only(BIT(CAP_SETUID));
	run_with("bounded", all);
}

static void loses(void *argument)
{
	(void)argument;
	EXPECT_EQ(prctl(PR_SET_KEEPCAPS, 1, 0), 0);
	EXPECT_EQ(become(USER), 0);
	only(BIT(CAP_KILL));
	run_with("bounded", 0);
}

static void ambient(void *argument)
{
	u32 kill = BIT(CAP_KILL);

	(void)argument;
	EXPECT_EQ(prctl(PR_SET_KEEPCAPS, 1, 0), 0);
	EXPECT_EQ(become(USER), 0);
	EXPECT_EQ(set(kill, kill, 0), 0);
	EXPECT_EQ(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL), -EPERM);
	EXPECT_EQ(set(kill, kill, kill), 0);
	EXPECT_EQ(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN), -EPERM);
	EXPECT_EQ(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 1000), -EINVAL);
	EXPECT_EQ(prctl(PR_CAP_AMBIENT, 99, CAP_KILL), -EINVAL);
	EXPECT_EQ(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL), 0);
	EXPECT_EQ(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL), 1);
	EXPECT_EQ(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, CAP_KILL), 0);
	EXPECT_EQ(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL), 0);
	EXPECT_EQ(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL), 0);
	run_with("bounded", kill);
}

static void by_execve(void)
{
	copy_self("image", 0, 0, 0755);
	EXPECT_CHILD(bounded, NULL, EXITED(0));
	EXPECT_CHILD(gets_back, NULL, EXITED(0));
	EXPECT_CHILD(loses, NULL, EXITED(0));
	EXPECT_CHILD(ambient, NULL, EXITED(0));
	EXPECT_EQ(sys_unlink("image"), 0);
}

/* --- files that set IDs --- */

static void starts_set_id(void *argument)
{
	EXPECT_EQ(system_call(NR_setresgid32, USER, USER, USER, 0, 0, 0), 0);
	EXPECT_EQ(become(USER), 0);
	EXPECT_EQ(prctl(PR_SET_PDEATHSIG, 10, 0), 0);
	run_image(argument, "set-ids", "");
}

static void starts_without_privileges(void *argument)
{
	EXPECT_EQ(become(USER), 0);
	EXPECT_EQ(prctl(PR_SET_PDEATHSIG, 10, 0), 0);
	EXPECT_EQ(prctl(PR_SET_NO_NEW_PRIVS, 1, 0), 0);
	run_image(argument, "no-ids", "");
}

static void starts_as_root(void *argument)
{
	EXPECT_EQ(become(USER), 0);
	run_image(argument, "root", "");
}

static void set_ids(void)
{
	copy_self("setid", NOBODY, NOBODY, 06755);
	copy_self("root", 0, 0, 04755);
	EXPECT_CHILD(starts_set_id, "setid", EXITED(0));
	EXPECT_CHILD(starts_without_privileges, "setid", EXITED(0));
	EXPECT_CHILD(starts_as_root, "root", EXITED(0));
	/* A group that may not execute it is no group to become. */
	EXPECT_EQ(sys_chmod("setid", 02745), 0);
	EXPECT_CHILD(starts_without_privileges, "setid", EXITED(0));
	EXPECT_EQ(sys_unlink("setid"), 0);
	EXPECT_EQ(sys_unlink("root"), 0);
}

/* --- the checks in the new image --- */

static u32 auxiliary(char **envp, u32 type)
{
	const u32 *word;

	while (*envp++)
		;
	for (word = (const u32 *)envp; word[0] != AT_NULL; word += 2)
		if (word[0] == type)
			return word[1];
	return UINT32_MAX;
}

static bool ids_are(int number, u32 real, u32 effective, u32 saved)
{
	u32 told[3];

	return !system_call(number, (long)&told[0], (long)&told[1], (long)&told[2], 0, 0, 0) &&
	       told[0] == real && told[1] == effective && told[2] == saved;
}

static void image_set_ids(char **envp)
{
	int signal = -1;

	EXPECT(ids_are(NR_getresuid32, USER, NOBODY, NOBODY));
	EXPECT(ids_are(NR_getresgid32, USER, NOBODY, NOBODY));
	EXPECT_EQ(auxiliary(envp, AT_SECURE), 1);
	EXPECT_EQ(auxiliary(envp, AT_UID), USER);
	EXPECT_EQ(auxiliary(envp, AT_EUID), NOBODY);
	EXPECT_EQ(prctl(PR_GET_DUMPABLE, 0, 0) == 1, false);
	EXPECT_EQ(prctl(PR_GET_PDEATHSIG, (u32)&signal, 0), 0);
	EXPECT_EQ(signal, 0);
}

static void image_no_ids(char **envp)
{
	int signal = -1;

	EXPECT(ids_are(NR_getresuid32, USER, USER, USER));
	EXPECT_EQ(auxiliary(envp, AT_SECURE), 0);
	EXPECT_EQ(prctl(PR_GET_PDEATHSIG, (u32)&signal, 0), 0);
	EXPECT_EQ(signal, 10);
}

static int image(int argc, char **argv, char **envp)
{
	(void)argc;
	if (!strcmp(argv[1], "bounded")) {
		EXPECT_EQ(sets().permitted, number_in(argv[2] + 2, 16));
		EXPECT_EQ(sets().effective, number_in(argv[2] + 2, 16));
		EXPECT_EQ(prctl(PR_GET_KEEPCAPS, 0, 0), 0);
	} else if (!strcmp(argv[1], "set-ids")) {
		image_set_ids(envp);
	} else if (!strcmp(argv[1], "no-ids")) {
		image_no_ids(envp);
	} else {
		EXPECT(ids_are(NR_getresuid32, USER, 0, 0));
		EXPECT(sets().effective & BIT(CAP_KILL));
	}
	return tap_failures() ? 1 : 0;
}

/* --- /proc/self/status --- */

static void shown_sets(void *argument)
{
	const char *status;

	(void)argument;
	EXPECT_EQ(set(BIT(CAP_KILL), BIT(CAP_KILL) | BIT(CAP_CHOWN), 0), 0);
	EXPECT_EQ(prctl(PR_CAPBSET_DROP, CAP_KILL, 0), -EPERM);
	for (status = file_text("/proc/self/status"); status; status = next_line(status)) {
		EXPECT(!text_begins(status, "CapPrm:") ||
		       text_begins(status, "CapPrm:\t0000000000000021\n"));
		EXPECT(!text_begins(status, "CapEff:") ||
		       text_begins(status, "CapEff:\t0000000000000020\n"));
		EXPECT(!text_begins(status, "CapInh:") ||
		       text_begins(status, "CapInh:\t0000000000000000\n"));
	}
}

static void shown(void)
{
	EXPECT_CHILD(shown_sets, NULL, EXITED(0));
}

static const struct tap_case cases[] = {
	{ "capget and capset", sets_change }, { "one by one", one_by_one },
	{ "changes of IDs", changes_of_ids }, { "execve", by_execve },
	{ "files that set IDs", set_ids },    { "/proc/self/status", shown },
};

int main(int argc, char **argv, char **envp)
{
	int status;

	arguments = argv;
	if (argc > 1)
		return image(argc, argv, envp);
	file_name(&folder, ".folder");
	if (sys_mkdir(folder.data, 0755) || sys_chdir(folder.data) || sys_chmod(folder.data, 0777))
		tap_bail_out("no folder under /tmp");
	status = tap_run(cases, ARRAY_SIZE(cases));
	EXPECT_EQ(sys_rmdir(folder.data), 0);
	return status;
}
