# SPDX-License-Identifier: MIT
"""How often programs make each call, and how often it succeeds: one that only fails is not tested."""
import errno
import re
from collections import Counter

import call_generator
import call_program
import call_table


class Counts:
    """Of the runs on Linux, by the name of the call."""

    def __init__(self):
        self.made, self.ended, self.succeeded, self.errors = Counter(), Counter(), Counter(), {}

    def _end(self, name, value):
        self.ended[name] += 1
        error = errno.errorcode.get(-value, str(-value)) if -4096 < value < 0 else None
        if error in (None, call_table.GOOD_ERRORS.get(name)):
            self.succeeded[name] += 1
        else:
            self.errors.setdefault(name, Counter())[error] += 1

    def _exits(self, calls, lines):
        """Calls that do not return: the process is dead before a later call ends."""
        last = -1
        for line in lines:
            match = re.match(r"(\d+) ", line)
            if match:
                last = int(match[1])
            elif line.startswith("dead ") and line[5:].isdigit():
                letter = call_program.LETTERS[int(line[5:])]
                mine = [call for call in calls if call.slot == letter and call.index > last]
                if mine and mine[0].name in ("exit", "exit_group"):
                    self._end(mine[0].name, 0)

    def add(self, calls, output):
        """One program and its Output."""
        names = {call.index: call_generator.FORMS[call.name].call for call in calls}
        self.made.update(names.values())
        for line in output.raw:
            match = re.match(r"(\d+) = (-?\d+)", line)
            if match and int(match[1]) in names:
                self._end(names[int(match[1])], int(match[2]))
        self._exits(calls, output.raw)

    def failing(self):
        """Calls that never succeeded, and have no reason for it; and those that did in spite of a reason."""
        names = {form.call for form in call_generator.FORMS.values()}
        never = {name for name in names if not self.succeeded[name]}
        return sorted(never - set(call_table.REFUSED)), sorted(set(call_table.REFUSED) - never)

    def table(self):
        """The lines."""
        for name in sorted({form.call for form in call_generator.FORMS.values()}):
            errors = ",".join(f"{error}:{count}" for error, count in self.errors.get(name, Counter()).most_common(4))
            reason = call_table.REFUSED.get(name)
            yield (f"count: call={name} made={self.made[name]} ended={self.ended[name]} succeeded={self.succeeded[name]} errors={errors or '-'}"
                   + (f" reason: {reason}" if reason else ""))
