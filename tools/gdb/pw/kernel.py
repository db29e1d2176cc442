# SPDX-License-Identifier: MIT
"""The kernel's symbols, types and lists, as gdb sees them; and how a command is made."""
import functools

import gdb

from . import place

PAGE_SHIFT = 12  # of the i386 (Intel SDM vol. 3A 4.3)
PAGE_SIZE = 1 << PAGE_SHIFT


def command(name):
    """Makes a command of gdb of a function with one argument, the text after the name; its docstring is the help."""
    def register(function):
        def invoke(self, argument, from_tty):  # pylint: disable=unused-argument
            try:
                settle()
                if not gdb.selected_thread():
                    raise gdb.GdbError(f"{name}: no machine is attached: `make debug` in another terminal prints the line to type")
                function(argument.strip())
            except gdb.MemoryError as error:
                raise gdb.GdbError(f"{name}: {error}; the kernel maps its memory in the first moments of its start: "
                                   "`break init_main`, `continue`, and try again") from error
            except gdb.error as error:
                raise gdb.GdbError(f"{name}: {error}") from error
        category = {"__doc__": function.__doc__, "invoke": invoke,
                    "__init__": lambda self: gdb.Command.__init__(self, name, gdb.COMMAND_DATA)}
        type(name, (gdb.Command,), category)()
        return function
    return register


def write(text):
    """Prints a line."""
    gdb.write(text + "\n")


@functools.lru_cache(maxsize=None)
def _object_file():
    for file in gdb.objfiles():
        if file.lookup_global_symbol("mem_map"):
            return file
    raise gdb.GdbError("no symbols of the kernel: `file build/kernel.debug`")


def symbol(name):
    """A variable or function of the kernel; a program that is loaded too may have the same name."""
    found = _object_file().lookup_global_symbol(name) or _object_file().lookup_static_symbol(name)
    if not found:
        raise gdb.GdbError(f"the kernel has no symbol {name}")
    return found.value()


def settle():
    """Takes the symbols as they are now: loaded anew, or moved to where the kernel lies."""
    while not _object_file().is_valid() or place.check(_object_file()):
        for cached in (_object_file, constant, enumerators, ctype, offset):
            cached.cache_clear()


def build_directory():
    """Where kernel.debug is, and the programs."""
    return _object_file().filename.rpartition("/")[0]


@functools.lru_cache(maxsize=None)
def constant(name):
    """An enumerator."""
    return int(gdb.parse_and_eval(f"(long){name}"))


@functools.lru_cache(maxsize=None)
def enumerators(name):
    """name -> value of an enumeration of the kernel."""
    return {field.name: field.enumval for field in gdb.lookup_type(f"enum {name}").fields()}


@functools.lru_cache(maxsize=None)
def ctype(name):
    """A type of the kernel, such as "struct page"."""
    return gdb.lookup_type(name)


@functools.lru_cache(maxsize=None)
def offset(name, member):
    """Bytes from a structure's start to a member, also one of an unnamed structure in it."""
    def find(structure):
        for field in structure.fields():
            if field.name == member:
                return field.bitpos // 8
            if not field.name:
                inner = find(field.type.strip_typedefs())
                if inner is not None:
                    return field.bitpos // 8 + inner
        return None
    return find(ctype(name).strip_typedefs())


def read(address, length):
    """Bytes of memory."""
    return gdb.selected_inferior().read_memory(address, length).tobytes()


def words(address, count):
    """32-bit words of memory."""
    return memoryview(read(address, 4 * count)).cast("I")


def struct_at(name, address):
    """The structure at an address."""
    return gdb.Value(int(address)).cast(ctype(name).pointer()).dereference()


def container(link, name, member):
    """The structure that contains a member at this address."""
    return struct_at(name, int(link) - offset(name, member))


def members(head, name, member):
    """The structures of a list, in its order."""
    link = head["next"]
    while link != head.address:
        yield container(link, name, member)
        link = link["next"]


def tree(node, name, member):
    """The structures of a gap tree below a node, in its order."""
    if node:
        yield from tree(node["left"], name, member)
        yield container(node, name, member)
        yield from tree(node["right"], name, member)


def physmap():
    """The address of frame 0 in the direct map."""
    return int(symbol("physmap").address)


def enum_name(value):
    """An enumerator's name in lower case, without its prefix: TASK_RUNNING -> running."""
    return str(value).partition("_")[2].lower()


def names_of_bits(value, enumeration, prefix, left_out=()):
    """The names of the bits that are set."""
    return [name[len(prefix):].lower() for name, bit in enumerators(enumeration).items()
            if bit & value and not bit & bit - 1 and name.startswith(prefix) and name not in left_out]
