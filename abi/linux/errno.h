/* SPDX-License-Identifier: MIT */
/* Error numbers. Source: Linux include/uapi/asm-generic/errno-base.h, errno.h. */
#ifndef ABI_LINUX_ERRNO_H
#define ABI_LINUX_ERRNO_H

#define EPERM	     1
#define ENOENT	     2
#define ESRCH	     3
#define EINTR	     4
#define EIO	     5
#define ENXIO	     6
#define E2BIG	     7
#define ENOEXEC	     8
#define EBADF	     9
#define ECHILD	     10
#define EAGAIN	     11
#define ENOMEM	     12
#define EACCES	     13
#define EFAULT	     14
#define EBUSY	     16
#define EEXIST	     17
#define EXDEV	     18
#define ENODEV	     19
#define ENOTDIR	     20
#define EISDIR	     21
#define EINVAL	     22
#define EMFILE	     24
#define ENFILE	     23
#define ENOTTY	     25
#define ETXTBSY	     26
#define EFBIG	     27
#define ENOSPC	     28
#define ESPIPE	     29
#define EROFS	     30
#define EMLINK	     31
#define EPIPE	     32
#define ERANGE	     34
#define EDEADLK	     35
#define ENAMETOOLONG 36
#define ENOLCK	     37
#define ENOSYS	     38
#define ENOTEMPTY    39
#define ELOOP	     40
#define ENOMSG	     42
#define EIDRM	     43
#define ENODATA	     61
#define EOVERFLOW    75
#define EOPNOTSUPP   95
#define ETIMEDOUT    110

/*
 * Results of a system call that a signal interrupted. Handler or default action decide whether
 * ring 3 sees EINTR or the call is restarted: it never sees these (Linux include/linux/errno.h).
 */
#define ERESTARTSYS	      512 /* restart, if the handler has SA_RESTART or there is none */
#define ERESTARTNOINTR	      513 /* always restart */
#define ERESTARTNOHAND	      514 /* restart only if no handler ran */
#define ERESTART_RESTARTBLOCK 516 /* the same, by restart_syscall() and the restart_block */

#endif
