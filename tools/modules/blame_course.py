# SPDX-License-Identifier: MIT
"""The course of a run, for tools/blame --good: what is recorded of it, and how two of them are compared (lab/src/blame/compare.js)."""
import difflib
import functools
import os
import re

from blame_image import NO_HOOK, operand_of, output_of

# What is called so often, and decides so little, that nothing is recorded there.
NOT_RECORDED = ("lib/print", "lib/div", "lib/trace/", "kernel/trace/", "kernel/devices/serial", "kernel/console/serial")
# Of these only the calls.
LEAVES = ("lib/string",)
# These may fault on a program's page while a hook waits at their next instruction.
MAY_FAULT = ("tests/", "kernel/cpu/uaccess")
# Calls that depend on the moment of an interrupt.
OPTIONAL = ("schedule", "let_others_run", "turn_is_over", "schedule_chosen", "let_others_run_chosen", "turn_is_over_chosen", "cond_resched")
# What these do themselves is only to wait, or to count time: that is another count in each run.
TIMED = ("delay_us", "count_ticks", "usage_tick")
REGS = (24, 0, 4, 8, 12, 16, 20)  # of struct pt_regs: EAX, EBX, ECX, EDX, ESI, EDI, EBP
EFFECT = re.compile(r"(invlpg|lmsw|clts|ltr|lldt|lgdt|lidt|wrmsr|out[bwl]?|f\w+save\w*|f\w*rstor\w*|fn?init|mov\w*\s.*,%(?:cr\d|dr\d|ds|es|fs|gs|ss)$)\b")
TAG = re.compile(r" <(\d+)><([0-9a-f]+)>: Abbrev Number: \d+ \(DW_TAG_(\w+)\)")
ATTRIBUTE = re.compile(r"\s+<[0-9a-f]+>\s+DW_AT_(type|byte_size|low_pc|abstract_origin)\s*: (?:\(\w+\) )?<?(?:0x)?([0-9a-f]+)")
KEPT = ("subprogram", "formal_parameter", "base_type", "typedef", "const_type", "volatile_type", "enumeration_type", "pointer_type", "structure_type")
EVENTS = 30000000  # the first ones of a run; the program `demand` has 24 million


def signatures(path):
    """address -> (bytes of the result, [bytes of each parameter]), from the debug information."""
    dies, current, own = {}, None, None
    for line in output_of("readelf", "--debug-dump=info", path, errors="replace").splitlines():
        if line.startswith(" <"):
            match = TAG.match(line)
            current = None
            if match and match[1] == "1":
                own = None
            if match and match[3] in KEPT:
                current = dies[match[2]] = {"tag": match[3], "of": []}
                if match[3] == "subprogram":
                    own = current
                elif match[3] == "formal_parameter" and own and match[1] == "2":
                    own["of"].append(current)
        elif current is not None:
            match = ATTRIBUTE.match(line)
            if match:
                current[match[1]] = match[2]
    found = {}
    for die in dies.values():
        if die["tag"] == "subprogram" and "low_pc" in die:
            kind = die.get("type") or dies.get(die.get("abstract_origin"), {}).get("type")
            parameters = [size_of(dies, parameter.get("type") or dies.get(parameter.get("abstract_origin"), {}).get("type")) for parameter in die["of"]]
            found[int(die["low_pc"], 16)] = (size_of(dies, kind) if kind else 0, parameters)
    return found


def size_of(dies, place):
    """Bytes of a type."""
    die = dies.get(place)
    while die:
        if "byte_size" in die:
            return int(die["byte_size"], 10)
        if die["tag"] == "pointer_type":
            return 4
        die = dies.get(die.get("type"))
    return 4


def width_of(text):
    """Bytes that a store writes."""
    name, _, operands = text.partition(" ")
    if name.startswith(("set", "bt")):
        return 1 if name.startswith("set") else 4
    first = re.match(r"\s*%(\w+),", operands)
    if first:
        return 2 if re.fullmatch(r"[abcd]x|[sd]i|[sb]p|[c-gs]s", first[1]) else 1 if re.fullmatch(r"[abcd][hl]", first[1]) else 4
    return {"b": 1, "w": 2}.get(name[-1], 4)


