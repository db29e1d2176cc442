#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The ways by which Pagewright is started: boot managers, ISO files, the network, the UEFI Shell, boot variables, sticks with large
sectors, two displays, a BIOS, an old processor; and the countdown and a key at the end.

Each way is a machine of its own. Its loader gets the options by that way, or from the volume where there is no other, and a run
that does not take them does not end with QEMU's debug exit.
"""
import functools
import http.server
import os
import re
import select
import struct
import subprocess
import sys
import tempfile
import threading
import time
from types import SimpleNamespace

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/modules"))
import kernel_log  # noqa: E402
import qmp  # noqa: E402
import tap  # noqa: E402
from qemu_machine import command_line, volume_offset  # noqa: E402

SECONDS = 120
GRUB = "/usr/lib/grub/x86_64-efi"
SYSTEMD_BOOT = "/usr/lib/systemd/boot/efi/systemd-bootx64.efi"
LOADER = os.path.join(tap.BUILD, "efi", "BOOTX64.EFI")
OPTIONS = "suites=none programs=abi exit=qemu wait=0"
STEPS = list(range(1, 20))  # of abi/boot/boot_step.h
BIOS_LINE = "Pagewright needs UEFI: choose the UEFI entry of this stick. A key goes on."


def settings(**changes):
    """The arguments of command_line(), as tools/run has them."""
    return SimpleNamespace(**{"fw": "ovmf-x64", "machine": "q35", "cpu": "max", "mem": "256M", "accel": "tcg", "media": "disk",
                              "video": "std", "swap": "", "swapdev": "ahci", "gdb": False, "icount": False, "extra": [], "terminal": False, **changes})


def make_volume(directory, files):
    """An empty FAT volume of 48 MiB with the given files: name -> path on the host, or bytes."""
    volume = os.path.join(directory, "volume.img")
    with open(volume, "wb") as image:
        image.truncate(48 << 20)
    tap.run("mformat", "-i", volume, "-h", "64", "-s", "32", "::")
    for name, data in files.items():
        parts = name.split("/")[:-1]
        for depth in range(len(parts)):
            tap.run("mmd", "-D", "s", "-i", volume, "::/" + "/".join(parts[:depth + 1]))
        path = data
        if isinstance(data, bytes):
            path = os.path.join(directory, "piece")
            with open(path, "wb") as file:
                file.write(data)
        tap.run("mcopy", "-o", "-i", volume, path, "::/" + name)


def boot(directory, machine, name, network=None, reset=False, until=rb"\nverdict: [^\n]*\n"):
    """Runs the machine until the log has a match; returns QEMU's status and the log. The serial line is kept in BUILD/logs/.

    network: what QEMU's network has, and its card.
    """
    command = command_line(machine, directory)
    if network:
        at = command.index("-net")
        command[at:at + 2] = ["-netdev", "user,id=n" + network[0], "-device", "virtio-net-pci,netdev=n," + network[1]]
    if reset:
        command.remove("-no-reboot")
    path = os.path.join(tap.BUILD, "logs", f"stick-{name}.log")
    with open(path, "wb") as log, subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as qemu:
        end = time.monotonic() + SECONDS
        data = b""
        while time.monotonic() < end and not re.search(until, data):
            if select.select([qemu.stdout], [], [], 1)[0]:
                new = os.read(qemu.stdout.fileno(), 65536)
                data += new
                if not new:
                    break
        log.write(data)
        try:
            status = qemu.wait(timeout=5)
        except subprocess.TimeoutExpired:
            qemu.kill()
            status = "timeout"
    return status, [line.text for line in kernel_log.lines(data)]


def check(name, status, lines, wanted=(), ended=33):
    """The run is good, by its status, its verdict and the lines that must be there."""
    missing = [pattern for pattern in wanted if not any(re.search(pattern, line) for line in lines)]
    tap.result(status == ended and "verdict: result=pass suites=0 programs=1 passed=1 failed=0 skipped=0" in lines and not missing,
               name, [f"status {status}, missing {missing}; the loader said:"] +
               [line for line in lines if line.startswith(("loader:", "option:"))] + ["the log ends:"] + lines[-8:])


def grub(directory, config):
    """GRUB as one EFI program, with its configuration in it."""
    early, out = os.path.join(directory, "early.cfg"), os.path.join(directory, "grub.efi")
    with open(early, "w", encoding="ascii") as file:
        file.write(config)
    status, output = tap.run("grub-mkimage", "-d", GRUB, "-O", "x86_64-efi", "-o", out, "-p", "/boot/grub", "-c", early,
                             "fat", "iso9660", "loopback", "chain", "search", "search_fs_file", "part_gpt", "normal", "boot",
                             "serial", "terminal", "echo")
    if status:
        tap.note(output)
    return out


def boot_managers():
    """GRUB and systemd-boot start the loader with options; GRUB starts it out of an ISO file."""
    with tempfile.TemporaryDirectory() as directory:
        config = f"search --file --set=root /EFI/pagewright/loader.efi\nchainloader /EFI/pagewright/loader.efi {OPTIONS}\nboot\n"
        make_volume(directory, {"EFI/BOOT/BOOTX64.EFI": grub(directory, config), "EFI/pagewright/loader.efi": LOADER})
        check("GRUB, chainloader with options", *boot(directory, settings(), "grub"),
              [r"^loader: options: no pagewright.txt, so wait=60", r"^loader: options: [1-9]\d* characters from load options"])
    with tempfile.TemporaryDirectory() as directory:
        disk = os.path.join(directory, "disk.img")
        subprocess.run(["cp", "--sparse=always", os.path.join(tap.BUILD, "pagewright-fat.img"), disk], check=True)
        subprocess.run(["mcopy", "-o", "-i", disk, "-", "::/pagewright/pagewright.txt"], input=OPTIONS.encode(), check=True)
        config = "search --file --set=root /pagewright/pagewright.txt\nchainloader /EFI/BOOT/BOOTX64.EFI\nboot\n"
        make_volume(directory, {"EFI/BOOT/BOOTX64.EFI": grub(directory, config)})
        check("GRUB, chainloader from a disk without partitions",
              *boot(directory, settings(extra=[f"-drive if=virtio,format=raw,file={disk}"]), "grub-disk"),
              [rf"^loader: options: {len(OPTIONS)} characters from \\pagewright\\pagewright\.txt",
               r"^loader: log: \\pagewright\\LOGS\\PRE0001\.TXT: what machine this is"])
    with tempfile.TemporaryDirectory() as directory:
        config = ("search --file --set=root /pagewright.iso\nloopback loop /pagewright.iso\n"
                  f"chainloader (loop)/EFI/BOOT/BOOTX64.EFI {OPTIONS}\nboot\n")
        make_volume(directory, {"EFI/BOOT/BOOTX64.EFI": grub(directory, config),
                                "pagewright.iso": os.path.join(tap.BUILD, "pagewright.iso")})
        check("GRUB, out of an ISO file", *boot(directory, settings(), "loopback"),
              [r"^loader: options: [1-9]\d* characters from load options"])
    with tempfile.TemporaryDirectory() as directory:
        # 64 KiB end within the comment.
        long_file = "exit=halt\r\nwait=60\r\n# " + "x" * 40000 + "\r\nmem=1M\r\n"
        entry = f"title Pagewright\nefi /EFI/pagewright/loader.efi\noptions {OPTIONS}\n"
        make_volume(directory, {"EFI/BOOT/BOOTX64.EFI": SYSTEMD_BOOT, "EFI/pagewright/loader.efi": LOADER,
                                "loader/loader.conf": b"timeout 0\n", "loader/entries/pagewright.conf": entry.encode(),
                                "pagewright/pagewright.txt.txt": b"wait=1\r\n",
                                "pagewright/pagewright.txt": b"\xff\xfe" + long_file.encode("utf-16-le")})
        check("systemd-boot, options of its entry over a file in UTF-16 that is too long", *boot(directory, settings(), "systemd-boot"),
              [r"^loader: options: 17 characters from \\pagewright\\pagewright\.txt",
               r"^loader: warning: \\pagewright\\pagewright\.txt: only its first 64 KiB are read$",
               r"^loader: warning: \\pagewright\\pagewright\.txt\.txt: call it pagewright\.txt$"])


def shell():
    """The UEFI Shell makes a boot variable with options, and starts the loader by a name without .efi. The reset at the end of that run
    takes the variable."""
    with tempfile.TemporaryDirectory() as directory:
        script = ("fs0:\r\nbcfg boot addp 0 fs0:\\here\\loader.efi Pagewright\r\nbcfg boot -opt 0x0 fs0:\\here\\options\r\n"
                  f"\\here\\loader {OPTIONS} exit=reboot\r\n")
        make_volume(directory, {"startup.nsh": script.encode(), "here/loader.efi": LOADER,
                                "here/options": OPTIONS.encode("utf-16")})
        status, lines = boot(directory, settings(), "shell", reset=True, until=rb"(?s)(\nverdict: .*){2}\n")
        first = next((number for number, line in enumerate(lines, 1) if line.startswith("verdict: ")), len(lines))
        wanted = [r"^loader: options: [1-9]\d* characters from load options"]
        check("UEFI Shell, a name without .efi", status, lines[:first], wanted)
        check("a boot variable with options and a byte-order mark", status, lines[first:], wanted)


def network():
    """PXE: no volume, no options; all suites and programs would run, so QEMU is ended when they begin."""
    with tempfile.TemporaryDirectory() as directory:
        make_volume(directory, {"empty": b"x"})
        _, lines = boot(directory, settings(), "pxe", (f",tftp={tap.BUILD}/efi,bootfile=BOOTX64.EFI", "bootindex=0"),
                        until=rb"\nKTAP version 1\r?\n")
        told = [line for line in lines if line.startswith("loader:")]
        tap.result("loader: options: no pagewright.txt, so wait=60" in told and "KTAP version 1" in lines, "PXE", told + lines[-8:])


def load_option(uri, options):
    """The value of a variable Boot####: attributes, the length of the device path, a name, the path (URI, end), options."""
    path = struct.pack("<BBH", 3, 24, 4 + len(uri)) + uri + bytes.fromhex("7fff0400")
    return struct.pack("<IH", 1, len(path)) + "http\0".encode("utf-16-le") + path + (options + "\0").encode("utf-16-le")


