/* SPDX-License-Identifier: MIT */
/* Futexes: a hash table with a list of sleepers in each bucket. futex.h has the invariants. */
#include "kernel/process/futex.h"
#include "kernel/process/futex_key.h"
#include "kernel/signal/signal.h"
#include "kernel/task/sched.h"
#include "kernel/devices/time.h"
#include "kernel/cpu/uaccess.h"
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "mm/slab/slab.h"

/* For thousands of sleepers: one in a bucket, or few; 32 KiB. */
#define BUCKET_BITS 12u

struct sleeper {
	struct list_head link;
	struct task *task; /* NULL: woken */
	struct futex_key key;
	u32 bits;
};

static struct list_head buckets[1u << BUCKET_BITS];

static struct list_head *bucket(const struct futex_key *key)
{
	struct list_head *head = &buckets[key_hash(key) >> (32 - BUCKET_BITS)];

	if (!head->next)
		list_init(head);
	return head;
}

/* Enters a sleeper in its bucket: tasks with a real-time priority are woken before those below. */
static void enter(struct sleeper *sleeper)
{
	struct list_head *place, *head = bucket(&sleeper->key);
	u32 priority = sleeper->task->policy.priority;

	if (likely(!priority)) {
		list_add_tail(&sleeper->link, head);
		return;
	}
	list_for_each (place, head)
		if (list_entry(place, struct sleeper, link)->task->policy.priority < priority)
			break;
	list_add_tail(&sleeper->link, place);
}

bool futex_has_sleeper(const struct futex_key *key)
{
	const struct sleeper *sleeper;

	list_for_each_entry (sleeper, bucket(key), link)
		if (same_key(&sleeper->key, key))
			return true;
	return false;
}

/*
 * Two words. A key holds its object: to look for the second word, and to change it, may sleep, and
 * another thread may unmap the first one meanwhile. pair_put() ends that.
 */
static int make_pair(vaddr_t address, vaddr_t to, bool shared, struct futex_key pair[2])
{
	int err = make_key(address, shared, &pair[0]);

	if (err)
		return err;
	key_get(&pair[0]);
	err = make_key(to, shared, &pair[1]);
	if (err)
		key_put(&pair[0]);
	else
		key_get(&pair[1]);
	return err;
}

static void pair_put(const struct futex_key pair[2])
{
	key_put(&pair[1]);
	key_put(&pair[0]);
}

/* The last of them that was woken, or -1. */
static int last_woken(const struct sleeper *sleepers, u32 count)
{
	while (count--)
		if (!sleepers[count].task)
			return (int)count;
	return -1;
}

/* Sleeps until one of them is woken, a signal comes, or the deadline is over. */
static inline int sleep_on(const struct sleeper *sleepers, u32 count, u64 deadline)
{
	int err = 0;

	while (!err && last_woken(sleepers, count) < 0)
		err = futex_sleep(deadline);
	return err;
}

/* 0 if the word has this value, else -EAGAIN or -EFAULT. */
static int compare_word(vaddr_t address, u32 value)
{
	u32 found;

	if (get_user(&found, address))
		return -EFAULT;
	return found == value ? 0 : -EAGAIN;
}

static s32 wait_again(void)
{
	struct futex_wait wait = current->restart_block.futex;

	return futex_wait(wait.address, wait.shared, wait.value, wait.bits, wait.deadline);
}

int futex_wait(vaddr_t address, bool shared, u32 value, u32 bits, u64 deadline)
{
	struct sleeper sleeper;
	int err;

	if (!bits)
		return -EINVAL;
	err = make_key(address, shared, &sleeper.key);
	if (!err)
		err = compare_word(address, value);
	if (err)
		return err;
	sleeper.task = current;
	sleeper.bits = bits;
	key_get(&sleeper.key);
	enter(&sleeper);
	err = sleep_on(&sleeper, 1, deadline);
	BUG_ON(!err != !sleeper.task); /* 0 exactly if it was woken */
	if (sleeper.task)
		list_del(&sleeper.link);
	key_put(&sleeper.key);
	if (err != -ERESTARTSYS || deadline == FUTEX_FOREVER)
		return err;
	current->restart_block =
		(struct restart_block){ .fn = wait_again,
					.futex = { address, shared, value, bits, deadline } };
	return -ERESTART_RESTARTBLOCK;
}

