/* SPDX-License-Identifier: MIT */
/*
 * adjtimex(2) and clock_adjtime(2): the parameters by which a daemon would discipline the clock.
 * They can be read and set as on Linux. The clock is not steered by them: it runs at the rate of
 * the time-stamp counter. Only ADJ_SETOFFSET, which sets the date, changes it.
 */
#include "abi/linux/errno.h"
#include "abi/linux/timex.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/devices/time.h"
#include "kernel/syscall/syscall.h"
#include "kernel/syscall/time/sys_time.h"
#include "kernel/time/clock.h"
#include "lib/math64.h"
#include "mm/user_space/limits.h"

#define USEC_PER_SEC  1000000
#define NSEC_PER_USEC 1000

/* Linux's defaults and limits. Frequencies: parts of a million, 16 bits of fraction. */
#define FREQUENCY_MAX (500 << 16)
#define ERROR_MAX     16000000 /* us */
#define CONSTANT_MAX  10

static struct {
	s32 freq, maxerror, esterror, status, constant, tick;
} clock = { .maxerror = ERROR_MAX,
	    .esterror = ERROR_MAX,
	    .status = STA_UNSYNC,
	    .constant = 2,
	    .tick = USEC_PER_SEC / (s32)USER_HZ };

/* Linux's checks in their order. 0, -EPERM, -EINVAL. */
static int check(const struct timex64 *wanted)
{
	u32 modes = wanted->modes;
	s64 parts = modes & ADJ_NANO ? NSEC_PER_SEC : USEC_PER_SEC;

	if (modes & ADJ_ADJTIME) {
		if (!(modes & ADJ_OFFSET))
			return -EINVAL;
		return modes & ADJ_OFFSET_READONLY || capable(CAP_SYS_TIME) ? 0 : -EPERM;
	}
	if (modes && !capable(CAP_SYS_TIME))
		return -EPERM;
	if (modes & ADJ_TICK &&
	    (wanted->tick < 900000 / (s32)USER_HZ || wanted->tick > 1100000 / (s32)USER_HZ))
		return -EINVAL;
	if (modes & ADJ_SETOFFSET && (wanted->microseconds < 0 || wanted->microseconds >= parts))
		return -EINVAL;
	return 0;
}

/* Moves the date by the time that is given. 0 or -EINVAL: before the clocks' start. */
static int set_offset(const struct timex64 *wanted)
{
	s64 parts = wanted->modes & ADJ_NANO ? wanted->microseconds
					     : wanted->microseconds * NSEC_PER_USEC;
	s64 offset = wanted->seconds * (s64)NSEC_PER_SEC + parts;
	u64 now = clock_realtime();

	if (offset < 0 && (u64)-offset > now)
		return -EINVAL;
	return clock_set_date(now + (u64)offset);
}

static s32 bounded(s64 value, s32 least, s32 most)
{
	return (s32)min(max(value, (s64)least), (s64)most);
}

static void set_parameters(const struct timex64 *wanted)
{
	u32 modes = wanted->modes;

	if (modes & ADJ_STATUS)
		clock.status = (clock.status & STA_RONLY) | (wanted->status & ~STA_RONLY);
	if (modes & ADJ_NANO)
		clock.status |= STA_NANO;
	if (modes & ADJ_MICRO)
		clock.status &= ~STA_NANO;
	if (modes & ADJ_FREQUENCY)
		clock.freq = bounded(wanted->freq, -FREQUENCY_MAX, FREQUENCY_MAX);
	if (modes & ADJ_MAXERROR)
		clock.maxerror = bounded(wanted->maxerror, 0, ERROR_MAX);
	if (modes & ADJ_ESTERROR)
		clock.esterror = bounded(wanted->esterror, 0, ERROR_MAX);
	if (modes & ADJ_TIMECONST)
		clock.constant = bounded(wanted->constant + (clock.status & STA_NANO ? 0 : 4), 0,
					 CONSTANT_MAX);
	if (modes & ADJ_TAI && wanted->constant >= 0)
		clock_tai = (s32)wanted->constant;
	if (modes & ADJ_TICK)
		clock.tick = (s32)wanted->tick;
}

static void read_parameters(struct timex64 *told)
{
	u32 rest, modes = told->modes;
	u64 seconds = div_u64_rem(clock_realtime(), NSEC_PER_SEC, &rest);

	*told = (struct timex64){
		.modes = modes,
		.freq = clock.freq,
		.maxerror = clock.maxerror,
		.esterror = clock.esterror,
		.status = clock.status,
		.constant = clock.constant,
		.precision = 1,
		.tolerance = FREQUENCY_MAX,
		.seconds = (s64)seconds,
		.microseconds = clock.status & STA_NANO ? rest : rest / NSEC_PER_USEC,
		.tick = clock.tick,
		.tai = clock_tai,
	};
}

/* Changes and reads. Returns the state of the clock, or -errno. */
static s32 adjust(struct timex64 *timex)
{
	int err = check(timex);

	if (!err && timex->modes & ADJ_SETOFFSET)
		err = set_offset(timex);
	if (err)
		return err;
	/* adjtime(3) alone: nothing is ever left of an offset, since none is applied. */
	if (!(timex->modes & ADJ_ADJTIME))
		set_parameters(timex);
	read_parameters(timex);
	return clock.status & STA_UNSYNC ? TIME_ERROR : 0;
}

static s32 adjust_narrow(vaddr_t place)
{
	struct timex in;
	struct timex64 wide;
	s32 result;

	if (copy_from_user(&in, place, sizeof(in)))
		return -EFAULT;
	wide = (struct timex64){ .modes = in.modes,
				 .offset = in.offset,
				 .freq = in.freq,
				 .maxerror = in.maxerror,
				 .esterror = in.esterror,
				 .status = in.status,
				 .constant = in.constant,
				 .seconds = in.seconds,
				 .microseconds = in.microseconds,
				 .tick = in.tick };
	result = adjust(&wide);
	if (result < 0)
		return result;
	in = (struct timex){ .modes = wide.modes,
			     .freq = (s32)wide.freq,
			     .maxerror = (s32)wide.maxerror,
			     .esterror = (s32)wide.esterror,
			     .status = wide.status,
			     .constant = (s32)wide.constant,
			     .precision = (s32)wide.precision,
			     .tolerance = (s32)wide.tolerance,
			     .seconds = (s32)wide.seconds,
			     .microseconds = (s32)wide.microseconds,
			     .tick = (s32)wide.tick,
			     .tai = wide.tai };
	return copy_to_user(place, &in, sizeof(in)) ? -EFAULT : result;
}

static s32 adjust_wide(vaddr_t place)
{
	struct timex64 timex;
	s32 result;

	if (copy_from_user(&timex, place, sizeof(timex)))
		return -EFAULT;
	result = adjust(&timex);
	if (result < 0)
		return result;
	return copy_to_user(place, &timex, sizeof(timex)) ? -EFAULT : result;
}

s32 sys_adjtimex(struct pt_regs *regs)
{
	return adjust_narrow(regs->ebx);
}

s32 sys_clock_adjtime(struct pt_regs *regs)
{
	bool wide = has_wide_times(regs);
	struct timex64 unused;
	u64 now;

	if (regs->ebx == CLOCK_REALTIME)
		return wide ? adjust_wide(regs->ecx) : adjust_narrow(regs->ecx);
	if (copy_from_user(&unused, regs->ecx, wide ? sizeof(unused) : sizeof(struct timex)))
		return -EFAULT;
	return clock_read((int)regs->ebx, &now) ? -EINVAL : -EOPNOTSUPP;
}