class Requests(http.server.SimpleHTTPRequestHandler):
    """Serves a directory, and notes what was asked for."""
    seen = []

    def log_message(self, format, *args):
        self.seen.append(f"{args[0]} {args[1]}, {self.headers.get('User-Agent')}")


def web():
    """UEFI HTTP boot: no volume; options by the boot variable that names the address.

    QEMU's DHCP does not offer an address to boot from, so the UEFI Shell makes the variable, for the next start only, and resets.
    """
    serve = functools.partial(Requests, directory=os.path.join(tap.BUILD, "efi"))
    with tempfile.TemporaryDirectory() as directory, http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        value = load_option(f"http://10.0.2.2:{server.server_address[1]}/BOOTX64.EFI".encode(), OPTIONS)
        setvar = "setvar {} -guid 8be4df61-93ca-11d2-aa0d-00e098032b8c -bs -rt -nv ={}\r\n"
        script = setvar.format("Boot0077", value.hex()) + setvar.format("BootNext", "7700") + "reset\r\n"
        make_volume(directory, {"startup.nsh": script.encode()})
        # The disk comes first, so the firmware gets to its shell before it tries the network. The card's own PXE is left out.
        machine = settings(media="virtio", extra=["-global virtio-blk-device.bootindex=0", "-device virtio-rng-pci"])
        check("UEFI HTTP boot", *boot(directory, machine, "http", ("", "romfile="), reset=True),
              [r"^loader: options: no pagewright.txt, so wait=60", r"^loader: options: [1-9]\d* characters from load options"])
        server.shutdown()
    tap.result("GET /BOOTX64.EFI HTTP/1.1 200, UefiHttpBoot/1.0" in Requests.seen, "the firmware has fetched it", Requests.seen)


