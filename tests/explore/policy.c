/* SPDX-License-Identifier: MIT */
/*
 * The replacement policies with a few frames: they come, are accessed, are freed, or are the
 * victim, which is evicted, or cannot be and comes again. The first operation chooses the policy.
 *
 *   model: which frames are on the policy's lists, and which were accessed
 *
 * A victim is wanted in each state with a frame, whatever was accessed, and never in the others.
 * reclaim_policy.refault is left out: what it remembers cannot be seen from here.
 */
#include "mm/reclaim/policy.h"
#include "tests/explore/explore.h"

#define FRAMES_MAX 4u
#define POLICIES   5u

enum kind { INSERT, ACCESS, REMOVE, KINDS };
/* choose; frames; the victim is evicted, or comes again */
enum { FRAMES = POLICIES, EVICT = FRAMES + KINDS * FRAMES_MAX, RETURN, OPERATIONS };

const struct world world = { "policy", "frames", 1, FRAMES_MAX, 2, 3, OPERATIONS };

static struct page frames[FRAMES_MAX];
static const struct reclaim_policy *policy;
static u32 chosen, frames_used, count;
static bool inside[FRAMES_MAX], accessed[FRAMES_MAX];
static u32 arrivals[FRAMES_MAX], arrival; /* for fifo */
/* Victims while pages were active: now and then a policy looks at one of these. */
static u32 looks;

#define LOOKS 16u /* between two such looks, at most */

bool page_referenced(struct page *page)
{
	u32 i = (u32)(page - frames);
	bool was = accessed[i];

	EXPLORE_CHECK(inside[i]);
	accessed[i] = false;
	return was;
}

void world_start(u32 size)
{
	frames_used = size;
}

static void insert(u32 i)
{
	inside[i] = true;
	arrivals[i] = ++arrival;
	count++;
	policy->insert(&frames[i]);
}

static void leaves(u32 i)
{
	inside[i] = accessed[i] = false;
	count--;
}

static bool victim(bool again)
{
	struct page *page;
	u32 i;

	for (i = 0; i < frames_used && !(inside[i] && frames[i].flags & PG_active); i++)
		;
	looks = (looks + (i < frames_used)) % LOOKS;
	page = policy->victim();
	EXPLORE_EQUAL(page != NULL, count != 0);
	if (!page)
		return true;
	i = (u32)(page - frames);
	EXPLORE_CHECK(i < frames_used && inside[i] && !(page->flags & PG_active));
	for (u32 other = 0; policy == policies[POLICIES - 1] && other < frames_used; other++)
		EXPLORE_CHECK(!inside[other] || arrivals[other] >= arrivals[i]);
	leaves(i);
	if (again)
		insert(i);
	else
		page->flags = 0;
	return true;
}

bool world_apply(u32 operation)
{
	u32 i = (operation - FRAMES) % FRAMES_MAX;

	if (operation < POLICIES) {
		if (policy)
			return false;
		chosen = operation;
		policy = policies[operation];
		policy->init();
		return true;
	}
	if (!policy)
		return false;
	if (operation >= EVICT)
		return victim(operation == RETURN);
	if (i >= frames_used)
		return false;
	if ((operation - FRAMES) / FRAMES_MAX == INSERT) {
		if (inside[i])
			return false;
		insert(i);
		return true;
	}
	if (!inside[i])
		return false;
	if ((operation - FRAMES) / FRAMES_MAX == ACCESS) {
		accessed[i] = true;
	} else {
		policy->remove(&frames[i]);
		leaves(i);
		frames[i].flags = 0;
	}
	return true;
}

void world_text(u32 operation, char *buffer, u32 size)
{
	static const char *const names[] = { "insert", "access", "remove" };
	u32 at = operation - FRAMES;

	if (operation < POLICIES)
		scnprintf(buffer, size, "policy = &%s_policy;", policies[operation]->name);
	else if (operation >= EVICT)
		scnprintf(buffer, size,
			  operation == EVICT ? "policy->victim();"
					     : "policy->insert(policy->victim());");
	else
		scnprintf(buffer, size, "%s(%u);", names[at / FRAMES_MAX], at % FRAMES_MAX);
}

void world_check(void)
{
	for (u32 i = 0; i < frames_used; i++)
		if (inside[i])
			EXPLORE_CHECK(!list_validate(&frames[i].lru));
		else
			EXPLORE_CHECK(!frames[i].lru.next && !frames[i].lru.prev);
}

/* The frame of a link; FRAMES_MAX: the link is a list's head. */
static u32 frame_of(const struct list_head *link)
{
	for (u32 i = 0; i < frames_used; i++)
		if (link == &frames[i].lru)
			return i;
	return FRAMES_MAX;
}

void world_describe(void)
{
	explore_put(policy ? chosen : POLICIES);
	explore_put(looks);
	for (u32 i = 0; i < frames_used; i++) {
		explore_put(inside[i] | accessed[i] << 1);
		explore_put(frames[i].flags);
		explore_put(inside[i] ? frame_of(frames[i].lru.next) : 0);
	}
}
