# SPDX-License-Identifier: MIT
"""The shortest program that still differs: delta debugging, a whole round of candidates in one boot."""

MOST = 120  # candidates of a round


def chunks(calls):
    """Smaller programs: all calls but one part, for parts of several sizes, the largest first."""
    size = max(len(calls) // 2, 1)
    while len(calls) > 1:
        for start in range(0, len(calls), size):
            yield calls[:start] + calls[start + size:]
        if size == 1:
            break
        size = max(size // 2, 1)


def shrink(calls, differing):
    """The shortest program found that differs in the same way.

    differing({number: calls}) returns the set of numbers that do; each use of it is a boot.
    """
    while True:
        candidates = dict(enumerate(list(chunks(calls))[-MOST:]))
        bad = [candidates[number] for number in sorted(differing(candidates))] if candidates else []
        if not bad:
            return calls
        # What each of them leaves out may be needless together too.
        needless = {call.index for call in calls} - set.intersection(*({call.index for call in some} for some in bad))
        together = [call for call in calls if call.index not in needless]
        if len(bad) > 1 and together and differing({0: together}):
            calls = together
        else:
            calls = min(bad, key=len)
