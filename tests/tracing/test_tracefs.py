"""Tracefs: what keeps a machine from being traced, and that nothing is left behind."""

import os
import subprocess

import pytest

from kmodtop_core.errors import SourceError
from kmodtop_core.machine.facts import Machine
from kmodtop_core.sample import Instant
from kmodtop_core.tracing import leftovers, tracefs
from kmodtop_core.tracing.ear import Ear
from kmodtop_core.tracing.probes import COUNTED, STEPS, Probe, command_line

GONE = "kmodtop_4190000_77"


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine that can be traced, as far as files go."""
    root = tmp_path / "sys/kernel/tracing"
    (root / "instances").mkdir(parents=True)
    for name in ("trace_pipe", "kprobe_events", "dynamic_events"):
        (root / name).write_text("")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return Machine(str(tmp_path))


def root(machine):
    return machine.path("/sys/kernel/tracing")


def test_a_machine_that_can_be_traced_has_nothing_against_it(machine):
    assert tracefs.why_not(machine) is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda m, p: p.setattr(os, "geteuid", lambda: 1000), "permission"),
        (lambda m, p: os.unlink(f"{root(m)}/trace_pipe"), "no-tracefs"),
        (lambda m, p: os.unlink(f"{root(m)}/kprobe_events"), "no-kprobes"),
    ],
)
def test_each_cause_is_told_apart(machine, monkeypatch, change, code):
    change(machine, monkeypatch)
    why = tracefs.why_not(machine)
    assert why.code == code and why.what and why.fix
    with pytest.raises(SourceError) as refused:
        tracefs.Tracer(machine, STEPS).begin()
    assert refused.value.why.code == code


def test_lockdown_is_told_as_what_it_is(machine):
    place = machine.path("/sys/kernel/security")
    os.makedirs(place)
    for words, code in (
        ("none integrity [confidentiality]", "lockdown"),
        ("none [integrity] confidentiality", None),
    ):
        with open(f"{place}/lockdown", "w") as file:
            file.write(words)
        why = tracefs.why_not(machine)
        assert (why.code if why else None) == code


def test_a_probe_that_the_kernel_refuses_is_left_out_and_said(machine, monkeypatch):
    def refuse(path, text):
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(tracefs, "append", refuse)
    tracer = tracefs.Tracer(machine, ())
    tracer._define(Probe("becoming", ("p:{} x",)))
    assert tracer.refused == ["becoming"]
    with pytest.raises(SourceError, match="takes no probe on try_add_failed_module"):
        tracer._define(COUNTED[0])


def test_the_first_way_that_the_kernel_takes_is_used(machine, monkeypatch):
    taken = []

    def take(path, text):
        if "execmem" in text:
            raise OSError(2, "No such file")
        taken.append(text)

    monkeypatch.setattr(tracefs, "append", take)
    tracer = tracefs.Tracer(machine, ())
    tracer._define(STEPS[3])
    assert taken == [f"p:{tracer.group}/layout module_alloc"] and not tracer.refused


def test_probes_of_others_are_never_thrown_away(machine):
    """Opening kprobe_events with O_TRUNC removes those of everybody."""
    path = f"{root(machine)}/dynamic_events"
    with open(path, "w") as file:
        file.write("p:theirs/x do_exit\n")
    leftovers.append(path, "p:mine/y do_exit")
    with open(path) as file:
        assert file.read() == "p:theirs/x do_exit\np:mine/y do_exit\n"


def defined(machine, *groups):
    with open(f"{root(machine)}/dynamic_events", "w") as file:
        file.writelines(f"p:{group}/dup try_add_failed_module\n" for group in groups)
    for group in groups:
        os.mkdir(f"{root(machine)}/instances/{group}")


def test_what_others_have_left_is_taken_away_and_the_living_keep_theirs(machine):
    pid = os.getpid()
    living = f"kmodtop_{pid}_{leftovers.start_time(Machine(), pid)}"
    os.symlink("/proc", machine.path("/proc"))
    defined(machine, GONE, living, "kmodtop", "theirs")
    assert [group for group, _ in leftovers.leftovers(machine)] == [GONE]
    assert leftovers.clear(machine) == [GONE]
    assert sorted(os.listdir(f"{root(machine)}/instances")) == ["kmodtop", living, "theirs"]
    with open(f"{root(machine)}/dynamic_events") as file:
        assert file.read().endswith(f"-:{GONE}/dup\n")


def test_the_shell_takes_all_of_it_away_when_whoever_began_it_is_killed(machine):
    defined(machine, GONE)
    words = [
        "sh",
        "-c",
        tracefs._WATCH,
        "watch",
        root(machine),
        GONE,
        "dynamic_events",
        "dup",
        "ld",
    ]
    watch = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert watch.stdout.readline() == b"ready\n"
    for number in (1, 2, 15):
        watch.send_signal(number)
    assert os.listdir(f"{root(machine)}/instances") == [GONE]
    watch.stdin.close()
    watch.stdout.close()
    assert watch.wait(20) == 0
    assert os.listdir(f"{root(machine)}/instances") == []
    with open(f"{root(machine)}/dynamic_events") as file:
        assert file.read().endswith(f"-:{GONE}/dup\n-:{GONE}/ld\n")


def test_words_for_the_kernels_command_line_have_no_blanks_within():
    for probes, release, place in ((STEPS, (6, 1), "module_alloc"), (STEPS, (6, 12), "execmem_al")):
        words = command_line(probes, release).split(" ")
        assert [word.partition("=")[0] for word in words] == [
            "trace_clock", "trace_buf_size", "kprobe_event", "trace_event",
        ]  # fmt: skip
        assert f"p:kmodtop/layout,{place}" in words[2] and "{" not in words[2]


class Spoken:
    """A tracer that has heard what it is given."""

    def __init__(self, *batches):
        self.batches = list(batches)

    def read(self):
        return self.batches.pop(0)

    def missed(self):
        return 3 if not self.batches else 0


LINE = "%16s-%-7d [000] ..... %12.6f: %s\n"


def fork(parent, child, at):
    event = f"sched_process_fork: comm=sh pid={parent} child_comm=sh child_pid={child}"
    return (LINE % ("sh", parent, at, event)).encode()


def dup_line(pid, at):
    event = 'dup: (try_add_failed_module+0x4/0xc0) name="kvm" reason=0 comm="modprobe"'
    return (LINE % ("modprobe", pid, at, event)).encode()


def test_of_all_forks_those_are_kept_that_lead_to_a_request(machine):
    first = fork(1, 50, 1.0) + b"".join(fork(50, n, 1.1) for n in range(60, 90)) + fork(70, 99, 1.2)
    ear = Ear(machine, COUNTED)
    ear.tracer = Spoken(first, dup_line(99, 2.0), dup_line(99, 3.0))
    heard = [b"".join(e.data for e in ear.hear(Instant(n))) for n in range(3)]
    assert heard[0] == b""
    assert heard[1] == fork(1, 50, 1.0) + fork(50, 70, 1.1) + fork(70, 99, 1.2) + dup_line(99, 2.0)
    assert heard[2] == dup_line(99, 3.0) + b"CPU:0 [LOST 3 EVENTS]\n"


def test_what_the_kernel_refused_is_told_by_what_is_missing_then(machine):
    ear = Ear(machine, COUNTED)
    assert ear.told == ""
    ear.tracer.refused = ["becoming", "umhx"]
    assert "without the bytes of failures at becoming, without what the kernel" in ear.told


def test_buffers_are_bounded_by_the_number_of_cpus():
    assert [tracefs.buffer_kb(cpus) for cpus in (1, 32, 64, 448, 8192)] == [512, 512, 256, 36, 16]


def test_where_the_shell_was_killed_it_takes_all_of_it_away_itself(machine):
    tracer = tracefs.Tracer(machine, COUNTED)
    defined(machine, tracer.group)
    tracer._watch = subprocess.Popen(["sh", "-c", "kill -9 $$"], stdin=subprocess.PIPE)
    tracer.end()
    assert os.listdir(f"{root(machine)}/instances") == []
    with open(f"{root(machine)}/dynamic_events") as file:
        assert file.read().endswith(f"-:{tracer.group}/invalid\n")
