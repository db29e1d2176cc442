# SPDX-License-Identifier: MIT
"""Runs of a kernel in the laboratory's emulator, for tools/blame: the scripts of lab/src/blame/."""
import json
import os
import subprocess

from blame_build import BUILD, Wrong, read

LAB = os.path.join(BUILD, "lab")
LIMIT = 400000000  # instructions


def request_of(kernel, options, memory, **more):
    """What a script needs for a run; memory: MiB."""
    return {
        "wasm": os.path.join(LAB, "page/node_modules/v86/build/v86.wasm"), "loader": os.path.join(BUILD, "direct.elf"), "kernel": kernel.elf,
        "initramfs": os.path.join(LAB, "initramfs.cpio"), "options": options, "memory": memory, "limit": LIMIT, "about": kernel.about(), **more,
    }


def run_lab(script, request, folder):
    """Runs a script with a request. Returns its answer."""
    request["answer"] = os.path.join(folder, "answer.json")
    name = os.path.join(folder, "request.json")
    with open(name, "w", encoding="utf-8") as file:
        json.dump(request, file)
    done = subprocess.run(["node", "--max-old-space-size=8000", os.path.join(LAB, "page/src/blame", script), name], check=False)
    if done.returncode:
        raise Wrong("the emulator ended early")
    return json.loads(read(request["answer"]))