static int enter_word(struct sleeper *sleeper, const struct futex_waitv *word)
{
	vaddr_t address = (vaddr_t)word->address;
	int err;

	*sleeper = (struct sleeper){ .task = current, .bits = FUTEX_BITSET_MATCH_ANY };
	err = make_key(address, !(word->flags & FUTEX2_PRIVATE), &sleeper->key);
	if (!err)
		err = compare_word(address, (u32)word->value);
	if (err)
		return err;
	key_get(&sleeper->key);
	enter(sleeper);
	return 0;
}

int futex_wait_any(const struct futex_waitv *words, u32 count, u64 deadline)
{
	struct sleeper *sleepers = kmalloc(count * sizeof(*sleepers), GFP_KERNEL);
	u32 entered = 0;
	int err = 0, woken;

	if (!sleepers)
		return -ENOMEM;
	while (entered < count && !err) {
		err = enter_word(&sleepers[entered], &words[entered]);
		entered += !err;
	}
	if (!err)
		err = sleep_on(sleepers, count, deadline);
	woken = last_woken(sleepers, entered);
	for (u32 i = 0; i < entered; i++) {
		if (sleepers[i].task)
			list_del(&sleepers[i].link);
		key_put(&sleepers[i].key);
	}
	kfree(sleepers);
	return woken >= 0 ? woken : err;
}

static void wake(struct sleeper *sleeper)
{
	struct task *task = sleeper->task;

	BUG_ON(!task);
	list_del(&sleeper->link);
	sleeper->task = NULL;
	task_wake(task);
}

static u32 wake_key(const struct futex_key *key, u32 count, u32 bits)
{
	struct sleeper *sleeper, *next;
	u32 woken = 0;

	list_for_each_entry_safe (sleeper, next, bucket(key), link) {
		if (!same_key(&sleeper->key, key) || !(sleeper->bits & bits))
			continue;
		wake(sleeper);
		/* As on Linux, a count of 0 wakes one. */
		if (++woken >= count)
			break;
	}
	return woken;
}

int futex_wake(vaddr_t address, bool shared, u32 count, u32 bits)
{
	struct futex_key key;
	int err;

	if (!bits)
		return -EINVAL;
	err = make_key(address, shared, &key);
	return err ? err : (int)wake_key(&key, count, bits);
}

static int operate(u32 operation, u32 operand, u32 *value)
{
	switch (operation) {
	case FUTEX_OP_SET:
		*value = operand;
		return 0;
	case FUTEX_OP_ADD:
		*value += operand;
		return 0;
	case FUTEX_OP_OR:
		*value |= operand;
		return 0;
	case FUTEX_OP_ANDN:
		*value &= ~operand;
		return 0;
	case FUTEX_OP_XOR:
		*value ^= operand;
		return 0;
	}
	return -ENOSYS;
}

/* 1, 0, or -ENOSYS. */
static int compare_old(u32 comparison, s32 old, s32 compared)
{
	switch (comparison) {
	case FUTEX_OP_CMP_EQ:
		return old == compared;
	case FUTEX_OP_CMP_NE:
		return old != compared;
	case FUTEX_OP_CMP_LT:
		return old < compared;
	case FUTEX_OP_CMP_LE:
		return old <= compared;
	case FUTEX_OP_CMP_GT:
		return old > compared;
	case FUTEX_OP_CMP_GE:
		return old >= compared;
	}
	return -ENOSYS;
}

/* Changes the word; returns compare_old() of the value before. The operands are signed. */
static int change_word(vaddr_t address, u32 encoded)
{
	u32 operation = encoded >> 28, operand = (u32)((s32)(encoded << 8) >> 20), value;
	s32 compared = (s32)(encoded << 20) >> 20, old;
	int err;

	if (operation & FUTEX_OP_OPARG_SHIFT)
		operand = 1u << (operand & 31);
	if (get_user(&value, address))
		return -EFAULT;
	old = (s32)value;
	err = operate(operation & ~FUTEX_OP_OPARG_SHIFT, operand, &value);
	if (err)
		return err;
	return put_user(value, address) ? -EFAULT : compare_old(encoded >> 24 & 15, old, compared);
}

