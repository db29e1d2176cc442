#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/bench on logs that are given to it: limits, aims, limits relative to another operation, what is missing, the other
program and the peer beside it, times of real machines; and the fetching of the peer with stand-ins for apt. Nothing is
booted or fetched."""
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import bench_levels  # noqa: E402
import bench_time  # noqa: E402
import debian  # noqa: E402
import linux_peer  # noqa: E402
import tap  # noqa: E402

UNIT = "guest-instructions"


def figures(op, median, unit=UNIT):
    return f"bench: op={op} n=200 min={median - 1} median={median} worst={median + 10} unit={unit}"


def program(costs, unit=UNIT):
    """The lines that the program prints; a cost that is None is an operation that the kernel has not."""
    lines = [f"1..{len(costs)}"]
    for number, (op, cost) in enumerate(costs.items(), 1):
        if cost is not None:
            lines.append(figures(op, cost, unit))
        lines.append(f"ok {number} - {op}" + (" # SKIP errno=38" if cost is None else ""))
    return lines


def pagewright(costs, unit=UNIT, loops=None):
    """A whole log. loops: what the other program says."""
    parts = {"operations": program(costs, unit)}
    if loops:
        parts["loops"] = [figures(op, cost, unit).replace(" n=", " by=loops n=") for op, cost in loops.items()]
        parts["loops"] += ["1..1", "ok 1 - all"]
    lines = ["KTAP version 1", f"1..{len(parts)}"]
    for number, (name, body) in enumerate(parts.items(), 1):
        lines += [f"  # Subtest: ring3/{name}"] + ["  " + line for line in body] + [f"ok {number} ring3/{name}"]
    return lines + [f"verdict: result=pass suites=0 programs={len(parts)} passed={len(parts)} failed=0 skipped=0"]


def judge(limits, log, *more, peer=None):
    """Runs tools/bench on a log; returns its status and its output."""
    with tempfile.TemporaryDirectory() as directory:
        paths = {}
        for name, lines in {"limits": limits, "log": log, "peer": peer}.items():
            paths[name] = os.path.join(directory, name)
            if lines is not None:
                with open(paths[name], "w", encoding="utf-8") as file:
                    file.write("".join(line + "\n" for line in lines))
        peer_log = ["--peer-log", paths["peer"]] if peer is not None else []
        return tap.run("tools/bench", "--limits", paths["limits"], "--log", paths["log"], *peer_log, *more,
                       env={**os.environ, "MEM": "256M"})


def case(name, good, status, output, *texts):
    """The status is good or bad as it should be, and the texts are there."""
    absent = [f"not there: {text!r}" for text in texts if text not in output]
    tap.result((status == 0) == good and not absent, name, [f"status {status}", output] + absent)


def check_limits():
    log = pagewright({"fork_exit_wait": 100, "fork_per_page": 7, "vfork_exit_wait": None})
    case("within its limit", True, *judge(["fork_exit_wait 100 median"], log), "PASS: 1 limits")
    case("above its limit", False, *judge(["fork_exit_wait 99 median"], log), "at most 99: the median is 100")
    case("the worst is held to its limit", False, *judge(["fork_exit_wait 100 worst"], log), "the worst is 110")
    case("no figure for a limit", False, *judge(["vfork_exit_wait 9 median"], log), "no figure for vfork_exit_wait")
    case("an aim that is missed fails nothing", True, *judge(["fork_exit_wait 9 median aim"], log),
         "aim missed: fork_exit_wait: at most 9: the median is 100", "(9)")
    case("an aim that is reached is told", True, *judge(["fork_exit_wait 900 median aim"], log), "aim holds: fork_exit_wait")
    case("an aim without a figure fails nothing", True, *judge(["vfork_exit_wait 9 median aim"], log), "missing")
    case("twice the cost of another", True, *judge(["fork_exit_wait 15*fork_per_page median"], log), "105")
    case("more than that", False, *judge(["fork_exit_wait 14*fork_per_page median"], log),
         "at most 14*fork_per_page: the median is 100")
    case("relative to what has no figure", False, *judge(["fork_exit_wait 2*vfork_exit_wait median"], log),
         "no figure for vfork_exit_wait")
    case("a limit for another amount of memory", True, *judge(["fork_exit_wait 1 median only=64M"], log))
    case("--ops leaves out other limits", True, *judge(["fork_exit_wait 1 median", "fork_per_page 7 median"], log,
                                                       "--ops", "fork_p*"), "PASS: 1 limits")
    case("--tap", False, *judge(["fork_exit_wait 99 median", "fork_per_page 1 median aim"], log, "--tap"),
         "not ok 2 - 256M: fork_exit_wait: at most 99", "# aim missed: fork_per_page")
    protection = "protection: wp=1 smep=1 smap=1 umip=1 nx={} read_only=206 writable=66086 user=0"
    limit = ["fork_exit_wait 9 median pae=100"]
    case("a limit for three levels", True, *judge(limit, [protection.format(1)] + log))
    case("it is exceeded", False, *judge(["fork_exit_wait 900 median pae=99"], [protection.format(1)] + log), "at most 99: the median is 100")
    case("not for two", False, *judge(limit, [protection.format(0)] + log), "at most 9: the median is 100")
    for line in ("fork_exit_wait", "fork_exit_wait lots median", "fork_exit_wait 9 mean", "fork_exit_wait 9 median sharp",
                 "fork_exit_wait 2* median", "fork_exit_wait 9 median aim aim", "fork_exit_wait 9 median pae=two"):
        case(f"no limit: {line!r}", False, *judge(["# one", line], log), ":2: OPERATION AT-MOST FIGURE")


def check_logs():
    limit, costs = ["null_syscall 100 median"], {"null_syscall": 60}
    case("another unit", False, *judge(limit, pagewright(costs, "tsc-ticks")), "counted in tsc-ticks")
    case("a figure twice", False, *judge(limit, [figures("null_syscall", 60)] + pagewright(costs)), "a second time")
    case("a line of figures that is cut", False, *judge(limit, ["bench: op=x n=3 min=1"] + pagewright(costs)),
         "not a line of figures")
    case("a log that is cut", False, *judge(limit, pagewright(costs)[:-1]), "without a verdict")
    case("no figures at all", False, *judge([], pagewright({"fork_exit_wait": None})), "FAIL: 0 limits")


def check_programs():
    limit, costs = ["null_syscall 100 median", "brk_touched 99 median apart"], {"null_syscall": 60, "brk_touched": 40}
    case("the other program agrees", True, *judge(limit, pagewright(costs, loops={"null_syscall": 65})),
         "null_syscall                     100            60        70        65")
    case("it does not agree", False, *judge(limit, pagewright(costs, loops={"null_syscall": 66})),
         "null_syscall: /bench/loops within 5%: 60 and 66")
    case("nor with less", False, *judge(limit, pagewright(costs, loops={"null_syscall": 54})), "60 and 54")
    limit, costs = ["brk_touched 2000 median"], {"brk_touched": 1000}
    case("5 % of a larger cost", True, *judge(limit, pagewright(costs, loops={"brk_touched": 1050})), "1050")
    case("and more", False, *judge(limit, pagewright(costs, loops={"brk_touched": 1051})), "1000 and 1051")
    limit, costs = ["null_syscall 100 median", "brk_touched 99 median apart"], {"null_syscall": 60, "brk_touched": 40}
    case("a known difference is marked", True, *judge(limit, pagewright(costs, loops={"brk_touched": 90})), " 90*")
    case("what only one of them measures", True, *judge(limit, pagewright(costs, loops={"mincore_256": 9})))


def machine(costs, brand="Old Faithful", khz=2000000):
    """The log of a real machine."""
    facts = [f'cpu: vendor=x brand="{brand}"'] + ([f"timer: source=lapic tsc_khz={khz}"] if khz else [])
    return facts + pagewright(costs, "tsc-ticks", {"null_syscall": 90})


def in_time(*machines):
    """Runs tools/bench --unit ns on these logs."""
    with tempfile.TemporaryDirectory() as directory:
        arguments = []
        for number, lines in enumerate(machines):
            arguments += ["--log", os.path.join(directory, str(number))]
            with open(arguments[-1], "w", encoding="utf-8") as file:
                file.write("".join(line + "\n" for line in lines))
        return tap.run("tools/bench", "--unit", "ns", *arguments)


def refusal(failed):
    """What is said where a boot with KVM ends so."""
    kept = bench_time.boot, bench_time.DEVICE
    bench_time.boot = lambda *_: ("", failed)
    bench_time.DEVICE = "/dev/null" if failed is not None else "/nowhere"
    try:
        bench_time.try_kvm(None)
        return ""
    except bench_time.Refused as refused:
        return str(refused)
    finally:
        bench_time.boot, bench_time.DEVICE = kept


def check_time():
    runs = [machine({"null_syscall": ticks}) for ticks in (100, 3000, 220)]
    case("times: ticks by the frequency, the median of the runs", True, *in_time(*runs),
         "processor: Old Faithful; 3 runs", "110.0        50.0        1500        45.0", "PASS: 3 runs")
    case("the frequency is not known", False, *in_time(machine({"null_syscall": 100}, khz=0)), "tsc_khz")
    case("an emulator is told", True, *in_time(machine({"null_syscall": 100}, "QEMU TCG CPU")), "of no processor")
    case("a machine that did not come to its end", False, *in_time(machine({"null_syscall": 100})[:-1]), "without a verdict")
    case("counts are no times", False, *in_time(pagewright({"null_syscall": 100})), "not in tsc-ticks")
    tap.result("is not there" in refusal(None), "no KVM is refused", [refusal(None)])
    tap.result("does not run this guest: hung" in refusal("x\nhung"), "nor one that hangs the guest", [refusal("x\nhung")])
    tap.result(refusal("") == "", "one that works is used", [refusal("")])
    for arguments in (("--peer", "linux"), ("--update",), ("--tap",), ("--levels",)):
        case(f"--unit ns {arguments[0]}", False, *tap.run("tools/bench", "--unit", "ns", *arguments), "not with --peer")
    case("--accel without it", False, *tap.run("tools/bench", "--accel", "kvm"), "only with --unit ns")


def check_peer():
    limit, log = ["null_syscall 100 median"], pagewright({"null_syscall": 60, "brk_touched": 7})
    theirs = {"null_syscall": 330, "brk_touched": None}
    case("Linux beside it", True, *judge(limit, log, peer=program(theirs)), "330", "5.5x", "rep stosl")
    case("Linux did not come to its end", False, *judge(limit, log, peer=program(theirs)[:-1]), "1 results of 2")
    case("Linux did not start", False, *judge(limit, log, peer=["Kernel panic"]), "Linux did not start the program")
    case("Linux's figures are of another unit", False, *judge(limit, log, peer=program(theirs, "tsc-ticks")),
         "counted in tsc-ticks")
    case("a kernel that is not there", False, *tap.run("tools/bench", "--peer", "/nowhere/vmlinuz"), "no such kernel")


def check_levels():
    runs = [{"fork_per_page": {"median": ours}, "loader_to_entry": {"median": 1}} for ours in (60, 90)]
    plain, (beside,) = bench_levels.table(runs, ("loader_to_entry",)), bench_levels.table(runs + [{}, runs[1]], ("loader_to_entry",))[1:]
    tap.result(len(plain) == 2 and plain[1].split() == ["fork_per_page", "60", "90", "+50.0%"], "what the third level costs", plain)
    tap.result(beside.split() == plain[1].split() + ["-", "90"], "a kernel without the operation has no figure", beside)


def stand_in(directory, script):
    path = os.path.join(directory, "apt-get")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"#!/bin/sh\n{script}\n")
    os.chmod(path, 0o755)
    return path


def complaint(script):
    """The answer of linux_peer on a machine with this apt-get."""
    path = os.environ["PATH"]
    with tempfile.TemporaryDirectory() as directory:
        stand_in(directory, script)
        os.environ["PATH"] = directory + ":" + path
        try:
            return linux_peer.fetch(directory)
        except linux_peer.PeerError as error:
            return str(error)
        finally:
            os.environ["PATH"] = path


def check_fetch():
    with tempfile.TemporaryDirectory() as directory:
        found = debian.mirror(stand_in(directory, "echo 'other main place:/other'; echo 'bookworm main place:/debian'"))
    tap.result(found == "place:/debian", "the mirror is the one of this machine's apt", [found])
    for name, script in (("no Debian", "echo 'other main place:/other'"), ("no targets", ""),
                         ("a failing apt", "echo broken; exit 100")):
        text = complaint(script)
        tap.result("PEER=/path/to/vmlinuz" in text, f"{name}: says what to do instead", [text])
    with tempfile.TemporaryDirectory() as directory:
        configuration = debian.write_configuration(directory, "place:/debian")
        if os.path.exists("/usr/bin/apt-config"):
            ended = subprocess.run(["apt-config", "-c", configuration, "shell", "LISTS", "Dir::State::lists/d",
                                    "CACHE", "Dir::Cache::archives/d", "STATUS", "Dir::State::status/f",
                                    "SOURCES", "Dir::Etc::sourcelist/f", "PARTS", "Dir::Etc::sourceparts/d",
                                    "ARCHITECTURE", "APT::Architecture"], check=False, stdout=subprocess.PIPE)
            lines = ended.stdout.decode().splitlines()
            tap.result(len(lines) == 6 and all(directory in line or "'i386'" in line for line in lines),
                       "apt has a state of its own", lines)


check_limits()
check_logs()
check_programs()
check_time()
check_peer()
check_levels()
check_fetch()
tap.done()
