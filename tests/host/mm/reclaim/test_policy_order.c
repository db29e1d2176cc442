/* SPDX-License-Identifier: MIT */
/*
 * Which page each replacement policy evicts, one by one. test_policies.c has how well they do.
 *
 * A test is a line of what happens, and the victims in their order:
 *
 *   a   frame `a` comes        A   its page is accessed       -a  it is freed
 *   .   the victim is evicted  >   it cannot be, and comes again
 *   +   the last frame that is not there comes
 *   ^a2 the page of frame `a` was read back, two other evictions after its own
 */
#include "lib/string.h"
#include "mm/reclaim/policy.h"
#include "tests/host/tap.h"

#define FRAMES 26u

static struct page frames[FRAMES];
static bool accessed[FRAMES];
static const struct reclaim_policy *policy;
static char evicted[512];

bool page_referenced(struct page *page)
{
	u32 i = (u32)(page - frames);
	bool was = accessed[i];

	accessed[i] = false;
	return was;
}

static char victim(bool again)
{
	struct page *page = policy->victim();
	u32 i = page ? (u32)(page - frames) : FRAMES;

	if (!page)
		return '0';
	EXPECT(!(page->flags & (PG_active | PG_referenced)));
	if (again) {
		policy->insert(page);
	} else {
		page->flags = 0;
		accessed[i] = false;
	}
	return (char)('a' + i);
}

/* The victims of this line. */
static const char *after(const char *line)
{
	char *to = evicted;

	for (; *line; line++) {
		u32 letter = (u32)line[*line == '-' || *line == '^'] & 31;
		struct page *page = &frames[letter && letter <= FRAMES ? letter - 1 : 0];

		switch (*line) {
		case '.':
		case '>':
			*to++ = victim(*line == '>');
			break;
		case '+':
			for (page = &frames[FRAMES - 1]; page->lru.next; page--)
				;
			policy->insert(page);
			break;
		case '-':
			policy->remove(page);
			page->flags = 0;
			accessed[page - frames] = false;
			line++;
			break;
		case '^':
			policy->refault(page, (u32)(line[2] - '0'));
			line += 2;
			break;
		default:
			if (*line >= 'a')
				policy->insert(page);
			else
				accessed[page - frames] = true;
		}
	}
	*to = '\0';
	return evicted;
}

static void begin(const char *name)
{
	policy = NULL;
	for (u32 i = 0; policies[i]; i++)
		if (!strcmp(policies[i]->name, name))
			policy = policies[i];
	memset(frames, 0, sizeof(frames));
	memset(accessed, 0, sizeof(accessed));
	policy->init();
}

static void fifo(void)
{
	begin("fifo");
	EXPECT_TEXT(after("."), "0");
	EXPECT_TEXT(after("abcdA-b>..."), "acda");
	EXPECT_TEXT(after("."), "0");
}

static void second_chance(void)
{
	begin("second_chance");
	EXPECT_TEXT(after("."), "0");
	EXPECT_TEXT(after("abcdAC-b."), "d");
	EXPECT_TEXT(after("e.."), "ac");
	EXPECT_TEXT(after("fEF>.."), "efe"); /* all were used: the oldest */
}

/* 16 frames: each third victim a tick. A frame that was used in a later tick stays longer. */
static void aging(void)
{
	begin("aging");
	EXPECT_TEXT(after("."), "0");
	EXPECT_TEXT(after("abcdefghijklmnop"), "");
	EXPECT_TEXT(after("BC.DE.."), "afg");
	EXPECT_TEXT(after("BDFG..."), "hij");
	EXPECT_TEXT(after(">>>HI"), "klm");
	EXPECT_TEXT(after("-k-m......"), "nopceb");
	EXPECT_TEXT(after("........."), "dl0000000");
	begin("aging");
	EXPECT_TEXT(after("abcdA.B.C.D.A.B.C.D."), "bcda0000");
	begin("aging"); /* 26 frames: the fourth victim is the first after a tick */
	EXPECT_TEXT(after("abcdefghijklmnopqrstuvwxyzABCDE>>>>"), "abcf");
	begin("aging"); /* what could not be evicted comes after what is new */
	EXPECT_TEXT(after("ab>+..."), "abza");
	begin("aging"); /* the eighth tick forgets */
	EXPECT_TEXT(after("abA+.A+.A+.A+.A+.A+.A+.A+.+.+.+.+.+.+.+.+."), "bzyzyzyzyzayzxyz");
	EXPECT_TEXT(after("..."), "xy0");
}

