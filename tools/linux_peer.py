# SPDX-License-Identifier: MIT
"""The Linux of `make bench PEER=linux`: Debian 12's kernel for the i386, which starts the same program
from the same initramfs, in the same QEMU.

    apt of this machine ──> its mirror of Debian ──> BUILD/peer/apt.conf, lists, cache    a private state of apt
                            linux-image-686 ──> BUILD/peer/vmlinuz                        unpacked, never installed
    vmlinuz + BUILD/initramfs.cpio ──> QEMU ──> BUILD/logs/bench-linux-MEM.log

The machine's own state of apt and dpkg is not written.
"""
import os
import re
import shutil
import subprocess

SUITE = "bookworm"
PACKAGE = "linux-image-686"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
WITHOUT = "make bench PEER=/path/to/vmlinuz takes a kernel that is here"

# The cheapest Linux: no mitigations of the processor's faults, no clearing of memory that will be
# written, no accounting by groups, no audit, no security modules, no vector registers in signal
# frames. The same addresses in each run.
COMMAND_LINE = ("console=ttyS0 quiet panic=-1 rdinit=/bench/operations mitigations=off init_on_alloc=0"
                " cgroup_disable=memory audit=0 apparmor=0 transparent_hugepage=never"
                " randomize_kstack_offset=off norandmaps noxsave")


class PeerError(Exception):
    """There is no kernel, or it did not run; the text has the reason and the remedy."""


def run(*command, what, **options):
    """Runs a command; returns its output."""
    ended = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, **options)
    text = ended.stdout.decode("utf-8", errors="replace")
    if ended.returncode:
        tail = "\n".join("  " + line for line in text.strip().splitlines()[-6:])
        raise PeerError(f"{what}: {command[0]} ended with status {ended.returncode}\n{tail}\n{WITHOUT}")
    return text


def mirror(apt_get="apt-get"):
    """The Debian mirror of this machine's apt."""
    targets = run(apt_get, "indextargets", "--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)", "Identifier: Packages",
                  what="the configuration of apt can't be read")
    releases = debian_releases()
    for line in targets.splitlines():
        release, component, uri = (line.split(" ", 2) + ["", ""])[:3]
        if release in releases and component == "main" and uri:
            return uri
    raise PeerError(f"the apt of this machine names no mirror of Debian (looked for {', '.join(sorted(releases))});"
                    f" {WITHOUT}")


def debian_releases(path="/etc/os-release"):
    """The possible names of this machine's suite, and the wanted suite."""
    releases = {SUITE}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            words = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', file.read(), re.MULTILINE))
        if words.get("ID") == "debian" and words.get("VERSION_CODENAME"):
            releases.add(words["VERSION_CODENAME"])
    return releases


def write_configuration(directory, uri, architecture="i386", suite=SUITE):
    """Makes a state of apt below the directory; returns the file for apt's option -c."""
    for name in ("lists/partial", "cache/archives/partial", "none"):
        os.makedirs(os.path.join(directory, name), exist_ok=True)
    with open(os.path.join(directory, "status"), "w", encoding="utf-8"):
        pass
    signed = f" signed-by={KEYRING}" if os.path.exists(KEYRING) else ""
    with open(os.path.join(directory, "sources.list"), "w", encoding="utf-8") as file:
        file.write(f"deb [arch={architecture}{signed}] {uri} {suite} main\n")
    path = os.path.join(directory, "apt.conf")
    settings = {"Dir::Etc::sourcelist": "sources.list", "Dir::Etc::sourceparts": "none",
                "Dir::Etc::preferences": "none/preferences", "Dir::Etc::preferencesparts": "none",
                "Dir::State": "", "Dir::State::lists": "lists", "Dir::State::status": "status", "Dir::Cache": "cache"}
    with open(path, "w", encoding="utf-8") as file:
        file.write("#clear APT::Architectures;\n#clear APT::Update::Pre-Invoke;\n#clear APT::Update::Post-Invoke;\n"
                   "#clear APT::Update::Post-Invoke-Success;\n"
                   f'APT::Architecture "{architecture}";\nAPT::Architectures {{ "{architecture}"; }};\n'
                   'APT::Sandbox::User "root";\n'
                   'APT::Update::Error-Mode "any";\nAcquire::Retries "2";\nAcquire::Languages "none";\n')
        for key, name in settings.items():
            file.write(f'{key} "{os.path.join(directory, name)}";\n')
    return path


def unpack(package, kernel):
    """Extracts the kernel of a package, without the other 180 MB."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as archive:
        unpacked = subprocess.run(["tar", "-xO", "--wildcards", "./boot/vmlinuz-*"], stdin=archive.stdout, check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if archive.returncode or unpacked.returncode or not unpacked.stdout:
        raise PeerError(f"there is no kernel in {package}")
    with open(kernel + ".tmp", "wb") as file:
        file.write(unpacked.stdout)
    os.rename(kernel + ".tmp", kernel)


def fetch(build, package=PACKAGE, architecture="i386", suite=SUITE, folder="peer"):
    """The kernel's file from a Debian package; fetched once for each build directory."""
    directory = os.path.join(build, folder)
    kernel = os.path.join(directory, "vmlinuz")
    if os.path.exists(kernel):
        return kernel
    missing = [name for name in ("apt-get", "apt-cache", "dpkg-deb", "tar") if not shutil.which(name)]
    if missing:
        raise PeerError(f"{package} is fetched by Debian's {', '.join(missing)}, which this machine has not; {WITHOUT}")
    os.makedirs(directory, exist_ok=True)
    configuration = write_configuration(directory, mirror(), architecture, suite)
    print(f"  FETCH    {package} of {suite}, into {os.path.relpath(directory)}", flush=True)
    run("apt-get", "-q", "-c", configuration, "update", what="the mirror of Debian can't be reached")
    depends = run("apt-cache", "-c", configuration, "depends", package, what=f"{package} is not known there")
    image = re.search(r"Depends: (linux-image-\S+)", depends)
    if not image:
        raise PeerError(f"the mirror has no {package} in {suite}; {WITHOUT}")
    run("apt-get", "-q", "-c", configuration, "download", image[1], cwd=directory, what=f"{image[1]} can't be fetched")
    packages = [name for name in os.listdir(directory) if name.startswith(image[1]) and name.endswith(".deb")]
    unpack(os.path.join(directory, packages[0]), kernel)
    for name in packages:
        os.remove(os.path.join(directory, name))
    return kernel


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
