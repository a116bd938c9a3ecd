"""Who asked: real traces against what was really done."""

import json
from collections import Counter

import pytest
from support.traces import CASES, duplicates, told, truth

from kmodtop_core.tracing.requests import (
    LOOKED_UP,
    OPENS,
    PATHS,
    TRACE,
    Requests,
    joined,
    module_of,
)

NAMES = {"udev worker": "udev", "kernel autoloader": None}

LINE = "%16s-%-7d [000] ..... %12.6f: %s\n"


def trace(*events):
    """Lines as the kernel prints them: (command, pid, event)."""
    text = "".join(
        LINE % (comm, pid, 1 + n / 10, event) for n, (comm, pid, event) in enumerate(events)
    )
    requests = Requests()
    requests.hear(TRACE, text.encode())
    return requests.at()


def dup(comm="modprobe", pid=9, module="kvm"):
    return (
        comm,
        pid,
        f'dup: (try_add_failed_module+0x4/0xc0) name="{module}" reason=0 comm="{comm}"',
    )


def fork(comm, pid, child):
    return (
        comm,
        pid,
        f"sched_process_fork: comm={comm} pid={pid} child_comm={comm} child_pid={child}",
    )


def helper(pid, alias):
    return (
        "kworker/u8:1",
        pid,
        (f'umhx: (call_usermodehelper_exec_async+0x4/0x170) path="/sbin/modprobe" mod="{alias}"'),
    )


def whose(found):
    (request,) = found.failed
    return request.requester


@pytest.mark.parametrize("case", CASES)
def test_every_duplicate_goes_to_its_culprit_and_every_byte_is_the_kernels(case):
    found, known = told(case), truth(case)
    want = {NAMES.get(w["label"], w["label"]): w["duplicates"] for w in known["who"]}
    assert duplicates(found, lambda who: who.name) == want
    assert found.is_whole
    if "waste_bytes" in known and known["failures"] == known["duplicates"]:
        assert sum(r.load.wasted for r in found.failed) == known["waste_bytes"]
    for who in known["who"]:
        name = NAMES.get(who["label"], who["label"])
        rows = duplicates(found._replace(failed=tuple(
            r for r in found.failed if r.requester.name == name)), lambda _: None)  # fmt: skip
        assert rows.total() == who["duplicates"]


def test_units_are_those_of_the_process_or_of_what_stands_above_it():
    assert duplicates(told("mix"), lambda who: who.unit) == {
        "klab-cmd.service": 25,
        "backup-agent.service": 24,
    }


def test_the_device_behind_a_worker_of_udev_is_told():
    """Of the sixteen CPUs each, and no oftener than there are modules for it."""
    devices = Counter(r.device for r in told("a_udev").failed)
    cpus = {d: n for d, n in devices.items() if d and d.startswith("devices/system/cpu/cpu")}
    assert len(cpus) == 16 and sum(cpus.values()) == 218


def test_paths_tell_devices_and_nothing_else():
    """Anybody can open a path that looks like lines of a trace."""
    requests = Requests()
    look = 'open: (do_sys_openat2+0x0/0xc0) f="/sys/devices/pci0/uevent" comm="(udev-worker)"'
    lines = [look, dup()[2], fork("victim", 5, 9)[2]]
    for number, text in enumerate(lines):
        requests.hear(PATHS, (LINE % ("(udev-worker)", 9, number, text)).encode())
    assert requests.at() is None
    request_of = dup("(udev-worker)")
    requests.hear(TRACE, (LINE % (*request_of[:2], 5.0, request_of[2])).encode())
    (request,) = requests.at().failed
    assert request.device == "devices/pci0" and request.requester.name == "udev"


def test_the_autoloader_has_the_function_and_the_task_that_ran_into_it():
    sites = duplicates(told("d2_autoload"), lambda who: (who.autoload.task, who.autoload.call_site))
    assert sites == {
        ("mount", "get_fs_type"): 6,
        ("python3", "crypto_alg_mod_lookup"): 4,
        ("python3", "__sock_create"): 2,
    }