int futex_wake_op(vaddr_t address, bool shared, u32 count, vaddr_t to, u32 count_to, u32 encoded)
{
	struct futex_key pair[2];
	int result = make_pair(address, to, shared, pair), old;

	if (result)
		return result;
	old = change_word(to, encoded);
	if (old >= 0)
		result = (int)wake_key(&pair[0], count, FUTEX_BITSET_MATCH_ANY);
	if (old > 0)
		result += (int)wake_key(&pair[1], count_to, FUTEX_BITSET_MATCH_ANY);
	pair_put(pair);
	return old < 0 ? old : result;
}

/* The caller holds both objects: none ends in the middle of the walk. */
static void move(struct sleeper *sleeper, const struct futex_key *key)
{
	BUG_ON(!sleeper->task);
	key_get(key);
	key_put(&sleeper->key);
	sleeper->key = *key;
	list_del(&sleeper->link);
	enter(sleeper);
}

/* Wakes up to `count` sleepers of the first word, and moves up to `most` others to the second. */
static u32 wake_or_move(const struct futex_key pair[2], u32 count, u32 most)
{
	struct sleeper *sleeper, *next;
	u32 done = 0;

	list_for_each_entry_safe (sleeper, next, bucket(&pair[0]), link) {
		if (!same_key(&sleeper->key, &pair[0]) || done >= (u64)count + most)
			continue;
		if (done++ < count)
			wake(sleeper);
		else if (!same_key(&pair[0], &pair[1]))
			move(sleeper, &pair[1]);
	}
	return done;
}

int futex_requeue(vaddr_t address, bool shared, u32 count, u32 most, vaddr_t to, bool compare,
		  u32 value)
{
	struct futex_key pair[2];
	int result;

	if ((s32)count < 0 || (s32)most < 0)
		return -EINVAL;
	result = make_pair(address, to, shared, pair);
	if (result)
		return result;
	result = compare ? compare_word(address, value) : 0;
	if (!result)
		result = (int)wake_or_move(pair, count, most);
	pair_put(pair);
	return result;
}

/* --- Robust lists --- */

#define LINK_PI 1u

/* A lock of the list, or the pending one; its owner ends. 0; -EFAULT, -EINVAL: stop the walk. */
static int owner_dies(vaddr_t word, bool pi, bool pending)
{
	u32 value, owner;

	if (!IS_ALIGNED(word, sizeof(u32)))
		return -EINVAL;
	if (get_user(&value, word))
		return -EFAULT;
	owner = value & FUTEX_TID_MASK;
	/* The owner has unlocked the word but not yet woken a waiter: do that for it. */
	if (pending && !pi && !owner)
		futex_wake(word, true, 1, FUTEX_BITSET_MATCH_ANY);
	if (owner != (u32)current->pid)
		return 0;
	if (put_user((value & FUTEX_WAITERS) | FUTEX_OWNER_DIED, word))
		return -EFAULT;
	if (!pi && value & FUTEX_WAITERS)
		futex_wake(word, true, 1, FUTEX_BITSET_MATCH_ANY);
	return 0;
}

static void walk(vaddr_t list, const struct robust_list_head *head)
{
	vaddr_t pending = head->pending & ~LINK_PI;
	u32 link = head->next, next;

	for (u32 i = 0; i < ROBUST_LIST_LIMIT && (link & ~LINK_PI) != list; i++) {
		vaddr_t entry = link & ~LINK_PI;
		/* Read it before the word is marked: then the entry may be another thread's. */
		int err = get_user(&next, entry);

		if (entry != pending && owner_dies(entry + head->offset, link & LINK_PI, false))
			return;
		if (err)
			return;
		link = next;
	}
	if (pending)
		owner_dies(pending + head->offset, head->pending & LINK_PI, true);
}

void robust_list_exit(void)
{
	struct robust_list_head head;
	vaddr_t list = current->robust_list;

	if (!list)
		return;
	current->robust_list = 0;
	if (!copy_from_user(&head, list, sizeof(head)))
		walk(list, &head);
}
