# SPDX-License-Identifier: MIT
"""Debian's packages without installing them: a private state of apt below a directory of the build.

    apt of this machine ──> its mirror of Debian ──> DIRECTORY/apt.conf, lists, cache
                            PACKAGE_ARCH.deb, PACKAGE.orig.tar ──> unpacked, never installed

The machine's own state of apt and dpkg is not written: no architecture is added, nothing is installed.
"""
import os
import re
import shutil
import subprocess

SUITE = "bookworm"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


class Unavailable(Exception):
    """A package can't be had; the text has the reason."""


def run(*command, what, **options):
    """Runs a command; returns its output."""
    ended = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, **options)
    text = ended.stdout.decode("utf-8", errors="replace")
    if ended.returncode:
        tail = "\n".join("  " + line for line in text.strip().splitlines()[-6:])
        raise Unavailable(f"{what}: {command[0]} ended with status {ended.returncode}\n{tail}")
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
    raise Unavailable(f"the apt of this machine names no mirror of Debian (looked for {', '.join(sorted(releases))})")


def debian_releases(path="/etc/os-release"):
    """The possible names of this machine's suite, and the wanted suite."""
    releases = {SUITE}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            words = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', file.read(), re.MULTILINE))
        if words.get("ID") == "debian" and words.get("VERSION_CODENAME"):
            releases.add(words["VERSION_CODENAME"])
    return releases


def write_configuration(directory, uri, architecture="i386", suite=SUITE, sources=False):
    """Makes a state of apt below the directory, with `sources` for source packages too; returns the file for apt's option -c."""
    for name in ("lists/partial", "cache/archives/partial", "none"):
        os.makedirs(os.path.join(directory, name), exist_ok=True)
    with open(os.path.join(directory, "status"), "w", encoding="utf-8"):
        pass
    signed = f" signed-by={KEYRING}" if os.path.exists(KEYRING) else ""
    with open(os.path.join(directory, "sources.list"), "w", encoding="utf-8") as file:
        for kind in ("deb", "deb-src") if sources else ("deb",):
            file.write(f"{kind} [arch={architecture}{signed}] {uri} {suite} main\n")
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


def prepare(directory, architecture="i386", suite=SUITE, sources=False):
    """A state of apt with the lists of the mirror, fetched once; returns apt's configuration."""
    missing = [name for name in ("apt-get", "apt-cache", "dpkg-deb", "tar") if not shutil.which(name)]
    if missing:
        raise Unavailable(f"packages are fetched by Debian's {', '.join(missing)}, which this machine has not")
    os.makedirs(directory, exist_ok=True)
    fetched = os.path.join(directory, "fetched")
    configuration = write_configuration(directory, mirror(), architecture, suite, sources)
    if not os.path.exists(fetched):
        run("apt-get", "-q", "-c", configuration, "update", what="the mirror of Debian can't be reached")
        with open(fetched, "w", encoding="utf-8"):
            pass
    return configuration


def download(configuration, package, directory):
    """Fetches a binary package into the directory; returns its file."""
    run("apt-get", "-q", "-c", configuration, "download", package, cwd=directory, what=f"{package} can't be fetched")
    found = [name for name in os.listdir(directory) if name.startswith(package.partition(":")[0] + "_") and name.endswith(".deb")]
    return os.path.join(directory, found[0])


def download_source(configuration, package, directory):
    """Fetches a source package and unpacks what the authors released, without Debian's changes; returns its folder."""
    run("apt-get", "-q", "-c", configuration, "--download-only", "source", package, cwd=directory,
        what=f"the source of {package} can't be fetched")
    archives = [name for name in os.listdir(directory) if re.fullmatch(rf"{re.escape(package)}_.*\.orig\.tar\.\w+", name)]
    if not archives:
        raise Unavailable(f"the source package {package} has no archive of its authors")
    folder = os.path.join(directory, package)
    os.makedirs(folder, exist_ok=True)
    run("tar", "-xf", archives[0], "-C", package, "--strip-components=1", cwd=directory, what=f"{archives[0]} can't be unpacked")
    return folder