static void two_lists(void)
{
	begin("two_lists");
	EXPECT_TEXT(after("."), "0");
	EXPECT_TEXT(after("bcdefghijklaBCDEFGHIJKL."), "a");
	EXPECT_TEXT(after("+BCDEFGHIJKL."), "z");
	EXPECT_TEXT(after("+.+.+."), "bcd");
	EXPECT_TEXT(after("FG>>"), "zy");
	EXPECT_TEXT(after("-h-i......"), "xezyjk");
	EXPECT_TEXT(after("........."), "lfg000000");
	begin("two_lists"); /* of active frames those that were used stay */
	EXPECT_TEXT(after("abcdefghABCDEFGH+."), "z");
	EXPECT_TEXT(after("ABCDEFGH+.ACE+."), "zb");
	EXPECT_TEXT(after("ABCDEFGH+..BDF..."), "zyegh");
	EXPECT_TEXT(after("ABCDEFGH+..ABCD..."), "zafcd");
	EXPECT_TEXT(after("........"), "00000000");
	begin("two_lists"); /* each 16th victim, an active frame is looked at */
	EXPECT_TEXT(after("abcdABC+."), "d");
	EXPECT_TEXT(after("ABC+."), "z");
	EXPECT_TEXT(after("+.+.+.+.+.+.+.+.+.+.+.+.+.+.+.+.+.+.+.+."), "yzyzyzyzyazyxzyxzyxz");
	EXPECT_TEXT(after("....."), "yxbc0");
}

static void refault(void)
{
	begin("refault");
	EXPECT_TEXT(after("."), "0");
	EXPECT_TEXT(after("abcdefgh^a8^b9^c0^c0."), "b");
	EXPECT_TEXT(after("-c>>>>"), "defg");
	EXPECT_TEXT(after("DEFGH.....AB..."), "ahdefg00");
	begin("refault");
	EXPECT_TEXT(after("abcdefghijklmnopqrst"), "");
	EXPECT_TEXT(after("^a1^b1^c1^d1^e1^f1^g1^h1^i1^j1^k1^l1^m1^n1^o1^p1^q1^r1.."), "st");
	EXPECT_TEXT(after("ABCD^r1...ABCD....."), "efghijkl");
	EXPECT_TEXT(after("............"), "mnopqrbcda00");
	begin("refault"); /* few are active, then many: seven of eight */
	EXPECT_TEXT(after("abcdefgh^a1^b1^c1^d1^e1^f1^g1ABCDEFGi^h1"), "");
	EXPECT_TEXT(after("ABCDEFG^i1.-b-c"), "i");
	EXPECT_TEXT(after("++++++++^z1^y1^x1^w1ADEFGHIZ^v1^u1......"), "tsyxwv");
	EXPECT_TEXT(after("............"), "udefghaz0000");
	begin("refault"); /* as many are active as not; 15 for each */
	EXPECT_TEXT(after("abcdefgh^a1^b1^c1^d1DC^e1+^z1++^y1^x1..."), "fgh");
	EXPECT_TEXT(after("ABCDEFGH....+A+B+C+.AB....."), "zyxazyxwde");
	EXPECT_TEXT(after("............"), "bc0000000000");
}

/* How many active frames are looked at for one that returns: 2, and 8 after one was not used. */
static void looks(void)
{
	begin("refault"); /* seven active for one that is not are many */
	EXPECT_TEXT(after("abcdefgh^a1^b1^c1^d1^e1^f1^g1ABCDEFG^h1.+..."), "hzab");
	begin("refault");
	EXPECT_TEXT(after("abcdefghij^h1D^b1^a1^g1CCI^d1>^d1G.."), "efj");
	EXPECT_TEXT(after("^c1^e1^i1^b1..."), "hac");
	begin("refault"); /* a use before is remembered */
	EXPECT_TEXT(after("abcdef>>>.^a1C>>>...AC>.."), "abcdefbefbaac");
	begin("refault"); /* fewer looks after each frame that was used */
	EXPECT_TEXT(after("abcdefghijklmnop^a1^b1^c1^d1^e1^f1^g1^h1^i1^j1^k1^l1^m1^n1"), "");
	EXPECT_TEXT(after("ACDEFGHIJKLMN^o1O^p1^b1......"), "pbacde");
	begin("refault"); /* 12 are active, 12 are not: the eight looks stay */
	EXPECT_TEXT(after("abcdefghijklmnop^a1^b1^c1^d1^e1^f1^g1^h1^i1^j1^k1^l1^m1^n1"), "");
	EXPECT_TEXT(after("ACDEFGHIJKLMN^o1++++++++++-c-d^p1............"), "bzyxwvutsrqa");
	EXPECT_TEXT(after("............"), "oefghijklpmn");
}

TAP_MAIN({ "fifo", fifo }, { "second chance", second_chance }, { "aging", aging },
	 { "two lists", two_lists }, { "refault", refault }, { "looks of refault", looks })
