# SPDX-License-Identifier: MIT
"""The calls that random programs make, and those that they never make, each with its reason.

One line of CALLS is one form of a call; `:WORD` tells forms of one call apart:

    name(argument, ...) -> result ~ *3     ~: ends by itself after a while; *3: three times as often as others

Arguments:

    fd file folder pipe event epoll notify timerfd      a descriptor; better one of that kind
    plain                                       the descriptor of a regular file, or none
    path new                                    a name that may exist, or a new one
    pid shm sem msg timer watch pidfd attached  what an earlier call returned
    page pages word                             an address of the arena, a length, the address of a futex word
    o64  o64=  o64=r  o64=r8  o64=.stat         64 bytes of zeros; printed after the call; as many as the call
                                                returned, times 8; but for what MASKS has
    {1|2|[3, 4]}                                one of these
    [1, fd]  12  "text"                         as in a program (call_program.py)

Results: a number, unless there is one of RESULTS' words.
"""

CALLS = r"""
# files by descriptor
read(fd, o48=r, {0|1|7|48}) *5
read:event(event, o8=r, 8) *2
read:notify(notify, o200=.notify, 200) *2
write(fd, {"text"|"longer text"|o40}, {0|1|4|11}) *5
write:event(event, [{1|2|-1}, {0|0|-1}], 8) *2
pread64(fd, o40=r, {1|40}, {0|3|4096}, {0|0|-1}) *2
pwrite64(fd, "overwritten", {1|11}, {0|5|4090|70000}, {0|0|-1}) *3
readv(fd, [o8=, {0|8}, o8=, {8|-1}], {0|1|2|2|-1}) *2
writev(fd, ["abcdefg", 7, "hijk", {4|-1}], {0|1|2|2|1025}) *2
preadv(fd, [o8=, 8, o8=, 3], 2, {0|2}, 0)
pwritev(fd, ["uvwxyz", 6, "12", 2], 2, {0|9|5000}, 0)
preadv2(fd, [o8=, 8, o8=, 3], 2, {0|2|-1}, {0|0|-1}, {0|0|1})
pwritev2(fd, ["uvwxyz", 6, "12", 2], 2, {0|9|-1}, {0|0|-1}, {0|0|2|4})
lseek(fd, {0|1|-1|10|4096}, {0|1|2|3|4|5}) *4
lseek:far(fd, 2147483647, {3|4|5})
_llseek(fd, {0|0|-1}, {0|7|8192}, o8=, {0|1|2|3|4}) *2
_llseek:far(fd, 1, 7, o8=, {3|4})
close(fd) *4
dup(fd) -> fd *3
dup2(fd, {3|5|12|39|40|-1}) -> fd *2
dup2:same(fd, fd) -> fd
dup3(fd, {4|9|39}, {0|524288|1}) -> fd *2
close_range({3|4|6|20}, {3|5|39|-1}, {0|0|2|4|1})
fsync({file|fd})
fdatasync({file|fd})
sync()
syncfs({file|fd})
sync_file_range({file|fd}, {0|4096|-1}, 0, {0|8192}, 0, {0|1|2|4|7|8})
ftruncate(file, {0|5|4096|9000|-1}) *2
ftruncate64(file, {0|100|12288}, {0|0|-1})
truncate(path, {0|3|5000|-1})
truncate64(path, {0|7000}, {0|0|-1|1})
fallocate(file, {0|0|1|3|2|8|16|32}, {0|4096|-1}, {0|0|0|-1}, {0|100|100|8192}, 0) *2
fadvise64(fd, {0|10}, 0, {0|100}, {0|1|2|3|4|5|6})
fadvise64_64(fd, {0|10}, 0, {0|100}, 0, {0|3|4|7})
readahead({file|fd}, 0, 0, {0|4096|-1})
flock(plain, {1|2|5|6|8|4|12}) *2
fcntl64:dup(fd, {0|1030}, {0|7|20|40|-1}) -> fd *2
fcntl64:get(fd, {1|1|3|3|9|1025|1032|1034}, 0) *2
fcntl64:set(fd, {2|4}, {0|1|1024|2048|3072})
fcntl64:lock(plain, {6|13|36|37|7}, [{0|1|2}, {0|5}, {0|10|-1}, 0]) *2
fcntl64:lock64(plain, {12|13|14|36|37}, [{0|1|2}, {0|5}, 0, {0|10}, 0, 0]) *2
fcntl64:getlock(plain, {5|12|36}, [{0|1}, 0, 10, {0|1}, 0, 0, 0]=)
fcntl64:owner(fd, {8|9}, {0|pid})
fcntl64:signal(fd, {10|11}, {0|10|64|65})
fcntl64:seal(fd, {1033|1034}, {0|2|4|8|1})
fcntl64:pipe(pipe, {1031|1032}, {0|4096|65536|-1})
fcntl64:lease(plain, {1024|1025}, {0|1|2})
fcntl(fd, {0|1|2|3}, {0|1|9})
ioctl:bytes(plain, 0x541b, o4=)
ioctl:flags(fd, {0x5421|0x5451|0x5450|0x5401|0x1234}, [{0|1}])
sendfile(fd, file, {0|[{0|3|-1}]=}, {0|5|100})
sendfile64(fd, file, {0|[{0|3}, {0|-1}]=}, {0|5|100})
splice(fd, {0|0|[1, 0]=}, fd, {0|0|[2, 0]=}, {0|4|4096}, {0|2|3|16}) *2
tee(pipe, pipe, {0|6|4096}, {0|2|2}) *2
vmsplice(pipe, ["spliced", 7, "by page", {7|-1}], {0|1|2}, {0|2|8})
copy_file_range(file, {0|[0, 0]=}, file, {0|[20, 0]=}, {0|5|50}, {0|0|1}) *2
# names
open(path, {0|1|2|65|66|194|513|1025|65536|131072|2162688|1024|4096}, {420|0|511|4095}) -> fd *6
openat({-100|-100|folder}, path, {0|66|194|578|65536|131072|524288|4259840|4325376}, 438) -> fd *4
openat2(-100, path, [{66|0|65536}, 0, {438|0}, 0, {0|0|4|8|16|1024}, 0], {24|24|20|32}) -> fd *2
creat(path, {420|256|0}) -> fd *2
open:folder({"d"|"."|"d/e"}, {65536|0|2162688}, 0) -> folder *2
mkdir(new, {511|448|0|1023}) *2
mkdirat({-100|folder}, new, 493)
rmdir(path) *2
unlink(path) *2
unlinkat({-100|-100|folder}, path, {0|0|512|1})
link(path, new)
linkat({-100|-100|folder}, path, {-100|-100|folder}, new, {0|0|1024|1})
symlink({path|"loop"|"/dev/null"|""}, new) *2
symlinkat(path, {-100|folder}, new)
readlink(path, o20=r, {20|3|0|-1}) *2
readlinkat({-100|fd}, path, o20=r, {20|2})
rename(path, {path|new}) *2
renameat({-100|-100|folder}, path, {-100|-100|folder}, new)
renameat2(-100, path, -100, {path|new}, {0|1|1|2|3|8}) *2
mknod(new, {4480|33188|49572|0|8624}, {0|259})
mknodat({-100|folder}, new, {4480|33188|49572}, 0)
access(path, {0|1|2|4|7|8}) *2
faccessat({-100|folder}, path, {0|4|6})
faccessat2({-100|fd}, {path|""}, {0|4|1}, {0|256|512|4096|1})
chmod(path, {511|0|2541|3583}) *2
fchmod(plain, {384|1023|64})
fchmodat({-100|folder}, path, {420|73})
fchmodat2(-100, path, {384|0}, {0|256|4096|1})
chown(path, {-1|65534|0}, {-1|65534|0})
lchown(path, {65535|65534}, {65535|0})
fchown(plain, 65535, {65535|65534})
fchownat(-100, path, {-1|65534|0}, -1, {0|256|4096|1})
chown32(path, {-1|65534|0}, {-1|65534})
lchown32(path, -1, {-1|0})
fchown32(plain, {-1|65534|0}, -1)
umask({18|0|511|-1}) *2
chdir(path) *2
fchdir({folder|fd})
chroot(path)
getcwd({o64=|o4}, {64|4|0|-1}) -> any *2
getdents(folder, o1600=.dents, {1600|20}) -> any *2
getdents64(folder, o1600=.dents64, {1600|20}) -> any *2
stat64(path, o96=.stat) *3
lstat64(path, o96=.stat) *2
fstat64(fd, o96=.stat) *3
fstatat64({-100|fd}, {path|""}, o96=.stat, {0|256|4096|1}) *2
statx({-100|fd}, {path|""}, {0|256|4096|4352|1}, {2047|1|0x80000000}, o256=.statx) *2
statfs(path, o64=.statfs)
fstatfs(fd, o64=.statfs)
statfs64(path, {84|88|80}, o84=.statfs64)
fstatfs64(fd, 84, o84=.statfs64)
utime(path, {0|[5, 7]})
utimes(path, {0|[5, 0, 7, {0|1000000}]})
futimesat({-100|folder}, path, {0|[1, 2, 3, 4]})
utimensat({-100|fd}, {path|0}, {0|[3, 0x3ffffffe, 3, {0x3fffffff|9|1000000000}]}, {0|256|1})
utimensat_time64({-100|fd}, {path|0}, {0|[3, 0, 0x3ffffffe, 0, 3, 0, {9|1000000000}, 0]}, {0|256|4096})
setxattr(path, {"x"|""|"security.a"}, "value", {0|5}, {0|1|2|3|4})
lsetxattr(path, {"x"|""}, "value", 5, {0|1|2})
fsetxattr(file, {"x"|""}, "other", {5|2}, {0|1|2|4})
getxattr(path, {"x"|""|"bad"}, o20=r, {20|0|2})
lgetxattr(path, {"x"|""}, o20=r, 20)
fgetxattr(fd, {"x"|""}, o20=r, 20)
listxattr(path, o64, {64|0|2})
llistxattr(path, o64, 64)
flistxattr(fd, o64, 64)
removexattr(path, {"x"|""|"bad"})
lremovexattr(path, "x")
fremovexattr(file, "x")
name_to_handle_at(-100, {"none/x"|""}, [0, 0], o4, {0|8})
# descriptors that are no files
pipe(o8=) -> pair *4
pipe2(o8=, {0|2048|526336|16384|1}) -> pair *3
eventfd({0|3|-1}) -> event
eventfd2({0|3}, {0|1|2048|2049|4}) -> event *2
memfd_create("name", {0|1|2|3|8|16}) -> fd *2
epoll_create({0|1|-1}) -> epoll
epoll_create1({0|524288|1}) -> epoll *2
epoll_ctl(epoll, {1|1|1|2|3|4}, fd, [{1|4|5|0x80000001|0x40000004|0x2005|0x10000001}, 77, 88]) *5
epoll_wait(epoll, o36=r12, {1|3|3|0|-1}, 0) *3
epoll_wait:sleep(epoll, o12=r12, 1, -1)
epoll_pwait(epoll, o36=r12, 3, 0, {0|[0x200, 0]}, {8|4})
epoll_pwait2(epoll, o36=r12, 3, [0, 0, {0|-1|1000000000}, 0], 0, 8)
poll([fd, {1|4|5|0x2005}, fd, {1|4}]=, {0|1|2|41}, 0) *3
poll:sleep([fd, {1|8193}]=, 1, -1)
ppoll([fd, {1|4}, -1, 5]=, 2, [0, {0|1000000000|-1}], {0|[0x200, 0]}, 8)
ppoll_time64([fd, {1|4}]=, 1, [0, 0, {0|-1}, 0], 0, 8)
_newselect({8|0|-1|40}, {0|[0xf8]=}, {0|[0xf8]=}, {0|[0x38]=}, [0, 0]) *2
select([6, [0x38]=, [0x38]=, 0, [0, 0]])
pselect6(7, [0x78]=, [0x78]=, 0, [0, {0|-1}], {0|[0, 8]})
pselect6_time64(7, [0x78]=, 0, 0, [0, 0, 0, 0], 0)
inotify_init() -> notify
inotify_init1({2048|0|526336|1}) -> notify *2
inotify_add_watch(notify, path, {0xfff|0x100|0x3c0|0x20000fff|0x01000fff|0}) -> watch *2
inotify_rm_watch(notify, {watch|1|99})
signalfd(-1, [{0x200|0xa00}, 0], {8|4}) -> fd
signalfd4({-1|fd}, [{0x200|0x800}, 0], 8, {0|2048|1}) -> fd
timerfd_create({0|1|1|7|99}, {0|2048|524288|1}) -> timerfd
timerfd_settime({timerfd|timerfd|fd}, {0|4}, [0, {0|0|1000000000}, {0|1000}, 0], 0)
timerfd_settime:at({timerfd|fd}, 1, [0, 0, 0, {0|1}], 0)
timerfd_settime64({timerfd|timerfd|fd}, 0, [0, 0, 0, 0, {0|1000}, 0, 0, 0], 0)
timerfd_gettime({timerfd|fd}, o16)
timerfd_gettime64({timerfd|fd}, o32)
pidfd_open(pid, {0|2048|1}) -> pidfd
pidfd_send_signal({pidfd|pidfd|fd}, {0|10|12}, 0, {0|0|16})
pidfd_getfd({pidfd|pidfd|fd}, {0|0|3|50}, {0|0|1}) -> fd
# memory
mmap2(page, pages, {0|1|3|3|3}, {0x32|0x31|0x8032|0x100022|0x4032}, -1, 0) -> address *6
mmap2:file(page, pages, {1|3}, {0x11|0x12|0x8012}, file, {0|1}) -> address *4
mmap2:any(0, pages, 3, {0x22|0x21|0x2}, {-1|file}, 0) -> address
mmap([page, pages, 3, {0x32|0x12}, {-1|file}, {0|4096|5}]) -> address
munmap(page, pages) *3
mprotect(page, pages, {0|1|3|3|5|8}) *4
mremap(page, 4096, pages, {0|3|3|1|5}, page) -> address *3
madvise(page, pages, {0|4|4|3|10|11|18|19|22|23|20|21|8|99}) *4
mincore(page, pages, o16)
msync(page, pages, {0|1|4|5|2})
mlock(page, pages)
mlock2(page, pages, {0|1|2})
munlock(page, pages)
mlockall({1|2|4|6|8|0})
munlockall()
brk({0|1}) -> any
remap_file_pages(page, pages, 0, {0|1}, 0)
process_vm_readv(pid, [o16=, 16], 1, [page, {16|8192}], 1, 0) *2
process_vm_writev(pid, ["across", 7], 1, [page, {7|4}], 1, {0|1}) *2
pkey_alloc({0|1}, {4|8})
pkey_free({0|1|99})
pkey_mprotect(page, pages, {1|3}, {-1|0|1})
membarrier({0|1|8|16|2|99}, {0|1}) -> any
peek(page) *4
poke(page) *6
sums(o64=) *3
# shared objects
shmget({0|0x7a01|0x7a02}, {4096|9000|0}, {950|384|438|0}) -> shm *3
shmat(shm, {page|0}, {0|4096|16384|8192}) -> attached *3
shmat:place(shm, o4, {0|12288}, page) -> address
shmdt({attached|attached|page}) *2
shmctl(shm, {0|0|2|11|99}, o84=.shm) *2
semget({0|0x7a01}, {1|3|0|99999}, {950|438}) -> sem *3
semctl(sem, {0|1|2|-1}, {12|14|15|11|16|99}, {0|1|5|-1|40000}) *3
semctl:end(sem, 0, 0)
semtimedop_time64(sem, [{0x10000|0x20000|-65536|0}, {0|0x800|0x1000|0x1800}], {1|1|1|0}, {0|[0, 0, 0, 0]}) *3
msgget({0|0x7a01}, {950|438}) -> msg *3
msgsnd(msg, [{1|2|0}, {5|6}], {4|0|9000}, {0|2048}) *3
msgrcv(msg, o16=, {4|1|12}, {0|1|-2|2}, {2048|2048|4096|6144|0}) *3
msgctl(msg, {0|2|11}, o88=.msg)
ipc:semget(2, {0|0x7a01}, 2, 950) -> sem
ipc:semctl(3, sem, 0, {268|12|272}, [{1|7}])
ipc:semop(1, sem, 1, 0, [{0x10000|0}, 0x800])
ipc:shmget(23, 0, 4096, 438) -> shm
ipc:other({4|13|14|24|99}, -1, 0, {0|256}, 0)
# futexes, in memory that a, b and c share
futex(word, {0|128}, {0|0|1}, 0, 0, 0) *3
futex:wake(word, {1|129}, {1|2|0x7fffffff}, 0, 0, 0) *5
futex:timed(word, {0|9|137}, 0, [0, {1000000|-1}], 0, {-1|1|0}) ~
futex:requeue(word, {3|4|131}, {0|1}, {0|1|9}, word, 0) *2
futex:op(word, 5, {0|1}, {0|1}, word, {0x00001001|0x10002000|0x21001001}) *2
futex:bits(word, {9|10}, 0, 0, 0, {1|2|0|-1})
futex:pi(word, {6|7|8|13|134|135}, 0, 0, 0, 0)
futex_time64(word, {0|1|128}, {0|1}, {0|[-1, -1, 0, 0]}, 0, 0)
futex_waitv([{0|0|1}, 0, word, 0, {2|2|130}, 0], {1|1|1|0}, 0, 0, 1)
set_robust_list({0|page}, {12|8})
get_robust_list(pid, o4, o4)
set_tid_address(page) -> any
# processes
fork() -> child *4
vfork() -> child *2
clone({17|0x4111|0|0x11100|0x1200011|0x8011}, 0, 0, 0, 0) -> child *2
clone:thread(0x50f00, 0, 0, 0, 0) -> child *2
clone:bad({0x10000|0x40000|0x800}, 1) -> child
clone3([{0|0x200|0x400|0x4000|0x100000}, 0, 0, 0, 0, 0, 0, 0, {17|0|10}, 0, 0, 0, 0, 0, 0, 0], {64|64|8}) -> child
exit({0|7|256}) *3
exit_group({0|3})
execve:self("/proc/self/exe", [HOME, own, 0], [0])
execve(path, {0|["x", 0]}, {0|[0]})
execveat(-100, path, ["x", 0], 0, {0|256|4096|1})
execveat:self({-100|-1}, "/proc/self/exe", [HOME, own, 0], [0], 0)
wait4({-1|pid|0}, o4=, {1|1|3|9|0|16}, 0) -> pid *4
waitpid({-1|pid|-99999}, o4=, {1|3|0}) -> pid *3
waitid({0|1|2|9}, {0|pid}, o128=.info, {5|0x1000005|0x100000f|4|0}, 0) *3
getpid() -> pid
getppid() -> pid
gettid() -> pid
getpgid({0|pid|-1}) -> pid
setpgid({0|pid}, {0|pid|-1}) *2
getpgrp() -> pid
getsid({0|pid}) -> pid
setsid() -> pid
getuid()
getgid()
geteuid()
getegid()
getuid32()
getgid32()
geteuid32()
getegid32()
setuid({65534|0|5})
setgid({65534|0})
setuid32({65534|0|-1})
setgid32({65534|0})
setreuid({65534|65535|0}, 65534)
setregid(65535, {65534|0})
setreuid32({-1|65534}, {-1|65534|0})
setregid32(-1, {65534|0})
setresuid(65535, {65534|0}, 65535)
setresgid(65535, 65535, {65534|0})
setresuid32(-1, {65534|7}, -1)
setresgid32(-1, 65534, -1)
getresuid(o2=, o2=, o2=)
getresgid(o2=, o2=, o2=)
getresuid32(o4=, o4=, o4=)
getresgid32(o4=, o4=, o4=)
setfsuid({65534|0|65535})
setfsgid({65534|0})
setfsuid32({-1|65534|0})
setfsgid32({-1|65534})
getgroups({0|5|-1}, o10)
getgroups32({0|5}, o20)
setgroups(0, 0)
setgroups32({0|1}, [65534])
capget([{0x20080522|0x19980330|0}, 0]=, {o24=|0})
capset([0x20080522, 0], [{0|1}, 0, 0, 0, 0, 0])
personality({-1|0|0x0040000|0x0400000|0})
prctl:name(15, {"name"|"a very long name of a task"})
prctl:getname(16, o16=)
prctl({1|2|3|7|8|21|38|39|40|23|24|999}, {0|1|9|65}, 0, 0, 0)
prctl:keep(8, {0|1|2})
prctl:subreaper(36, {0|1})
arch_prctl({0x1001|0x1011|0x1012|0x3001|0x1234}, 0)
unshare({0x400|0x200|0x600|0x40000|0x100|0})
nice({0|1|5})
getpriority({0|1|2|3}, {0|pid}) *2
setpriority({0|3}, {0|pid}, {3|7|0})
sched_yield()
sched_getscheduler({0|pid|-1})
sched_setscheduler(0, {0|3|1|99}, [{0|1}])
sched_getparam({0|pid}, o4=)
sched_setparam(0, [{0|1}])
sched_get_priority_max({0|1|2|3|5|9})
sched_get_priority_min({0|1|2|3|5|9})
sched_rr_get_interval({0|pid|-1}, o8)
sched_rr_get_interval_time64({0|-1}, o16)
sched_getaffinity({0|pid}, {4|8|1|0}, o8) -> any
sched_setaffinity(0, {4|0}, [1])
sched_getattr({0|pid}, {o48|0}, {48|16|4096}, {0|1})
sched_setattr(0, [48, {0|3|9}, 0, 0, {0|2}, 0, 0, 0, 0, 0, 0, 0], {0|1})
getrlimit({4|7|1|99}, o8=) *2
ugetrlimit({7|8|12|-1}, o8=)
setrlimit({7|4|1}, [{10|40|0}, {40|41|0}]) *2
prlimit64({0|pid}, {7|1|99}, {0|[20, 0, 40, 0]}, {0|o16=})
getrusage({0|-1|1|5}, o72)
times(o16) -> any
modify_ldt({0|2|17|9}, o32, 16) -> any
set_thread_area([{-1|13|2}, 0x1000, 0xfffff, {0x51|0x38}]=)
get_thread_area([{12|13|2}, 0, 0, 0])
getcpu(o4, o4)
# signals
kill(pid, {0|10|12|10|17|18|65|-1}) *5
kill:note(pid, {10|12})
kill:hard(pid, {9|15|11|6})
kill:stop(pid, {19|20|18|18|18}) *2
kill:group(0, {0|17|23|28})
tkill(pid, {0|10|64|65}) *2
tgkill(pid, pid, {10|0|12}) *2
signal({10|12|9|17|0}, {H|0|1}) -> any *3
sigaction({10|12|17|19}, [{H|0|1}, {0|0x200}, {0|0x10000000|0x80000000|1|2}, 0], {0|o16}) *2
rt_sigaction:note({10|12}, [H, {0|0x10000000}, 0, 0, 0], 0, 8)
rt_sigaction({10|12|17|34|64|9}, [{H|0|1}, {0|0x10000000|0x40000000|0x80000000|0x10000003}, 0, {0|0x200|0x800}, 0], {0|o20}, {8|8|4}) *5
sigprocmask({0|1|2|3}, [{0x200|0xa00|-1}], o4=) *2
rt_sigprocmask:block(0, [{0x200|0xa00}, 0], 0, 8)
rt_sigprocmask({0|1|2|2|5}, {[{0x200|0x800|0x10200|0}, {0|2}]|0}, o8=, {8|8|4}) *4
sigpending(o4=)
rt_sigpending(o8=, {8|4|9}) *2
sgetmask()
ssetmask({0|0x200|0x7fffffff}) *2
sigsuspend(0, 0, {0|0|0|0x200|-1})
rt_sigsuspend([{0|0|0x200|0xa00}, 0], {8|8|8|4})
pause()
rt_sigtimedwait([{0x200|0xa00|0x10000}, {0|2}], o20=.info, [0, {0|0|0|-1}], {8|8|8|4}) *3
rt_sigtimedwait:sleep([{0x200|0x800}, 0], 0, 0, 8)
rt_sigtimedwait_time64([0xa00, 0], 0, [0, 0, 0, 0], 8)
rt_sigqueueinfo(pid, {10|34|64|12}, [0, 0, {-1|-60|0|1}, 0, 0, 77]) *2
rt_tgsigqueueinfo(pid, pid, {10|34}, [0, 0, {-1|-6}, 0, 0, 78])
sigaltstack({0|[page, {0|2|4}, {8192|100}]}, o12=)
restart_syscall()
alarm({0|1000|5000}) -> any
setitimer({0|1|2|3}, [0, {0|1000000}, {0|1000}, 0], 0)
getitimer({0|1|2|9}, o16)
timer_create({0|1|2|99}, {0|[5, {10|12|65}, {0|1|2|9}, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]}, o4=) -> pair
timer_settime(timer, 0, {[0, {0|-1}, {0|1000}, 0]|0}, 0)
timer_settime:at(timer, 1, [0, {0|-1}, 0, {0|1}], 0)
timer_settime64(timer, 0, [0, 0, 0, 0, 1000, 0, 0, 0], 0)
timer_gettime(timer, o16)
timer_gettime64(timer, o32)
timer_getoverrun(timer)
timer_delete(timer)
# clocks
time(0) -> any
gettimeofday({o8|0}, {o8|0})
settimeofday([1, 0], 0)
stime([1])
adjtimex([{0|0x4000}, 0]) -> any
clock_adjtime({0|0|1|99}, [{0|1|0x4000}, 0]) -> any
clock_adjtime64({0|0|99}, [{0|1}, 0]) -> any
clock_gettime({0|1|4|5|6|7|11|99|-1}, o8)
clock_gettime64({0|2|3|7|12}, o16)
clock_getres({0|1|4|99}, {o8|0})
clock_getres_time64({1|7|99}, o16)
clock_settime({0|1|99}, [0, {0|-1}])
clock_settime64({0|1}, [0, 0, 0, 0])
nanosleep([0, {0|1000000|-1|1000000000}], 0) ~
nanosleep:long([1000, 0], 0)
clock_nanosleep({0|1|7|99|3}, {0|1}, [0, {1000|-1}], 0) ~
clock_nanosleep_time64({0|1|7}, {0|1}, [0, 0, 1000, 0], 0) ~
# the machine
uname(o400)
olduname(o64)
oldolduname(o64)
sysinfo(o64)
sethostname("other", {5|-1|100})
setdomainname("other", {5|-1})
getrandom({o8|0}, {8|0}, {0|1|2|4|8|6})
syslog({4|5}, 0, 0)
mount("none", path, "tmpfs", 0, 0)
umount(path)
umount2(path, {0|2|99})
swapon(path, 0)
swapoff(path)
reboot({0|0xfee1dead}, {1|672274793}, 0, 0)
open_by_handle_at(-100, [8, 1, 0, 0], 0)
"""

