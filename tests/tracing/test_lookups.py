"""Processes as /proc shows them, looked up before they are gone."""

import json
import pathlib
import shutil

import pytest

from kmodtop_core.machine.facts import Machine
from kmodtop_core.tracing.lines import Line
from kmodtop_core.tracing.lookups import Lookups, look_up


@pytest.fixture
def machine(tmp_path):
    return Machine(str(tmp_path))


def process(machine, pid, comm, ppid, cgroup="/"):
    folder = machine.path(f"/proc/{pid}")

    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    pathlib.Path(f"{folder}/stat").write_text(f"{pid} ({comm}) S {ppid} 1 1\n")
    pathlib.Path(f"{folder}/cgroup").write_text(f"0::{cgroup}\n")


def gone(machine, pid):

    shutil.rmtree(machine.path(f"/proc/{pid}"))


def fork(parent, child):
    return Line(1.0, parent, "x", "sched_process_fork", {"pid": str(parent), "child": str(child)})


def told(lookups, *pids):
    return [json.loads(line) for line in lookups.about(pids).splitlines()]


def test_a_process_is_told_with_what_stands_above_it_and_once(machine):
    process(machine, 1, "systemd", 0, "/init.scope")
    process(machine, 7, "a ) b", 1, "/system.slice/a.service/sub")
    process(machine, 8, "modprobe", 7, "/system.slice/a.service/sub")
    lookups = Lookups(machine)
    lookups.begin()
    found = told(lookups, 8)
    assert [(e["pid"], e["comm"], e["unit"]) for e in found] == [
        (8, "modprobe", "a.service"), (7, "a ) b", "a.service"), (1, "systemd", "init.scope"),
    ]  # fmt: skip
    assert told(lookups, 8, 7) == []


def test_one_that_is_gone_is_told_as_it_was(machine):
    process(machine, 7, "agent", 1, "/system.slice/a.service")
    lookups = Lookups(machine)
    lookups.begin()
    gone(machine, 7)
    assert [e["unit"] for e in told(lookups, 7)] == ["a.service"]
    assert told(lookups, 99) == []


def test_a_child_of_pid_1_is_looked_at_until_it_is_in_its_unit(machine):
    lookups = Lookups(machine)
    lookups.begin()
    process(machine, 9, "(agent)", 1, "/init.scope")
    lookups.note([fork(1, 9)])
    process(machine, 9, "agent", 1, "/system.slice/agent.service")
    lookups.note([])
    gone(machine, 9)
    assert [(e["comm"], e["unit"]) for e in told(lookups, 9)] == [("agent", "agent.service")]


def test_a_pid_that_is_forked_again_is_not_what_it_was(machine):
    process(machine, 9, "old", 1, "/system.slice/old.service")
    lookups = Lookups(machine)
    lookups.begin()
    gone(machine, 9)
    lookups.note([fork(5, 9)])
    assert told(lookups, 9) == []


def test_of_one_that_is_gone_its_parent_is_told(machine):
    process(machine, 5, "agent", 1, "/system.slice/agent.service")
    lookups = Lookups(machine)
    lookups.begin()
    lookups.note([fork(5, 9)])
    assert [(e["pid"], e["unit"]) for e in told(lookups, 9)] == [(5, "agent.service")]


def test_what_is_no_process_is_none(machine):
    assert look_up(machine, 12) is None
