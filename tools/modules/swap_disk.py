# SPDX-License-Identifier: MIT
"""Images of disks with a swap partition, made by Debian's own sfdisk and mkswap; without root."""
import os
import re
import subprocess

SWAP_TYPE = "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F"
LABEL = "pagewright"
SECTOR = 512
FIRST = 2048  # sectors before the partition: 1 MiB
# Where these programs are, which not every user's PATH has.
ENVIRONMENT = {**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}


def size_bytes(text):
    """128M -> bytes; None if it is no size, or less than a MiB."""
    match = re.fullmatch(r"(\d+)([MG])", text)
    size = int(match[1]) << {"M": 20, "G": 30}[match[2]] if match else 0
    return size or None


def _run(*command, **options):
    """Runs a program; its output is in the error if it fails."""
    ended = subprocess.run(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **options)
    if ended.returncode:
        raise OSError(f"{' '.join(command)}: {ended.stdout.decode(errors='replace').strip()}")


def partition(path, size, kind=SWAP_TYPE, table="gpt"):
    """Makes a disk with one partition of that size and type. The file is sparse."""
    with open(path, "wb") as file:
        file.truncate(size + 2 * FIRST * SECTOR)
    script = f"label: {table}\nstart={FIRST}, size={size // SECTOR}, type={kind}\n"
    _run("sfdisk", "--quiet", path, input=script.encode())


def swap_space(path, size, *arguments):
    """Makes swap space in the partition; mkswap works on a file of its size, which is then copied."""
    space = path + ".space"
    with open(space, "wb") as file:
        file.truncate(size)
    try:
        _run("mkswap", *arguments, space)
        with open(space, "rb") as file:
            header = file.read(4096)
    finally:
        os.unlink(space)
    with open(path, "r+b") as file:
        file.seek(FIRST * SECTOR)
        file.write(header)


def make(path, size, uuid=None, label=LABEL):
    """A disk with one swap partition of that size, as Pagewright uses it."""
    partition(path, size)
    swap_space(path, size, *(["-L", label] if label else []), *(["-U", uuid] if uuid else []))