def bios():
    """Without UEFI: one line, from each image, as a stick and as a disc."""
    for image, media in (("pagewright.img", "disk"), ("pagewright-fat.img", "disk"), ("pagewright.iso", "disk"),
                         ("pagewright.iso", "cd")):
        path = os.path.join(tap.BUILD, image)
        drive = f"format=raw,snapshot=on,file={path}" if media == "disk" else f"media=cdrom,format=raw,readonly=on,file={path}"
        control = qmp.Control()
        with tempfile.TemporaryDirectory() as directory, subprocess.Popen(
                ["qemu-system-x86_64", "-accel", "tcg", "-M", "pc", "-m", "32", "-display", "none", "-net", "none", "-drive", drive]
                + control.arguments(), stdin=subprocess.DEVNULL, pass_fds=[control.theirs.fileno()]) as qemu:
            control.begun()
            control.execute("qmp_capabilities")
            text, screen = "", os.path.join(directory, "text")
            end = time.monotonic() + SECONDS
            while BIOS_LINE not in text and time.monotonic() < end:
                time.sleep(0.3)
                control.execute("pmemsave", val=0xb8000, size=4000, filename=screen)
                text = kernel_log.read_bytes(screen)[::2].decode("latin-1") if os.path.exists(screen) else ""
            qemu.kill()
            control.close()
        rows = [text[at:at + 80].rstrip("\0 ") for at in range(0, len(text), 80)]
        tap.result(rows.count(BIOS_LINE) == 1, f"a BIOS starts {image} ({media}): one line", rows)


