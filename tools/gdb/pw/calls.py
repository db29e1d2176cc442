# SPDX-License-Identifier: MIT
"""Calls of functions of the kernel, which is compiled with -mregparm=3.

gdb's own calls know neither that, nor, when a 64-bit QEMU runs 32-bit code, how wide a return address is. So the arguments and the
return address are put in their places here. The function returns to `entry`, the kernel's first instruction, which runs once only: a
breakpoint is there meanwhile.
"""
import gdb

from . import kernel

REGISTERS = ("eax", "edx", "ecx")  # of the first three arguments (GCC manual, x86 function attributes: regparm)
EFLAGS_IF = 0x200
LANDING = "entry"


class Frame:
    """The registers as they are; on exit they are as before, and the same frame is selected."""

    def __enter__(self):
        self.level = gdb.selected_frame().level()
        gdb.newest_frame().select()
        if int(gdb.parse_and_eval("$cs")) & 3:
            raise gdb.GdbError("the machine is in ring 3; stop it in the kernel first, such as by `pw-break-fault PROGRAM`")
        self.kept = {name: get(name) for name in (*REGISTERS, "esp", "eflags", "pc")}
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
    result = function.type.target().strip_typedefs()
    if result.code not in (gdb.TYPE_CODE_VOID, gdb.TYPE_CODE_INT, gdb.TYPE_CODE_BOOL, gdb.TYPE_CODE_ENUM, gdb.TYPE_CODE_PTR, gdb.TYPE_CODE_CHAR):
        raise gdb.GdbError(f"{name}: its result is {result}, which is in no register")
    gdb.newest_frame().select()
    for register, argument in zip(REGISTERS, arguments):
        put(register, int(argument) & 0xffffffff)
    run_to_landing(name, int(function.address))
    value = get("eax") | (get("edx") << 32 if result.sizeof == 8 else 0)
    return gdb.Value(value & (1 << 8 * result.sizeof) - 1).cast(function.type.target()) if result.code != gdb.TYPE_CODE_VOID else None


def run_to_landing(name, address):
    """Runs a function to its end, with no other breakpoint on the way. ESP is as before then, and PC at the landing."""
    landing, stack = int(kernel.symbol(LANDING).address), get("esp")
    enabled = [point for point in gdb.breakpoints() if point.enabled]
    for point in enabled:
        point.enabled = False
    end = gdb.Breakpoint(f"*{landing:#x}", gdb.BP_HARDWARE_BREAKPOINT, internal=True)
    end.silent = True
    try:
        put("esp", stack - 4)
        gdb.selected_inferior().write_memory(stack - 4, landing.to_bytes(4, "little"))
        put("pc", address)
        gdb.execute("continue", to_string=True)
        gdb.newest_frame().select()
        if get("pc") != landing:
            raise gdb.GdbError(f"{name}: it stopped at {get('pc'):#x} and not at its end; the log may say why")
    finally:
        end.delete()
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
        kernel.write(f"{name}: {'done' if result is None else result}")
