# SPDX-License-Identifier: MIT
"""Where the kernel lies. Firmware may make the loader choose another place than 1 MiB (docs/boot.md); then gdb's symbols are moved there.

The text of the kernel's symbol table tells a kernel from another: it has no address, so it is the same at each place.
"""
import gdb

HOME = 0xc0100000  # where it is linked: image/kernel.lds
STEP, END = 0x10000, 0xf8000000
MARK = 64  # bytes that are compared
_STATE = {"found": None}  # the object file of which it is known


def file_bytes(path, address, length):
    """Bytes that an ELF file has for an address of its link."""
    with open(path, "rb") as file:
        data = file.read()
    word = lambda at, size: int.from_bytes(data[at:at + size], "little")  # noqa: E731
    for i in range(word(44, 2)):  # program headers (ELF specification, figures 1-3 and 2-1)
        at = word(28, 4) + i * word(42, 2)
        offset, start, size = word(at + 4, 4), word(at + 8, 4), word(at + 16, 4)
        if word(at, 4) == 1 and start <= address < start + size:
            return data[offset + address - start:offset + address - start + length]
    return b""


def address_of(name):
    """The address of a symbol that has no type."""
    return int(gdb.parse_and_eval(f"(unsigned)&{name}"))


def there(address, mark):
    """The mark is at this address now."""
    try:
        return gdb.selected_inferior().read_memory(address, MARK).tobytes() == mark
    except gdb.MemoryError:
        return False


def check(file):
    """Moves the symbols of an object file to the kernel, once. Returns whether they were moved. Before the kernel has started nothing
    happens."""
    path = file.filename
    if _STATE["found"] == file:
        return False
    shift = address_of("_text") - HOME
    linked = address_of("ksyms_strings") - shift
    mark = file_bytes(path, linked, MARK)
    if there(linked + shift, mark):
        _STATE["found"] = file
        return False
    place = next((place for place in range(HOME, END, STEP) if there(linked + place - HOME, mark)), None)
    if place is None:
        return False
    confirm = gdb.parameter("confirm")
    gdb.execute("set confirm off")
    gdb.execute(f"symbol-file -o {place - HOME:#x} {path}", to_string=True)
    gdb.execute(f"set confirm {'on' if confirm else 'off'}")
    gdb.write(f"kernel: at physical {place - 0xc0000000:#x}; its symbols were moved there\n")
    return True
