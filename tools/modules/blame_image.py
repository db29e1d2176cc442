# SPDX-License-Identifier: MIT
"""What a kernel's image says of itself, for tools/blame: its functions, instructions, stores and lines."""
import functools
import hashlib
import os
import re
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# The checkers that mm_census() calls, which has some of its own.
CHECKERS = ("zone_validate", "kmem_cache_validate_all", "quicklists_validate", "pgd_validate", "swap_validate", "reclaim_validate", "vmalloc_validate",
            "mm_validate", "pgtable_validate", "mapping_validate", "mapping_validate_areas")
OWN = "mm/census.c"
CENSUS = ("violated", "place", "where")
# Operations of these rooms may leave an invariant false until they return.
MEMORY = ("mm/", "paging/", "lib/", "fs/")
STORE_NOT = re.compile(r"^(cmp|test|lea|nop|j|call|bt[lw]? |push|fld|fild|prefetch|mul|imul|div|idiv|lgdt|lidt|ltr)")
# Instructions at which no hook can stand.
NO_HOOK = re.compile(r"j|call|ret|iret|loop|hlt|push[af]|pop[af]|cli|sti|\(bad\)")
# What is called so often, and so far from memory, that no hooks are there.
NOT_HOOKED = ("lib/string", "lib/print", "lib/div", "lib/trace/", "kernel/console/", "kernel/devices/", "kernel/time/", "kernel/cpu/")


def output_of(*command, **more):
    return subprocess.run(command, cwd=TOP, check=True, stdout=subprocess.PIPE, text=True, **more).stdout


def census_layout():
    """Offsets in structures that the emulator's side reads."""
    text = '#include "mm/census.h"\n#include "mm/user_space/mm.h"\n'
    text += "".join(f"const unsigned at_{name} = __builtin_offsetof(struct census, {name});\n" for name in CENSUS)
    text += "".join(f"const unsigned at_{name} = __builtin_offsetof(struct page, {name});\n" for name in ("count", "audit"))
    text += "const unsigned at_page = sizeof(struct page);\nconst unsigned at_link = __builtin_offsetof(struct mm_struct, link);\n"
    found = output_of("gcc", "-m32", "-std=gnu11", "-ffreestanding", "-I.", "-S", "-o", "-", "-x", "c", "-", input=text)
    values = re.findall(r"^at_(\w+):\n\s*\.(?:long\s+(\d+)|zero\s+4)$", found, re.M)
    return {name: int(value or 0) for name, value in values}


