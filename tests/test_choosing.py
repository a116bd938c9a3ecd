"""Which of the two ways a machine has."""

import os

import pytest

from kmodtop_core.errors import Exit, SourceError
from kmodtop_core.machine.facts import Machine
from kmodtop_core.opening.choosing import choose

MOUNTS = "24 1 0:7 / /sys/kernel/debug rw - debugfs debugfs rw\n"


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """One whose kernel keeps no statistics and can be traced, with root at work."""
    files = {
        "proc/sys/kernel/osrelease": "6.12.1\n",
        "proc/self/mountinfo": MOUNTS,
        "proc/config.gz": None,
        "lib/modules/6.12.1/config": "# CONFIG_MODULE_STATS is not set\n",
        "sys/kernel/tracing/trace_pipe": "",
        "sys/kernel/tracing/kprobe_events": "",
    }
    for name, text in files.items():
        if text is not None:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return Machine(str(tmp_path))


def test_a_kernel_without_statistics_is_counted_by_tracing_after_that_was_said(machine):
    name, told = choose(None, None, machine)
    assert name == "trace:" and "without CONFIG_MODULE_STATS" in told
    assert "counted by tracing from now on" in told


def test_a_kernel_that_keeps_them_is_read(machine, tmp_path):
    stats = tmp_path / "sys/kernel/debug/modules/stats"
    stats.parent.mkdir(parents=True)
    stats.write_text("")
    assert choose(None, None, machine) == (None, "")
    assert choose(None, "trace", machine) == ("trace:", "")


def test_who_is_not_root_is_told_what_root_could(machine, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert choose(None, None, machine) == (None, "")


def test_where_neither_way_is_open_both_reasons_are_told(machine, tmp_path):
    (tmp_path / "sys/kernel/tracing/kprobe_events").unlink()
    name, told = choose(None, None, machine)
    assert name is None and "CONFIG_MODULE_STATS" in told and "CONFIG_KPROBE_EVENTS" in told


def test_who_names_a_source_or_asks_for_the_statistics_gets_these(machine):
    assert choose("x", None, machine) == ("x", "")
    assert choose(None, "stats", machine) == (None, "")


def test_another_source_cannot_be_traced(machine):
    with pytest.raises(SourceError, match="cannot be traced") as refused:
        choose("ssh://a", "trace", machine)
    assert refused.value.status == Exit.USAGE
