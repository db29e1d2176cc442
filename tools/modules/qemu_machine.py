# SPDX-License-Identifier: MIT
"""The emulated machines, as QEMU command lines.

    FW=       the firmware, and its QEMU arguments      FIRMWARE
    IMAGE=    the form of the image                     IMAGES
    MEDIA=    the medium with the image                 MEDIA
    VIDEO=    the screen                                VIDEO
    SWAPDEV=  the controller of the disk for swap       SWAP_DEVICES

This module starts nothing. An impossible machine is refused with a sentence (Unstartable).
"""
import os
import re
import shlex
import shutil
import struct
from dataclasses import dataclass, field

import swap_disk

OVMF = "/usr/share/OVMF"
U_BOOT = "/usr/lib/u-boot"
# System management mode protects the variable store: OVMF's Secure Boot needs it.
SMM = ["-global", "driver=cfi.pflash01,property=secure,value=on", "-global", "ICH9-LPC.disable_s3=1"]


class Unstartable(Exception):
    """The run cannot be started; the text says why."""


@dataclass
class Firmware:
    code: str                # the firmware's file
    store: str = ""          # its variable store, which is copied for each run; "": -bios takes the file
    machines: tuple = ()     # where it runs; (): everywhere
    machine_options: str = ""
    more: list = field(default_factory=list)
    is_32_bit: bool = False
    direct: bool = False     # QEMU loads the kernel itself, by Multiboot, and there is no volume


# Debian's 32-bit OVMF needs system management mode, so q35; its own store enforces nothing. The
# stores with "snakeoil" know the test key of the package ovmf and enforce Secure Boot; for 32 bits
# there is none, and none is needed.
FIRMWARE = {
    "ovmf-x64": Firmware(f"{OVMF}/OVMF_CODE_4M.fd", f"{OVMF}/OVMF_VARS_4M.fd"),
    "ovmf-ia32": Firmware(f"{OVMF}/OVMF32_CODE_4M.secboot.fd", f"{OVMF}/OVMF32_VARS_4M.fd",
                          ("q35",), ",smm=on", SMM, True),
    "ovmf-x64-secure": Firmware(f"{OVMF}/OVMF_CODE_4M.secboot.fd", f"{OVMF}/OVMF_VARS_4M.snakeoil.fd",
                                ("q35",), ",smm=on", SMM),
    "ovmf-ia32-secure": Firmware(f"{OVMF}/OVMF32_CODE_4M.secboot.fd", f"{OVMF}/OVMF_VARS_4M.snakeoil.fd",
                                 ("q35",), ",smm=on", SMM, True),
    "uboot-x64": Firmware(f"{U_BOOT}/qemu-x86_64/u-boot.rom"),
    "uboot-ia32": Firmware(f"{U_BOOT}/qemu-x86/u-boot.rom", is_32_bit=True),
    "direct": Firmware("", is_32_bit=True, direct=True),
}

IMAGES = {"gpt": "pagewright.img", "fat": "pagewright-fat.img", "4k": "pagewright-4k.img", "iso": "pagewright.iso"}

_STICK = "if=none,id=stick,format=raw,file="
# The disk is at the machine's own controller: AHCI on q35, IDE on pc.
MEDIA = {
    "disk": ["-drive", "format=raw,file={}"],
    "xhci": ["-drive", _STICK + "{}", "-device", "qemu-xhci", "-device", "usb-storage,drive=stick,removable=on"],
    "xhci4k": ["-drive", _STICK + "{}", "-device", "qemu-xhci", "-device", "usb-storage,drive=stick,removable=on,"
               "logical_block_size=4096,physical_block_size=4096"],
    "ehci": ["-drive", _STICK + "{}", "-device", "usb-ehci", "-device", "usb-storage,drive=stick,removable=on"],
    "ahci": ["-drive", _STICK + "{}", "-device", "ich9-ahci,id=sata", "-device", "ide-hd,bus=sata.0,drive=stick"],
    "nvme": ["-drive", _STICK + "{}", "-device", "nvme,serial=pagewright,drive=stick"],
    "virtio": ["-drive", _STICK + "{}", "-device", "virtio-blk-pci,drive=stick"],
    "cd": ["-drive", "format=raw,media=cdrom,readonly=on,file={}"],
}
# virtio has no linear framebuffer: only calls of the firmware reach its pixels.
VIDEO = {"std": [], "ramfb": ["-vga", "none", "-device", "ramfb"], "virtio": ["-vga", "virtio"], "none": ["-vga", "none"]}

# No drive: Pagewright makes a device of its own memory.
SWAP_DEVICES = {
    "ahci": ["-device", "ich9-ahci,id=swap-sata", "-device", "ide-hd,bus=swap-sata.0,drive=swap"],
    "nvme": ["-device", "nvme,serial=swap,drive=swap"],
    "ram": None,
}


def choose(table, variable, name):
    """The entry of a table; refuses an unknown name."""
    if name not in table:
        raise Unstartable(f"{variable}={name}: unknown; there are {', '.join(table)}")
    return table[name]