def machines():
    """A stick with sectors of 4096 bytes, two displays; a processor without CMOV."""
    port = os.path.join(tap.BUILD, "logs", "stick-4k-port80")
    status, output, path = tap.boot("stick-4k", "--media", "xhci4k", "--extra", "-device bochs-display,xres=1280,yres=1024",
                                    "--extra", f"-chardev file,id=port80,path={port} -device isa-debugcon,iobase=0x80,chardev=port80",
                                    OPTIONS=OPTIONS)
    lines = [line.text for line in kernel_log.read(path).lines]
    tap.result(status == 0 and any(line.startswith("loader: options: ") and "pagewright.txt" in line for line in lines),
               "a stick with sectors of 4096 bytes", [output] + lines[-8:])
    # The last loader's and the kernel's; the firmware writes there too.
    told = list(kernel_log.read_bytes(port)) if os.path.exists(port) else []
    tap.result(told[-len(STEPS):] == STEPS, "port 0x80 tells each step of the start, once and in order", [str(told[-40:])])
    tap.result(sum(line.startswith("loader: framebuffer: ") and not line.endswith("none") for line in lines) == 1,
               "two displays: one is taken", [line for line in lines if line.startswith(("loader:", "screen:"))])
    status, output, path = tap.boot("stick-cmov", FW="uboot-ia32", MACHINE="pc", CPU="qemu32,-cmov", OPTIONS=OPTIONS)
    lines = [line.text for line in kernel_log.read(path).lines]
    tap.result(status == 1 and [line for line in lines if "error" in line] == [
        "loader: error: the processor has no CMOV: one as old as a Pentium Pro, or newer, is needed"],
               "a processor without CMOV is told so", [output] + lines[-8:])


def picture(control, directory, name):
    """Takes a picture of the screen; returns where it is."""
    path = os.path.join(directory, name)
    control.execute("screendump", filename=path)
    return path


def note(path):
    """The lower right corner of the text in a picture."""
    found = re.findall(r"(\d+ s left; a key keeps this|stays on)$", tap.run("tools/read-screen", path)[1], re.MULTILINE)
    return found[-1] if found else ""


def key():
    """The verdict stays for wait= seconds, which are counted down on the screen; with a key for ever."""
    for pressed in (False, True):
        with tempfile.TemporaryDirectory() as directory:
            volume = os.path.join(directory, "volume.img")
            subprocess.run(["cp", "--sparse=always", os.path.join(tap.BUILD, "pagewright.img"), volume], check=True)
            subprocess.run(["mcopy", "-o", "-i", f"{volume}@@{volume_offset(volume)}", "-", "::/pagewright/pagewright.txt"],
                           input=b"suites=none programs=abi wait=8 exit=qemu\n", check=True)
            control = qmp.Control()
            with subprocess.Popen(command_line(settings(), directory) + control.arguments(), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, pass_fds=[control.theirs.fileno()]) as qemu:
                control.begun()
                control.execute("qmp_capabilities")
                data, end = b"", time.monotonic() + SECONDS
                while b"verdict: " not in data and time.monotonic() < end and select.select([qemu.stdout], [], [], SECONDS)[0]:
                    data += os.read(qemu.stdout.fileno(), 65536)
                time.sleep(0.5)
                pictures = [picture(control, directory, "early.ppm")]
                if pressed:
                    control.execute("send-key", keys=[{"type": "qcode", "data": "spc"}])
                time.sleep(1.5)
                pictures.append(picture(control, directory, "late.ppm"))
                try:
                    status = qemu.wait(timeout=12)
                except subprocess.TimeoutExpired:
                    status = "stays"
                    qemu.kill()
                control.close()
            notes = [note(path) for path in pictures]
        tap.result(status == ("stays" if pressed else 33), f"wait=8, {'a' if pressed else 'no'} key: the machine "
                   f"{'stays as it is' if pressed else 'goes on'}", [f"status {status}"])
        left = [int(text.split()[0]) if " s left" in text else 0 for text in notes]
        tap.result(8 >= left[0] > left[1] > 0 if not pressed else left[0] > 0 and notes[1] == "stays on",
                   f"the screen {'says that it stays' if pressed else 'counts down'}", notes)


os.makedirs(os.path.join(tap.BUILD, "logs"), exist_ok=True)
for part in sys.argv[1:] or ("machines", "bios", "boot_managers", "shell", "network", "web", "key"):
    globals()[part]()
tap.done()