class Kernel:
    """What an image says of itself."""

    def __init__(self, path, tree=TOP):
        self.path, self.tree = path, tree  # the image, and the source that it was built from
        self.elf = os.path.join(os.path.dirname(path), "kernel.elf")  # without debug information
        self.symbols, self.sizes, self.constants = {}, {}, {}
        for line in output_of("nm", "-S", path).splitlines():
            address, *size, kind, name = line.split()
            if kind in "rR" and size:
                self.constants[name], self.sizes[name] = int(address, 16), int(size[0], 16)
            elif kind in "tTbBdD" and (size or name in ("_text", "_data", "_end")):
                known = int(size[0], 16) if size else 0
                if known >= self.sizes.get(name, 0):  # two static ones may have the same name
                    self.symbols[name], self.sizes[name] = int(address, 16), known
        self.read_text()

    def hash(self):
        """A short name of its content."""
        with open(self.elf, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()[:12]

    def read_text(self):
        """Instructions, and the files of functions."""
        self.code, self.functions = {}, []
        for line in output_of("objdump", "-d", "--no-show-raw-insn", "-j", ".text", self.path).splitlines():
            match = re.match(r"\s*([0-9a-f]+):\s+(\S.*)$", line)
            if match:
                self.code[int(match[1], 16)] = match[2]
            elif re.match(r"[0-9a-f]+ <", line):
                address, name = line.split(" ", 1)
                self.functions.append((int(address, 16), name[1:-2]))
        places = [line.rpartition(":")[0] for line in self.lines(address for address, _ in self.functions)]
        self.files = {address: os.path.relpath(place, TOP) if os.path.isabs(place) else os.path.normpath(place)
                      for (address, _), place in zip(self.functions, places)}

    def lines(self, addresses):
        """FILE:LINE of each address."""
        return output_of("addr2line", "-e", self.path, input="\n".join(f"{address:x}" for address in addresses)).splitlines()

    def frames(self, address):
        """[(function, FILE:LINE)] of an address, the innermost inlined function first."""
        rows = output_of("addr2line", "-f", "-i", "-e", self.path, f"{address:x}").splitlines()
        return [(rows[i], os.path.normpath(rows[i + 1].partition(" (")[0].replace(TOP + "/", ""))) for i in range(0, len(rows), 2)]

    def places(self, addresses):
        """address -> its frames(), of many."""
        found = {}
        for row in output_of("addr2line", "-a", "-f", "-i", "-e", self.path, input="\n".join(f"{address:x}" for address in addresses)).splitlines():
            if row.startswith("0x"):
                rows = found.setdefault(int(row, 16), [])
            else:
                rows.append(os.path.normpath(row.partition(" (")[0].replace(TOP + "/", "")) if len(rows) % 2 else row)
        return {address: list(zip(rows[::2], rows[1::2])) for address, rows in found.items()}

    def source(self, file):
        with open(os.path.join(self.tree, file), encoding="utf-8") as opened:
            return opened.read()

    def other_checkers(self):
        """What a checker says -> the checkers that say something else: those of other files. It may ask a checker of lib/."""
        files = {self.symbols[name]: self.files[self.symbols[name]] for name in CHECKERS if name in self.symbols}
        said = {}
        for file in {OWN, *files.values()}:
            source = self.source(file)
            asked = [f"lib/{name}.c" for name in re.findall(r"\b(\w+)_validate\(", source)]
            for part in [source, *(self.source(name) for name in asked if os.path.exists(os.path.join(self.tree, name)))]:
                for text in re.findall(r'"([^"\n]+)"', re.sub(r"^#.*", "", part, flags=re.M)):
                    said.setdefault(text, set()).add(file)
        return {text: [address for address, file in files.items() if file not in known] for text, known in said.items()}

    @functools.lru_cache(maxsize=None)
    def about(self):
        """What the emulator's side has to know."""
        order = sorted(self.code)
        following = dict(zip(order, order[1:]))
        hooks = {}
        for address, _ in self.functions:
            # The first instruction of one in assembly may fault.
            if address in self.code and not self.files[address].endswith(".S") and not NO_HOOK.match(self.code[address]):
                hooks[address] = following.get(address, 0) - address
        tests = [self.files[address].startswith("tests/") for address, _ in self.functions]
        quiet = {self.symbols[name] for name in ("do_syscall", "do_page_fault", "panic", "panic_regs", "memory_check_end")}
        quiet |= {address for (address, _), test in zip(self.functions, tests) if test}
        starts = [address for address, _ in self.functions]
        ends = starts[1:] + [order[-1] + 1]
        for start, end, test in zip(starts, ends, tests):
            place = start
            while test and place < end:
                match = re.match(r"(?:call|jmp)\s+([0-9a-f]+)", self.code.get(place, ""))
                if match:
                    quiet.add(int(match[1], 16))
                place = following.get(place, end)
        stores = [[address, *place] for address, text in self.code.items() for place in [operand_of(text)] if place]
        text = self.symbols["_text"]
        census = census_layout()
        return {
            "text": [text, order[-1] + 16], "data": [self.symbols["_data"], self.symbols["_end"]], "scratch": [self.symbols["ring"], self.sizes["ring"] & ~15], "census": census, "page": census.pop("page"),
            "others": self.other_checkers(), "spaces": {"list": self.symbols["mm_list"], "link": census.pop("link")},
            "variables": {name: self.symbols[name] for name in ("mem_map", "max_pfn")},
            "functions": {name: self.symbols[name] for name in ("do_syscall", "do_page_fault", "panic", "panic_regs", "mm_census")},
            "hooks": [list(hook) for hook in sorted(hooks.items()) if hook[0] in quiet or not self.files[hook[0]].startswith(NOT_HOOKED)],
            "quiet": sorted(quiet),
            "starts": starts, "rooms": ["memory" if self.files[address].startswith(MEMORY) else "other" for address in starts],
            "instructions": order, "stores": stores,
        }


def operand_of(text):
    """[base, index, scale, offset] of the memory that an instruction writes, or None; what writes to its function's frame is left out."""
    if STORE_NOT.match(text) and not text.startswith(("bts", "btr", "btc")):
        return None
    if re.match(r"invlpg|mov\s+%\w+,%cr3", text):
        return ["", "", 1, 0]
    match = re.search(r"(?:,|\s)(?:%\w\w:)?(-?0x[0-9a-f]+)?(?:\((%\w+)?(?:,(%\w+),(\d))?\))?$", re.sub(r"\s*<.*", "", text))
    if not match or not (match[1] or match[2]) or match[2] in ("%ebp", "%esp"):
        return None
    return [(match[2] or "")[1:], (match[3] or "")[1:], int(match[4] or 1), int(match[1] or "0", 16)]


def is_helper(name, place, tree):
    """Is it a function of lib/, paging/ or a header, or one with several callers in its file? It does a part of what its caller does."""
    path = place.partition(":")[0]
    if path.startswith(("lib/", "paging/")) or not path.endswith(".c"):
        return True
    with open(os.path.join(tree, path), encoding="utf-8") as file:
        return len(re.findall(rf"\b{re.escape(name)}\(", file.read())) > 2


def named(frames, tree=TOP):
    """The function to name, of [(function, FILE:LINE, inlined)]: the first that is no inlined helper."""
    return next(((name, place) for name, place, inlined in frames if not inlined or not is_helper(name, place, tree)), ("", ""))


def chain_of(kernel, answer):
    """[(function, FILE:LINE, inlined)], the innermost one first: from the store, or from the panic."""
    store = answer.get("store")
    places = [store["address"], *(address - 1 for address in store["chain"])] if store else [address - 1 for address in answer.get("panic") or []]
    groups = [kernel.frames(place) for place in places]
    return [(*frame, i + 1 < len(group)) for group in groups for i, frame in enumerate(group)]