def image_path(build, name, media):
    """The image that a name of IMAGES means, or a path. "": the one for the medium."""
    name = name or {"cd": "iso", "xhci4k": "4k"}.get(media, "gpt")
    if media == "cd" and name in ("gpt", "fat", "4k"):
        raise Unstartable(f"MEDIA=cd wants IMAGE=iso, not {name}")
    return os.path.join(build, IMAGES[name]) if name in IMAGES else name


def volume_offset(image):
    """The offset of the FAT volume in bytes: the EFI system partition, or 0 without a partition table."""
    system_partition = bytes.fromhex("28732ac11ff8d211ba4b00a0c93ec93b")
    with open(image, "rb") as file:
        file.seek(512)
        header = file.read(92)
        if header[:8] != b"EFI PART":
            return 0
        first, count, size = struct.unpack_from("<QII", header, 72)
        file.seek(first * 512)
        entries = file.read(count * size)
    for at in range(0, len(entries), size):
        if entries[at:at + 16] == system_partition:
            return struct.unpack_from("<Q", entries, at + 32)[0] * 512
    raise Unstartable(f"{image}: its partition table has no EFI system partition")


def _word(path):
    """A path in an argument of QEMU, where two commas stand for one."""
    return path.replace(",", ",,")


def _firmware_arguments(firmware, directory):
    """QEMU's arguments for the firmware; copies the variable store into the directory."""
    for path in filter(None, (firmware.code, firmware.store)):
        if not os.path.exists(path):
            raise Unstartable(f"{path} is missing; tools/install-dependencies installs it")
    if not firmware.store:
        return ["-bios", firmware.code]
    store = shutil.copy(firmware.store, os.path.join(directory, "vars.fd"))
    return ["-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={_word(firmware.code)}",
            "-drive", f"if=pflash,format=raw,unit=1,file={_word(store)}"]


# Of the build directory: the loader, and its modules in their order.
DIRECT_LOADER, DIRECT_MODULES = "direct.elf", ("kernel.elf", "initramfs.cpio")


def _direct_arguments(args, directory):
    """QEMU's arguments for a start without firmware; the directory has the files, or links to them."""
    directory = os.path.relpath(directory)
    if " " in directory:
        raise Unstartable(f"FW=direct: QEMU takes no blank in a path ({directory}): run it from the top of the checkout")
    modules = ",".join(_word(os.path.join(directory, name)) for name in DIRECT_MODULES)
    return ["-kernel", os.path.join(directory, DIRECT_LOADER), "-initrd", modules,
            "-append", f"exit=qemu {args.options}"]


def _swap_arguments(args, directory):
    """QEMU's arguments for the disk of SWAP=; makes it in the directory."""
    device = choose(SWAP_DEVICES, "SWAPDEV", args.swapdev)
    size = swap_disk.size_bytes(args.swap)
    if not size:
        raise Unstartable(f"SWAP={args.swap}: a number with M or G is wanted, such as 128M")
    if not device:
        return []
    path = os.path.join(directory, "swap.img")
    try:
        swap_disk.make(path, size)
    except OSError as error:
        raise Unstartable(f"no disk for swap: {error}; tools/install-dependencies installs sfdisk and mkswap") from error
    return ["-drive", f"if=none,id=swap,format=raw,file={_word(path)}"] + device


def command_line(args, directory):
    """QEMU's command line for tools/run's arguments; volume and variable store are in the directory."""
    firmware = choose(FIRMWARE, "FW", args.fw)
    medium, video = choose(MEDIA, "MEDIA", args.media), choose(VIDEO, "VIDEO", args.video)
    if not re.fullmatch(r"\d+[MG]", args.mem):
        raise Unstartable(f"MEM={args.mem}: a number with M or G is wanted, such as 256M")
    if firmware.machines and args.machine not in firmware.machines:
        raise Unstartable(f"FW={args.fw} runs on MACHINE={firmware.machines[0]} only, not on {args.machine}")
    if not shutil.which("qemu-system-x86_64"):
        raise Unstartable("qemu-system-x86_64 is missing; tools/install-dependencies installs it")
    # A 32-bit QEMU for gdb: it shows the processor with 32-bit registers, as the kernel sees it.
    qemu = "qemu-system-i386" if args.gdb and firmware.is_32_bit else "qemu-system-x86_64"
    command = [qemu, "-accel", args.accel, "-M", args.machine + firmware.machine_options, "-cpu", args.cpu,
               "-m", args.mem, "-display", "none", "-monitor", "none", "-no-reboot", "-net", "none"] + firmware.more
    if firmware.direct:
        command += _direct_arguments(args, directory) + video
    else:
        command += _firmware_arguments(firmware, directory)
        command += [word.format(_word(f"{directory}/volume.img")) for word in medium] + video
    # With a terminal for programs its owner adds the serial lines (tools/modules/program_terminal.py).
    command += [] if args.terminal else ["-serial", "stdio"]
    command += ["-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
    if args.swap:
        command += _swap_arguments(args, directory)
    if args.icount:
        command += ["-icount", "shift=0"]
    if args.gdb:
        command += ["-gdb", args.gdb, "-S"]
    for extra in args.extra:
        command += shlex.split(extra)
    return command
