"""What an exporter reads when somebody asks."""

import threading
from types import SimpleNamespace

import pytest
from support.live import Script
from support.points import named
from support.recordings import until
from support.samples import dup, gap, sample, stats

from kmodtop.commands import scraping
from kmodtop.commands.scraping import Target, all_points, instances
from kmodtop_core.diagnosis.evidence.pieces import NO_EVIDENCE
from kmodtop_core.errors import SourceError
from kmodtop_core.machine.facts import Machine
from kmodtop_core.sample import Host, Instant
from kmodtop_core.sources.polled import PolledFile
from kmodtop_core.stats.parse import parse, render


def kvm(times):
    return render(stats(dup("kvm", times)))


class Counted(PolledFile):
    """A file of which it is known how often it was read."""

    reads = 0

    def read(self):
        self.reads += 1
        return super().read()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "stats"
    path.write_bytes(kvm(3))
    return path


@pytest.fixture
def clock(monkeypatch):
    """Seconds since boot, which stand still until a test lets them pass."""
    passed = [1000.0]
    monkeypatch.setattr(scraping, "now", lambda: Instant(passed[0], 1_700_000_000.0))
    return passed


def value(target, name, *labels):
    return named(target.points()).get((name, labels))


def test_it_is_read_once_a_second_however_many_ask(file, clock):
    source = Counted(str(file), 1.0, Machine())
    target = Target(source, 1.0)
    for passed, reads in ((0.0, 1), (0.99, 1), (0.01, 2), (5.0, 3)):
        clock[0] += passed
        scrapers = [threading.Thread(target=target.points) for _ in range(8)]
        for scraper in scrapers:
            scraper.start()
        for scraper in scrapers:
            scraper.join()
        assert source.reads == reads
    assert value(target, "kmodtop_reads_total") == 3
    assert 0 < value(target, "kmodtop_read_seconds_total") < 1


def test_nobody_reads_a_file_that_nobody_asks_for(file):
    source = Counted(str(file), 1.0, Machine())
    target = Target(source, 1.0)
    target.start(threading.Event())
    assert source.reads == 0 and not [t for t in threading.enumerate() if "source" in t.name]


def test_who_asks_is_told_what_the_file_says_now(file, clock):
    target = Target(Counted(str(file), 1.0, Machine()), 1.0)
    for times in (3, 4):
        file.write_bytes(kvm(times))
        clock[0] += 1
        assert value(target, "kmod_duplicate_loads_total", ("module", "kvm")) == times


def test_reading_stops_before_it_could_panic_the_machine(file, clock, tmp_path):
    (tmp_path / "proc/sys/kernel").mkdir(parents=True)
    (tmp_path / "proc/sys/kernel/panic_on_warn").write_text("1")
    file.write_bytes(render(stats(*(dup(f"m{i}", 1) for i in range(105)))))
    target = Target(Counted(str(file), 1.0, Machine(str(tmp_path))), 1.0)
    assert value(target, "kmod_duplicate_table_rows") == 105
    clock[0] += 1
    assert value(target, "kmodtop_unreadable", ("code", "panic-on-warn")) == 1
    assert value(target, "kmod_duplicate_table_rows") is None


def test_a_file_that_is_gone_says_so_and_has_no_counters_until_it_is_back(file, clock):
    target = Target(Counted(str(file), 1.0, Machine()), 1.0)
    assert value(target, "kmodtop_up") == 1
    file.unlink()
    clock[0] += 1
    names = {name for name, _ in named(target.points())}
    assert value(target, "kmodtop_up") == 0
    assert value(target, "kmodtop_unreadable", ("code", "missing")) == 1
    assert not {name for name in names if name.startswith("kmod_")}
    file.write_bytes(kvm(4))
    clock[0] += 1
    assert value(target, "kmodtop_up") == 1 and value(target, "kmod_loads_total") == 5