def test_whoever_runs_modprobe_is_named():
    who = whose(trace(fork("backup", 5, 9), dup()))
    assert (who.name, who.command, who.is_kernel) == ("backup", "modprobe", False)


def test_a_modprobe_of_which_nobody_knows_the_parent_accuses_nobody():
    who = whose(trace(dup()))
    assert who.is_kernel is None and who.name == "modprobe"


def test_a_modprobe_that_the_kernel_has_started_is_the_autoloaders():
    who = whose(trace(("mount", 4, "module_request: fs-x wait=1 call_site=get_fs_type"),
                      helper(9, "fs-x"), dup()))  # fmt: skip
    assert who.is_kernel and who.name is None
    assert (who.autoload.task, who.autoload.call_site) == ("mount", "get_fs_type")


def test_what_such_a_modprobe_has_started_is_the_autoloaders_too():
    """modprobe.d(5) knows install commands, which a shell runs."""
    who = whose(trace(helper(7, "fs-x"), fork("modprobe", 7, 8), fork("sh", 8, 9), dup("insmod")))
    assert who.is_kernel and who.autoload.alias == "fs-x"


def test_a_modprobe_that_a_rule_of_udev_has_started_is_udevs():
    assert whose(trace(fork("(udev-worker)", 5, 9), dup())).name == "udev"


def test_a_pid_that_is_used_again_is_another_process():
    who = whose(trace(helper(9, "fs-x"), fork("cron", 5, 9), dup()))
    assert who.is_kernel is False and who.name == "cron"


def test_a_command_that_calls_itself_a_worker_of_udev_is_none():
    who = whose(trace(fork("miner", 5, 9), dup("(udev-worker)")))
    assert who.name == "(udev-worker)"
    assert whose(trace(dup("(udev-worker)"))).name == "udev"


@pytest.mark.parametrize(
    ("path", "alias"), [("/sbin/request-key", "12345"), ("/sbin/modprobe", "(fault)")]
)
def test_other_helpers_of_the_kernel_are_no_modprobes(path, alias):
    told_ = f'umhx: (call_usermodehelper_exec_async+0x4/0x170) path="{path}" mod="{alias}"'
    who = whose(trace(("kworker/u8:1", 7, told_), fork("request-key", 7, 9), dup()))
    assert who.is_kernel is False and who.name == "request-key"


def test_a_process_that_calls_itself_a_thread_of_the_kernel_is_none():
    who = whose(trace(fork("systemd", 1, 5), fork("kworker/0:1", 5, 9), dup()))
    assert who.is_kernel is False
    assert whose(trace(fork("kthreadd", 2, 5), fork("kworker/0:1", 5, 9), dup())).is_kernel


def test_a_command_that_nobody_knows_any_more_accuses_nobody():
    who = whose(trace(dup("<...>")))
    assert who.is_kernel is None and who.name == "?"


def test_whoever_calls_sudo_is_named():
    assert whose(trace(fork("deploy", 5, 8), fork("sudo", 8, 9), dup())).name == "deploy"


def test_a_parent_that_only_a_look_afterwards_told_is_not_sure():
    requests = Requests()
    requests.hear(TRACE, (LINE % (*dup()[:2], 1.0, dup()[2])).encode())
    requests.hear(LOOKED_UP, b'{"pid": 9, "comm": "modprobe", "ppid": 5}\n')
    requests.hear(LOOKED_UP, b'{"pid": 5, "comm": "agent", "ppid": 1}\n')
    requests.hear(LOOKED_UP, b'{"pid": 7, "comm": "x", "ppid": 7}\n')
    (request,) = requests.at().failed
    assert not request.requester.is_sure
    assert whose(trace(fork("agent", 5, 9), dup())).is_sure


