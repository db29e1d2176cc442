# SPDX-License-Identifier: MIT
"""The Linux of `make bench PEER=linux`: Debian 12's kernel for the i386, which starts the same program
from the same initramfs, in the same QEMU.

    linux-image-686     ──> BUILD/peer/vmlinuz                    a package of Debian, unpacked, never installed
    linux-image-686-pae ──> BUILD/peer-pae/vmlinuz                the same with three levels of page tables: PAGING=pae
    vmlinuz + BUILD/initramfs.cpio ──> QEMU ──> BUILD/logs/bench-linux-MEM.log

tools/modules/debian.py fetches it.
"""
import os
import re
import shutil
import subprocess
import tempfile

import debian
import tap

PACKAGE = "linux-image-686"
# The kernel with two levels of page tables has no PAE; the other one refuses a processor without it.
PEERS = {"linux": (PACKAGE, "peer"), "linux-pae": ("linux-image-686-pae", "peer-pae")}
WITHOUT = "make bench PEER=/path/to/vmlinuz takes a kernel that is here"

# The cheapest Linux: no mitigations of the processor's faults, no clearing of memory that will be
# written, no accounting by groups, no audit, no security modules, no vector registers in signal
# frames. The same addresses in each run.
COMMAND_LINE = ("console=ttyS0 quiet panic=-1 rdinit=/bench/operations mitigations=off init_on_alloc=0"
                " cgroup_disable=memory audit=0 apparmor=0 transparent_hugepage=never"
                " randomize_kstack_offset=off norandmaps noxsave")


class PeerError(Exception):
    """There is no kernel, or it did not run; the text has the reason and the remedy."""


def unpack(package, kernel):
    """Extracts the kernel of a package, without the other 180 MB."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as archive:
        unpacked = subprocess.run(["tar", "-xO", "--wildcards", "*/vmlinuz*"], stdin=archive.stdout, check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if archive.returncode or unpacked.returncode or not unpacked.stdout:
        raise PeerError(f"there is no kernel in {package}")
    with open(kernel + ".tmp", "wb") as file:
        file.write(unpacked.stdout)
    os.rename(kernel + ".tmp", kernel)


def module_order(directory, names):
    """The modules of these names with all that they need, each after what it needs; directory has NAME.ko."""
    order = []
    for name in names:
        path = os.path.join(directory, name + ".ko")
        if not os.path.exists(path):
            raise PeerError(f"the package has no module {name}")
        with open(path, "rb") as file:
            found = re.search(rb"\0depends=([^\0]*)\0", file.read())
        needed = found[1].decode().replace("-", "_").split(",") if found and found[1] else []
        order += [module for module in module_order(directory, needed) + [name] if module not in order]
    return order


def unpack_modules(package, directory, names):
    """Extracts modules, and those that they need, into the directory; the file `order` has their names."""
    with tempfile.TemporaryDirectory(dir=os.path.dirname(directory)) as stage:
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as archive:
            subprocess.run(["tar", "-x", "-C", stage, "--wildcards", "--transform", "s:.*/::", "*.ko"], stdin=archive.stdout,
                           check=False)
        for name in os.listdir(stage):
            os.rename(os.path.join(stage, name), os.path.join(stage, name.replace("-", "_")))
        order = module_order(stage, names)
        os.makedirs(directory, exist_ok=True)
        for name in order:
            os.rename(os.path.join(stage, name + ".ko"), os.path.join(directory, name + ".ko"))
    with open(os.path.join(directory, "order"), "w", encoding="ascii") as file:
        file.write("\n".join(order) + "\n")


def fetch(build, package=PACKAGE, architecture="i386", suite=debian.SUITE, folder="peer", modules=()):
    """The kernel's file from a Debian package; fetched once for each build directory. Beside it, modules/ has these."""
    directory = os.path.join(build, folder)
    kernel = os.path.join(directory, "vmlinuz")
    if os.path.exists(kernel) and (not modules or os.path.exists(os.path.join(directory, "modules", "order"))):
        return kernel
    try:
        fetch_into(directory, kernel, package, architecture, suite, modules)
    except debian.Unavailable as error:
        raise PeerError(f"{error}\n{WITHOUT}") from error
    return kernel


