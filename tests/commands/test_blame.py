"""Words that hear who asks, or count by tracing, where that cannot be."""

import os
import re
import shlex

import pytest
from support.command import kmodtop
from support.samples import ROOT, SAMPLES, dup, sample, stats
from support.terminal import Terminal

from kmodtop.commands.record import _keep as keep
from kmodtop_core.sample import Events, Instant

BOTH = str(SAMPLES / "states/both.txt")
SEED = str(SAMPLES / "published/seed-255vcpu-stats-only.txt")
TRACED = str(SAMPLES / "traced/a_udev")
SUDO = sorted(
    {
        line.partition("#")[0].strip()
        for page in (ROOT / "README.md", *ROOT.glob("docs/*.md"))
        for line in page.read_text().splitlines()
        if line.startswith("sudo kmodtop")
    }
)


@pytest.mark.parametrize("command", SUDO)
def test_the_commands_of_the_pages_for_root_end_in_a_sentence_or_do_it(command, tmp_path):
    words = shlex.split(command)[2:]
    if "record" in words:
        words += ["--duration", "0.2"]
    if "exporter" in words:  # which would go on for ever
        words += ["--textfile", "kmodtop.prom", "--count", "1"]
    words = ["0.3" if word == "60" else word for word in words]
    done = kmodtop(*words, cwd=tmp_path)
    assert done.returncode in (0, 3, 4) and b"Traceback" not in done.stderr
    assert b"usage" not in done.stderr and b"no such option" not in done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["report", BOTH, "--for", "1", "--blame"], "who asks there cannot be heard"),
        (["record", BOTH, "--blame=trace", "-o", "{tmp}/r.db"], "cannot be heard"),
        (["report", BOTH, "--source", "trace", "--for", "1"], "which cannot be traced"),
        (["report", "--blame"], "say for how many seconds to watch: --for 60"),
        (["report", "trace:"], "say for how many seconds to watch: --for 60"),
        (["export", "trace:"], "record it first: kmodtop record --source trace"),
        (["diff", "trace:", BOTH], "record it first: kmodtop record --source trace"),
        (["report", TRACED, "--for", "1"], "leave out --for"),
        (["report", "--trace", f"{TRACED}/trace.txt"], "no probes of the steps of loads"),
        (["report", BOTH, SEED, "--trace", f"{TRACED}/trace.txt"], "report its source alone"),
        (["report", "-", "--trace", "-"], "cannot be read twice"),
        (["report", BOTH, "--for", "0"], "is not an interval"),
        (["report", BOTH, "--modules", "{tmp}"], "holds no modules.alias"),
        (["report", BOTH, "--trace", "{tmp}/none"], "no such file"),
        (["report", BOTH, "--blame=guess"], "invalid choice"),
    ],
)
def test_what_cannot_be_is_one_sentence(words, says, tmp_path):
    done = kmodtop(*(word.format(tmp=tmp_path) for word in words))
    assert done.returncode in (2, 3, 4) and says in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1


def test_who_asks_for_the_statistics_gets_a_report_at_once():
    done = kmodtop("report", "--source", "stats")
    assert done.returncode in (0, 3, 4) and b"--for" not in done.stderr


def test_a_file_can_be_watched_for_a_time_and_summed_up():
    done = kmodtop("report", BOTH, "--for", "0.3")
    assert done.returncode == 0 and b"times each" in done.stdout, done.stderr


def test_doctor_tells_whether_loads_can_be_counted():
    told = kmodtop("doctor").stdout.decode()
    assert "by tracing" in told and "kprobe_event=" in told
    done = kmodtop("doctor", "--clean")
    assert done.returncode in (0, 3) and b"Traceback" not in done.stderr
    if os.geteuid() != 0:
        assert b"only root may trace" in done.stderr


def test_install_hints_have_the_words_that_trace_a_boot():
    told = kmodtop("record", "--install-hints").stdout.decode()
    assert re.search(r"kprobe_event=(p|r512):kmodtop/", told)


def test_events_between_texts_do_not_make_a_storm_larger():
    class Watch:
        """Counts what it sees."""

        seen = 0

        def observe(self, frame):
            self.seen += 1
            return ""

    class Sink:
        """Keeps nothing."""

        latest = object()

        def write(self, item):
            return 0

    watch = Watch()
    keep(sample(0, stats(dup("kvm", 1))), Sink(), watch)
    keep(Events(Instant(1.0), "trace.txt", b"x\n"), Sink(), watch)
    assert watch.seen == 1


def test_a_counted_boot_shows_what_it_cannot_know_as_unknown():
    """Sizes of what went live, and files that could not be read or unpacked."""
    bundle = str(SAMPLES / "stock/bookworm-4cpu")
    with Terminal("replay", bundle, "--at", "104", size=(120, 40)) as terminal:
        terminal.until(r"1 kread +\? +\?")
        terminal.until(r"2 decompress +\? +\?")
        terminal.until(r"live +43 +\?")
        terminal.until(r"52 +8\.41 MiB")
        terminal.press("q")
        assert terminal.ended() == 0