# What no random program may do, or can't. Some arguments are left out too, because the answer of Linux depends on its
# version or its settings, or because Pagewright does not have it: extended attributes, file handles, transparent huge
# pages, RWF_APPEND and its like, locks and rights of pipes, name spaces; addresses of the kernel for no bytes, which a
# 64-bit Linux allows its 32-bit programs; the size of folders; positions from 2 GiB on that lseek() returns, which a
# 64-bit Linux cuts to 32 bits instead of failing with EOVERFLOW; clone3() with CLONE_VM, because parent and child would
# run on one stack (clone:thread has two); ssetmask() with bit 31, which a 64-bit Linux extends to the upper half; timers
# until a later time, because machines have not run for the same time; copy_file_range() with a memfd, which Linux has on a
# file system of its own; linkat() with AT_EMPTY_PATH, which depends on the version and on fs.protected_hardlinks.
NEVER = {
    "sigreturn": "reads a frame that only a handler's return has; any other ends the process at a wild address",
    "rt_sigreturn": "as sigreturn; every handler of the programs returns by one of the two",
}

_ROOT = "only the super-user may, which the programs are not, so that they do no harm to the machine"
_NO_ATTRIBUTES = "no file system of Pagewright has extended attributes"

# Calls that are made to fail, because there they must fail alike. All others succeed now and then (call_counts.py).
REFUSED = {
    "chroot": _ROOT, "clock_settime": _ROOT, "clock_settime64": _ROOT, "mount": _ROOT, "open_by_handle_at": _ROOT, "reboot": _ROOT,
    "setdomainname": _ROOT, "setgroups": _ROOT, "setgroups32": _ROOT, "sethostname": _ROOT, "settimeofday": _ROOT, "stime": _ROOT,
    "swapoff": _ROOT, "swapon": _ROOT, "umount": _ROOT, "umount2": _ROOT, "syslog": _ROOT,
    "fgetxattr": _NO_ATTRIBUTES, "fremovexattr": _NO_ATTRIBUTES, "fsetxattr": _NO_ATTRIBUTES, "getxattr": _NO_ATTRIBUTES,
    "lgetxattr": _NO_ATTRIBUTES, "lremovexattr": _NO_ATTRIBUTES, "lsetxattr": _NO_ATTRIBUTES, "removexattr": _NO_ATTRIBUTES,
    "setxattr": _NO_ATTRIBUTES,
    "name_to_handle_at": "no file system of Pagewright has handles of files",
    "pkey_alloc": "Pagewright has no protection keys, and a processor of Linux may",
    "pkey_free": "as pkey_alloc",
}