@functools.lru_cache(maxsize=4)
def course_of(kernel):
    """What the recorder and compare.js have to know of a kernel."""
    order = sorted(kernel.code)
    length = {address: following - address for address, following in zip(order, order[1:])}
    signature = signatures(kernel.path)
    starts = dict(kernel.functions)
    calls, returns, stores, effects, told = [], [], [], [], []
    number, skipped, named = -1, True, {name: i for i, (_, name) in enumerate(kernel.functions)}
    for address in order:
        text = kernel.code[address]
        if address in starts:
            number += 1
            name, file = starts[address], kernel.files[address]
            skipped = file.startswith(NOT_RECORDED) or file.endswith(".S") and name != "user_copy"
            hook = not skipped and ".cold" not in name and not NO_HOOK.match(text)
            result, parameters = signature.get(address, (0, []))
            calls.append([address, length[address] if hook else 0, [] if re.search(r"\.(isra|constprop|part)", name) else parameters, name if name == "do_syscall" else ""])
            skipped |= ".cold" in name and not hook and file.startswith(NOT_RECORDED)
        if skipped or file.startswith(LEAVES):
            continue
        if re.match(r"ret\b", text):
            returns.append([address, int((re.search(r"\$0x([0-9a-f]+)", text) or [0, "0"])[1], 16), number, result])
        elif EFFECT.match(text):
            effects.append([address, length[address], *effect_operand(text)])
            told.append([text.split()[0] + " " + text.rpartition(",")[2] if text.startswith("mov") else text.split()[0], address])
        elif not file.startswith(MAY_FAULT) and not text.startswith("rep") and operand_of(text) and address not in starts:
            stores.append([address, length[address], width_of(text), *operand_of(text)])
    symbols = sorted([address, kernel.sizes[name], name] for name, address in [*kernel.constants.items(), *kernel.symbols.items()]
                     if name in kernel.constants or kernel.symbols["_data"] <= address < kernel.symbols["_end"])
    return {
        "recorder": {"calls": calls, "returns": returns, "stores": stores, "effects": effects, "inputs": REGS,
                     "lengths": {kernel.symbols[name]: length[kernel.symbols[name]] for name in ("panic", "panic_regs")}},
        "compare": {"names": [name for _, name in kernel.functions], "entries": {address: name for address, name in kernel.functions}, "symbols": symbols,
                    "text": [kernel.symbols["_text"], 0], "data": [kernel.symbols["_data"], kernel.symbols["_end"]], "stores": [store[0] for store in stores],
                    "effects": told, "interrupt": named["trap_dispatch"], "optional": [named[name] for name in OPTIONAL if name in named],
                    "timed": TIMED},
    }


def effect_operand(text):
    """[register] or ["", base, index, scale, offset] of what an instruction gives to the processor."""
    register = re.match(r"mov\w*\s+%(e?\w\w),", text)
    if register:
        name = register[1] if register[1].startswith("e") else "e" + register[1]
        return [name]
    place = re.search(r"invlpg\s+(-?0x[0-9a-f]+)?\((%\w+)\)", text)
    return ["", place[2][1:], "", 1, int(place[1] or "0", 16)] if place else [""]


def own_lines(kernel, number, addresses):
    """[(address, function, file, line)] of a path of addresses, of the function with this number alone, without repetitions."""
    start = kernel.functions[number][0]
    end = kernel.functions[number + 1][0] if number + 1 < len(kernel.functions) else start + (1 << 16)
    own = [address for address in addresses if start <= address < end]
    places = kernel.places(sorted(set(own)))
    found = []
    for address in own:
        function, place = places[address][0]
        file, _, line = place.rpartition(":")
        step = (function, file, line)
        if not found or found[-1][1:] != step:
            found.append((address, *step))
    return found


def same_lines(file, tree, other_tree):
    """line -> line of the other tree, both as text; a changed line is the one in its place."""
    texts = []
    for folder in (tree, other_tree):
        try:
            with open(os.path.join(folder, file), encoding="utf-8") as opened:
                texts.append(opened.read().split("\n"))
        except OSError:
            return {}
    found = {}
    for kind, start, end, other, other_end in difflib.SequenceMatcher(None, *texts, autojunk=False).get_opcodes():
        for i in range(min(end - start, other_end - other)) if kind in ("equal", "replace") else ():
            found[str(start + i + 1)] = str(other + i + 1)
    return found


def branch(good, bad, tree, other_tree):
    """The address of the last step of `bad` before the two paths part; None: they do not."""
    maps = {file: same_lines(file, tree, other_tree) if tree != other_tree else {} for file in {step[2] for step in good}}
    for i, (_, function, file, line) in enumerate(good):
        if i >= len(bad) or bad[i][1:] != (function, file, maps[file].get(line, line)):
            return bad[i - 1][0] if i else None
    return bad[len(good) - 1][0] if len(bad) > len(good) > 0 else None