def test_time_that_goes_back_is_another_trace():
    requests = Requests()
    for at in (99.0, 3.0):
        requests.hear(TRACE, (LINE % (*dup("fl")[:2], at, dup("fl")[2])).encode())
    assert requests.at().odd == 1


def test_an_event_that_a_virtual_cpu_held_back_is_as_good_as_any():
    requests = Requests()
    requests.hear(TRACE, (LINE % (*fork("agent", 5, 9)[:2], 1.0, fork("agent", 5, 9)[2])).encode())
    for pid, at in ((8, 9.0), (9, 3.0)):
        requests.hear(TRACE, (LINE % ("modprobe", pid, at, dup()[2])).encode())
    found = requests.at()
    names = {r.load.at: r.requester.name for r in found.failed}
    assert not found.odd and names == {9.0: "modprobe", 3.0: "agent"}


def test_an_event_that_is_told_twice_counts_once_and_is_odd():
    requests = Requests()
    counted = 'becoming: (f+0x0/0x1) name="kvm" len=9 flags=0x0 clen=0 comm="fl"'
    for _ in range(2):
        requests.hear(TRACE, (LINE % ("fl", 9, 1.0, dup("fl")[2])).encode())
        requests.hear(TRACE, (LINE % ("fl", 9, 1.1, counted)).encode())
    assert len(requests.at().failed) == 1 and requests.at().odd == 1


def test_two_traces_of_one_boot_become_one():
    lines = [(LINE % (*dup("fl")[:2], at, dup("fl")[2])).encode() for at in (1.0, 2.0, 3.0)]
    both = joined(b"".join(lines[:2]), b"".join(lines[1:]))
    requests = Requests()
    requests.hear(TRACE, both)
    assert len(requests.at().failed) == 3 and not requests.at().odd


def test_a_loop_of_parents_ends():
    assert whose(trace(fork("modprobe", 9, 8), fork("modprobe", 8, 9), dup())).name == "modprobe"


def test_no_unit_is_taken_from_pid_1_which_forks_for_all():
    requests = Requests()
    requests.hear(LOOKED_UP, b'{"pid": 1, "comm": "systemd", "ppid": 0, "unit": "init.scope"}\n')
    for number, event in enumerate((fork("systemd", 1, 9), dup("agent"))):
        requests.hear(TRACE, (LINE % (*event[:2], number, event[2])).encode())
    (request,) = requests.at().failed
    assert request.requester.unit is None
    requests.hear(LOOKED_UP, b'{"pid": 9, "comm": "agent", "ppid": 1, "unit": "a.service"}\n')
    assert request.requester.unit == "a.service"


def test_only_what_was_told_by_then_is_told():
    requests = Requests()
    requests.hear(TRACE, (LINE % ("fl", 9, 2.0, dup("fl")[2])).encode())
    requests.hear(TRACE, (LINE % ("fl", 9, 3.0, dup("fl")[2])).encode())
    assert [len(requests.at(at).failed) for at in (1.0, 2.0, 3.0)] == [0, 1, 2]
    assert Requests().at() is None


def test_readers_of_modules_are_no_requesters_and_odd_entries_are_left_out():
    requests = Requests()
    entries = [
        {"t": 1.0, "pid": 3, "comm": "modinfo", "file": "kvm.ko"},
        {"t": 1.0, "pid": 4, "comm": "modprobe", "ppid": 3, "parent": "cron", "file": "kvm.ko.xz"},
        {"t": "x"}, [], {"t": 1.0, "lost": 1},
    ]  # fmt: skip
    requests.hear(OPENS, "".join(f"{json.dumps(e)}\n" for e in entries).encode() + b"{broken\n")
    found = requests.at()
    assert [(o.module, o.requester.name) for o in found.opens] == [("kvm", "cron")]
    assert found.lost_opens == 1


def test_modules_are_named_as_the_kernel_spells_them():
    assert module_of("/lib/modules/6.1/kernel/snd-hda-intel.ko.zst") == "snd_hda_intel"