# The error that is the success of a call.
GOOD_ERRORS = {"pause": "EINTR", "sigsuspend": "EINTR", "rt_sigsuspend": "EINTR", "restart_syscall": "EINTR"}

# Forms that a program gets with one of these calls, which would wait or fail without them.
COMPANIONS = {
    "pause": ["kill:note"], "sigsuspend": ["kill:note"], "rt_sigsuspend": ["kill:note"], "signalfd4": ["kill:note", "rt_sigprocmask:block"],
    "futex_waitv": ["futex:wake"] * 3, "futex": ["futex:wake"], "msgrcv": ["msgsnd"] * 2, "vfork": ["exit", "execve:self"],
}

# What comes before and after every other of these calls: (process, form, its arguments). The process is the same, another or the
# child that was just made; OWN is the same's; a word that is a kind of argument is one of these.
_NOTES = [("same", "rt_sigaction:note", ["10", ["H", "0", "0", "0", "0"], "0", "8"])]
_WOKEN = (_NOTES, [("other", "kill:note", ["OWN", "10"])])
_PENDING = ([("same", "rt_sigprocmask:block", ["0", ["0xa00", "0"], "0", "8"]), ("other", "kill:note", ["OWN", "10"])], [])
_CHILD = ([("same", "fork", []), ("child", "exit_group", ["3"])], [])
_WAKES = [("other", "futex:wake", [word, "1", "0x7fffffff", "0", "0", "0"]) for word in ("0x2000c000", "0x2000c004", "0x2000c008")]
SCENES = {
    "futex_waitv": ([], _WAKES),
    "pause": _WOKEN, "sigsuspend": _WOKEN, "rt_sigsuspend": _WOKEN, "rt_sigtimedwait": _PENDING, "rt_sigtimedwait_time64": _PENDING,
    "wait4": _CHILD, "waitpid": _CHILD, "waitid": _CHILD,
    "shmdt": ([("same", "shmget", ["0", "9000", "950"]), ("same", "shmat", ["shm", "0", "0"])], []),
    "msgrcv": ([("other", "msgget", ["0x7a01", "950"]), ("other", "msgsnd", ["msg", ["1", "5"], "4", "0"])], []),
    "inotify_rm_watch": ([("same", "inotify_init", []), ("same", "inotify_add_watch", ["notify", '"."', "0xfff"])], []),
    "timer_settime": ([("same", "timer_create", ["1", "0", "o4"])], []),
    "timerfd_settime": ([("same", "timerfd_create", ["1", "0"])], []),
    "timerfd_settime64": ([("same", "timerfd_create", ["1", "0"])], []),
    "timerfd_gettime": ([("same", "timerfd_create", ["1", "0"])], []),
    "timerfd_gettime64": ([("same", "timerfd_create", ["1", "0"])], []),
    "pidfd_getfd": ([("same", "pidfd_open", ["pid", "0"])], []),
    "pidfd_send_signal": ([("same", "pidfd_open", ["pid", "0"])], []),
    "fchdir": ([("same", "open:folder", ['"."', "65536", "0"])], []),
}

