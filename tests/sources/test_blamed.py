"""A source beside which it is heard who asks."""

import json
import os
import subprocess
import threading

import pytest
from support.samples import dup, sample, stats

from kmodtop_core.errors import SourceError, Trouble
from kmodtop_core.machine.facts import Machine
from kmodtop_core.sample import Events, Instant, Sample
from kmodtop_core.sources import blamed
from kmodtop_core.sources.base import Means
from kmodtop_core.sources.blamed import Blame, Blamed
from kmodtop_core.tracing.opens import Opens

FIRST, SECOND = (sample(n, stats(dup("kvm", n + 1))) for n in range(2))


class Texts:
    label, means = "/sys/kernel/debug/modules/stats", Means.POLLED

    def items(self, stop):
        yield FIRST
        yield SECOND


class Hearing:
    """Something that hears a line at each look; `why`: what keeps it from beginning."""

    def __init__(self, *_, why=None):
        self.why, self.looks, self.has_ended = why, 0, False

    told = ""
    cost = "2 events took 0.00 s of CPU time, none were lost"

    def begin(self):
        if self.why:
            raise SourceError(self.why)

    def end(self):
        self.has_ended = True

    def hear(self, at):
        self.looks += 1
        return [Events(at, "opens.jsonl", b"%d\n" % self.looks)]


def items(monkeypatch, blame=Blame.OPENS, trace=None, opens=None):
    monkeypatch.setattr(blamed, "Ear", lambda *_: trace)
    monkeypatch.setattr(blamed, "Opens", lambda *_: opens)
    source = Blamed(Texts(), Machine(), blame)
    return source, list(source.items(threading.Event()))


def test_a_text_comes_first_and_what_was_heard_before_each_further_one(monkeypatch):
    hearing = Hearing()
    source, found = items(monkeypatch, opens=hearing)
    assert [type(item) for item in found] == [Sample, Events, Events, Sample, Events]
    assert [item for item in found if isinstance(item, Sample)] == [FIRST, SECOND]
    assert hearing.has_ended and source.told is None and source.cost == hearing.cost


def test_the_next_best_evidence_is_taken_and_that_is_said(monkeypatch):
    refused = Hearing(why=Trouble("lockdown", "the kernel is locked down", "boot without", "trace"))
    source, found = items(monkeypatch, Blame.TRACE, refused, Hearing())
    assert "locked down" in source.told and "who opens modules is watched instead" in source.told
    assert any(isinstance(item, Events) for item in found)


def test_without_any_the_statistics_are_read_all_the_same(monkeypatch):
    refused = Hearing(why=Trouble("permission", "only root may", "start with sudo", "x"))
    source, found = items(monkeypatch, Blame.OPENS, None, refused)
    assert found == [FIRST, SECOND] and "from the counts only" in source.told


def test_an_end_in_the_midst_takes_all_of_it_away(monkeypatch):
    hearing = Hearing()
    monkeypatch.setattr(blamed, "Opens", lambda *_: hearing)
    reading = Blamed(Texts(), Machine(), Blame.OPENS).items(threading.Event())
    next(reading)
    reading.close()
    assert hearing.has_ended


class TestOpens:
    @pytest.fixture
    def machine(self, tmp_path):
        folder = tmp_path / "lib/modules/6.1/kernel"
        folder.mkdir(parents=True)
        (folder / "kvm.ko.xz").write_text("x")
        (folder / "notes.txt").write_text("x")
        os.symlink("/proc", tmp_path / "proc")
        machine = Machine(str(tmp_path))
        machine.__dict__["kernel"] = "6.1"
        return machine

    @pytest.fixture
    def opens(self, machine):
        found = Opens(machine)
        try:
            found.begin()
        except SourceError as error:
            pytest.skip(error.why.sentence)
        yield found
        found.end()

    def test_who_opens_a_module_is_looked_up_at_once(self, opens, machine):
        folder = machine.path("/lib/modules/6.1/kernel")
        words = ["tail", "-f", f"{folder}/kvm.ko.xz", f"{folder}/notes.txt"]
        entries = []
        with subprocess.Popen(words, stdout=subprocess.DEVNULL) as reader:
            while not entries:
                for events in opens.hear(Instant(1.0)):
                    entries += [json.loads(line) for line in events.data.splitlines()]
            reader.terminate()
        assert [(e["comm"], e["file"], e["ppid"]) for e in entries] == [
            ("tail", "kvm.ko.xz", os.getpid())
        ]

    def test_a_lack_of_descriptors_is_told_as_a_loss_and_does_not_end_it(self, opens, monkeypatch):
        def none_left(fd, size):
            monkeypatch.undo()
            raise OSError(24, "Too many open files")

        monkeypatch.setattr(os, "read", none_left)
        with open(opens._machine.path("/lib/modules/6.1/kernel/kvm.ko.xz")) as file:
            file.read()
        heard = []
        while not heard:
            heard = opens.hear(Instant(1.0))
        assert json.loads(heard[0].data)["lost"] == 1 and opens._thread.is_alive()

    def test_its_own_opening_is_none(self, opens, machine):
        with open(machine.path("/lib/modules/6.1/kernel/kvm.ko.xz")) as file:
            file.read()
        opens.end()
        assert opens.hear(Instant(1.0)) == []

    def test_a_machine_without_modules_is_a_sentence(self, tmp_path):
        with pytest.raises(SourceError) as refused:
            Opens(Machine(str(tmp_path))).begin()
        assert refused.value.why.what and refused.value.why.fix
