# SPDX-License-Identifier: MIT
"""Calls of functions of the kernel, which is compiled with -mregparm=3."""
import gdb

from . import kernel

REGISTERS = ("eax", "edx", "ecx")  # of the first three arguments (GCC manual, x86 function attributes: regparm)
EFLAGS_IF = 0x200


class Frame:
    """The registers as they are; on exit they are as before, and the same frame is selected."""

    def __enter__(self):
        self.level = gdb.selected_frame().level()
        gdb.newest_frame().select()
        if int(gdb.parse_and_eval("$cs")) & 3:
            raise gdb.GdbError("the machine is in ring 3; stop it in the kernel first, such as by `pw-break-fault PROGRAM`")
        self.kept = {name: get(name) for name in (*REGISTERS, "esp", "eflags")}
        put("eflags", self.kept["eflags"] & ~EFLAGS_IF)
        return self

    def __exit__(self, *_):
        gdb.newest_frame().select()
        for name, value in self.kept.items():
            put(name, value)
        gdb.execute(f"frame {self.level}", to_string=True)


def get(register):
    """A register of the selected frame."""
    return int(gdb.parse_and_eval(f"(unsigned)${register}"))


def put(register, value):
    """Sets a register."""
    gdb.execute(f"set ${register} = {value:#x}", to_string=True)


def call(name, *arguments):
    """Calls a function with up to three numbers of 32 bits, interrupts off; returns its result. In a Frame."""
    function = kernel.symbol(name) if isinstance(name, str) else name
    if len(arguments) > len(REGISTERS):
        raise gdb.GdbError(f"{name}: more than three arguments")
    if function.type.code == gdb.TYPE_CODE_PTR:
        function = function.dereference()
    if "..." in str(function.type):
        raise gdb.GdbError(f"{name}: a variable number of arguments")
    enabled = [point for point in gdb.breakpoints() if point.enabled]
    for point in enabled:
        point.enabled = False
    gdb.newest_frame().select()
    for register, argument in zip(REGISTERS, arguments):
        put(register, int(argument) & 0xffffffff)
    try:
        return gdb.parse_and_eval(f"(({function.type.target()} (*)(void)){int(function.address):#x})()")
    finally:
        for point in enabled:
            point.enabled = True


class Scratch:
    """Some bytes on the kernel's stack, for what a called function fills. In a Frame."""

    def __init__(self, size):
        self.address = (get("esp") - size) & ~15
        put("esp", self.address - 256)

    def value(self, name):
        """The structure there."""
        return kernel.struct_at(name, self.address)


@kernel.command("pw-call")
def pw_call(argument):
    """Call a function of the kernel: pw-call FUNCTION [ARGUMENT]...

The kernel is compiled with -mregparm=3: arguments are in EAX, EDX and ECX, and gdb's own `call` would pass them on the
stack. Arguments are expressions without blanks, at most three, of 32 bits. Interrupts are off during the call. What
the function prints is in the log. Registers are as before afterwards; memory is as the function left it.
    pw-call zone_print &zones[1]"""
    name, *arguments = argument.split()
    values = [int(gdb.parse_and_eval(text)) for text in arguments]
    with Frame():
        result = call(name, *values)
        kernel.write(f"{name}: {result}" if result.type.code != gdb.TYPE_CODE_VOID else f"{name}: done")