# The call that makes what an argument of these kinds is.
MAKERS = {
    "shm": "shmget", "sem": "semget", "msg": "msgget", "epoll": "epoll_create1", "notify": "inotify_init1", "event": "eventfd2",
    "timer": "timer_create", "timerfd": "timerfd_create", "folder": "open:folder", "pidfd": "pidfd_open", "attached": "shmat",
}

# (place, length) of what may differ legally: devices, inodes, times, processes, what is free.
MASKS = {
    "stat": [(0, 8), (12, 4), (64, 32)],
    "statx": [(32, 8), (56, 72), (136, 120)],
    "statfs": [(8, 28), (44, 4)],
    "statfs64": [(8, 48), (64, 4)],
    "info": [(12, 4), (24, 104)],
    "shm": [(0, 84)],
    "msg": [(0, 88)],
}

# Results: what a success is worth in the output, and for later calls.
RESULTS = {
    "fd": "fd", "event": "fd", "epoll": "fd", "notify": "fd", "pidfd": "fd", "watch": "number", "pair": "number",
    "any": "hidden", "shm": "hidden", "sem": "hidden", "msg": "hidden", "address": "address", "attached": "address", "folder": "fd",
    "timerfd": "fd", "pid": "process", "child": "process",
}

PATHS = ["f", "g", "h", "d", "d/f", "d/e", "d/e/x", "l", "m", ".", "..", "", "f/", "d/", "none/x", "/dev/null", "/dev/zero"]
NEW = ["f", "g", "h", "d", "d/f", "d/e", "d/e/x", "l", "m", "p"]