def fetch_into(directory, kernel, package, architecture, suite, modules):
    """Fetches the package that the name stands for, and takes the kernel and modules out of it."""
    print(f"  FETCH    {package} of {suite}, into {os.path.relpath(directory)}", flush=True)
    configuration = debian.prepare(directory, architecture, suite)
    image = dependency(configuration, package, "image")
    if not image:
        raise debian.Unavailable(f"the mirror has no {package} in {suite}")
    # From 7.0 on the kernel and its modules are packages of their own.
    archive = debian.download(configuration, dependency(configuration, image, "binary") or image, directory)
    unpack(archive, kernel)
    if modules:
        other = dependency(configuration, image, "modules")
        if other:
            os.remove(archive)
            archive = debian.download(configuration, other, directory)
        unpack_modules(archive, os.path.join(directory, "modules"), modules)
    os.remove(archive)


def dependency(configuration, package, kind):
    """The package linux-KIND-VERSION that a package depends on, or None."""
    depends = debian.run("apt-cache", "-c", configuration, "depends", package, what=f"{package} is not known there")
    found = re.search(rf"Depends: (linux-{kind}-\S+)", depends)
    return found[1] if found else None


def boot_peer(peer, mem, globs, log, timeout):
    """Boots one of PEERS, which is fetched, or a kernel that is here."""
    kernel = peer
    if peer in PEERS:
        package, folder = PEERS[peer]
        kernel = fetch(tap.BUILD, package, folder=folder)
    if not os.path.exists(kernel):
        raise PeerError(f"{kernel}: there is no such kernel; {WITHOUT}")
    settings = {"MEM": mem, "CPU": os.environ.get("CPU") or "max", "MACHINE": os.environ.get("MACHINE") or "q35"}
    boot(kernel, os.path.join(tap.BUILD, "initramfs.cpio"), settings, globs, log, timeout)


def boot(kernel, initramfs, settings, globs, log, timeout):
    """Runs the program in the kernel's process 1 and keeps the log. settings: MACHINE, CPU and MEM."""
    if not shutil.which("qemu-system-x86_64"):
        raise PeerError("qemu-system-x86_64 is missing; tools/install-dependencies installs it")
    command = ["qemu-system-x86_64", "-accel", "tcg", "-icount", "shift=0", "-M", settings["MACHINE"],
               "-cpu", settings["CPU"], "-m", settings["MEM"], "-display", "none", "-monitor", "none", "-no-reboot",
               "-net", "none", "-serial", f"file:{log}", "-kernel", kernel, "-initrd", initramfs,
               "-append", f"{COMMAND_LINE} -- {globs}"]
    os.makedirs(os.path.dirname(log), exist_ok=True)
    try:
        subprocess.run(command, check=True, timeout=timeout, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        raise PeerError(f"Linux did not end within {timeout:g} s (log: {os.path.relpath(log)})") from None
    except subprocess.CalledProcessError as error:
        raise PeerError(f"QEMU ended with status {error.returncode}") from None


def judge(log):
    """The problems of a log: the program must reach its last result."""
    text = "\n".join(line.text for line in log.lines)
    plan = re.search(r"^1\.\.(\d+)$", text, re.MULTILINE)
    results = re.findall(r"^(ok|not ok) (\d+) - (.*)$", text, re.MULTILINE)
    if not plan:
        return ["Linux did not start the program"]
    problems = [f"not ok on Linux: {name}" for word, _, name in results if word != "ok"]
    if len(results) != int(plan[1]):
        problems.append(f"Linux gave {len(results)} results of {plan[1]}")
    return problems
