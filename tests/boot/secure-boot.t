#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Secure Boot with the test key of Debian's ovmf, which its firmware trusts: a loader without a signature and one signed by
another key are refused, one signed with the key boots, and takes no kernel without a signature."""
import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/modules"))
import kernel_log  # noqa: E402
import tap  # noqa: E402

SNAKEOIL = "/usr/share/ovmf/PkKek-1-snakeoil"
LIMITS = ("--timeout", "200", "--stall", "100")
OPTIONS = "suites=buddy programs=demand"


def boot(name, firmware, image, *arguments):
    """Boots; returns the runner's status, its output and the text of the log."""
    status, output, path = tap.boot(f"secure-boot-{name}", "--image", image, *LIMITS, *arguments, FW=firmware,
                                    OPTIONS=OPTIONS)
    return status, output, "\n".join(line.text for line in kernel_log.read(path).lines)


def check(architecture, signed, stranger):
    """One architecture: refused, refused, boots, refused; without a stranger only what must be seen on each."""
    firmware = f"ovmf-{architecture}-secure"
    for name, image in (("unsigned", "gpt"), ("signed by a stranger", stranger))[:2 if stranger else 1]:
        status, output, log = boot(f"{architecture}-{name.split()[-1]}", firmware, image)
        tap.result(status == 1 and "the firmware refused the loader" in output and "Access Denied" in log and
                   "loader:" not in log, f"{architecture}, {name}: refused", [output] + log.splitlines()[-5:])
    status, output, log = boot(f"{architecture}-signed", firmware, signed)
    tap.result(status == 0, f"{architecture}, signed: boots", [output] + log.splitlines()[-5:])
    if not stranger:
        return
    status, output, log = boot(f"{architecture}-kernel", firmware, signed, "--file", f"{tap.BUILD}/kernel.elf=pagewright/kernel.elf")
    tap.result(status == 1 and re.search(r"loader: error: \\pagewright\\kernel\.elf: is not signed", log),
               f"{architecture}, signed, with a kernel on the volume: that is refused", [output] + log.splitlines()[-5:])


def sign(directory, key, certificate):
    """The image of `make sign` with a pair."""
    status, output = tap.make("sign", f"KEY={key}", f"CERT={certificate}", f"SIGNED={directory}")
    tap.result(status == 0, "make sign", output)
    return os.path.join(directory, "pagewright.img")


if not os.path.exists(SNAKEOIL + ".key"):
    tap.skip_all("the package ovmf has no test key here")
with tempfile.TemporaryDirectory() as scratch:
    known, other, certificate_of_other = (os.path.join(scratch, name) for name in ("key", "other", "certificate"))
    tap.run("openssl", "rsa", "-in", SNAKEOIL + ".key", "-passin", "pass:snakeoil", "-out", known)
    tap.run("openssl", "req", "-new", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=stranger/",
            "-keyout", other, "-out", certificate_of_other)
    # A key and the certificate of another: no image comes of it.
    code, text = tap.make("sign", f"KEY={known}", f"CERT={certificate_of_other}", f"SIGNED={scratch}/mixed")
    tap.result(code != 0 and "sign: sbsign failed; is " in text and not os.path.exists(f"{scratch}/mixed/pagewright.img"),
               "make sign, with a certificate of another key: no image", text)
    good_image = sign(f"{scratch}/good", known, SNAKEOIL + ".pem")
    strange_image = sign(f"{scratch}/strange", other, certificate_of_other)
    check("x64", good_image, strange_image)
    check("ia32", good_image, None)
tap.done()