def test_a_wall_clock_that_is_set_moves_no_boot():
    def at(uptime, wall, boot="b-1"):
        one = sample(uptime, stats(), Host("big", "6.12.9", 4, boot))
        return one._replace(at=Instant(uptime, wall))

    script, stop = Script(at(10, 1010), at(20, 5000)), threading.Event()
    target = Target(script, 1.0)
    target.start(stop)
    until(lambda: value(target, "kmodtop_reads_total") == 2)
    assert value(target, "kmod_boot_time_seconds") == 1000
    script.give(at(5, 7005, "b-2"))
    until(lambda: value(target, "kmod_boot_time_seconds") == 7000)
    stop.set()


def test_a_source_that_ends_with_a_trouble_is_unreadable_by_its_code():
    class Broken(Script):
        def items(self, stop):
            raise SourceError(gap(0, "no-route").why)

    target = Target(Broken(), 1.0)
    target.start(threading.Event())
    until(lambda: value(target, "kmodtop_unreadable", ("code", "no-route")) == 1)


def test_before_the_first_reading_it_is_said_that_there_was_none():
    target = Target(Script(), 1.0)
    assert value(target, "kmodtop_unreadable", ("code", "waiting")) == 1


# ---- several sources ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["ssh://root@a", "ssh://b:22/x"], ["a", "b:22/x"]),
        (["ssh://root@a", "ssh://me@a"], ["ssh://root@a", "ssh://me@a"]),
        (["/tmp/a@b/stats", "/tmp/b/stats"], ["/tmp/a@b/stats", "/tmp/b/stats"]),
        (["ssh://a/x@y", "a\x1b"], ["a/x@y", "a\\x1b"]),
    ],
)
def test_what_machines_are_called(labels, names):
    assert instances(labels) == names


def test_one_source_has_no_instance_several_have_one_each(file, tmp_path):
    other = tmp_path / "other"
    other.write_bytes(kvm(9))
    targets = [Target(Counted(str(path), 1.0, Machine()), 1.0) for path in (file, other)]
    assert not any("instance" in dict(point.labels) for point in all_points(targets[:1]))
    found = named(list(all_points(targets)))
    assert {dict(labels)["instance"] for _, labels in found} == {str(file), str(other)}
    for path, times in ((file, 3), (other, 9)):
        labels = ("instance", str(path)), ("module", "kvm")
        assert found["kmod_duplicate_loads_total", labels] == times


# ---- findings -------------------------------------------------------------------------


class Gathering:
    """Evidence that is looked for: of which rows, and nothing found."""

    def __init__(self):
        self.rows, self.done = [], threading.Semaphore(0)

    def __call__(self, rows):
        self.rows.append(rows)
        self.done.release()
        return NO_EVIDENCE


HERE = Machine().host


def block(*rows):
    return parse(render(stats(*(dup(name, 3) for name in rows))))[-1]


@pytest.fixture
def findings():
    gathering = Gathering()
    return scraping._Findings(gathering), gathering


def test_evidence_is_looked_for_once_a_minute_while_modules_come(findings, clock):
    found, gathering = findings
    for passed, rows in ((0, "a"), (30, "ab"), (0, "ab"), (29, "ab"), (1, "ab"), (300, "ab")):
        clock[0] += passed
        found.of(block(*rows), HERE)
    for _ in range(2):
        assert gathering.done.acquire(timeout=10)
    assert gathering.rows == [["a"], ["a", "b"]]


@pytest.mark.parametrize(
    ("host", "rows"), [(Host("other", boot_id="b-1"), "a"), (Host(), "a"), (HERE, "")]
)
def test_no_evidence_of_this_machine_is_taken_for_another_or_for_nothing(
    findings, clock, host, rows
):
    found, gathering = findings
    found.of(block(*rows), host)
    assert gathering.rows == []


def test_a_text_that_has_not_changed_is_judged_once(findings, monkeypatch):
    found, _ = findings
    judged, whole = [], block("kvm")
    monkeypatch.setattr(scraping, "diagnose", lambda case: judged.append(case) or _nothing())
    for one in (whole, whole, block("kvm", "vfat")):
        found.of(one, Host())
    assert len(judged) == 2


def _nothing():
    return SimpleNamespace(findings=())
