"""The command from outside: output, exit codes, one sentence an error, what it imports."""

import json
import subprocess
import sys

import pytest
from support.command import ENV, kmodtop
from support.samples import ROOT, SAMPLES, dup, stats

from kmodtop_core.stats.parse import render

SEED = str(SAMPLES / "published/seed-255vcpu-stats-only.txt")


def test_a_mail_with_five_texts_gives_five_objects():
    one = render(stats(dup("kvm", 3))).decode()
    mail = "Hello\n\n" + "\nand\n".join([one, one.expandtabs(), "> " + one.replace("\n", "\n> ")])
    mail += "\n\n" + one.replace("\n", "\r\n") + "\nlast:\n" + one
    done = kmodtop("report", "-", "--format", "json", stdin=mail.encode())
    assert done.returncode == 0, done.stderr
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["index"] for r in reports] == [0, 1, 2, 3, 4]
    assert all(
        r["duplicates"] == [{"module": "kvm", "count": 3, "reasons": ["becoming"]}] for r in reports
    )
    assert all(r["source"] == "-" and r["schema"] == "kmodtop.report/1" for r in reports)


def test_a_report_of_several_sources():
    done = kmodtop("report", SEED, str(SAMPLES / "states/both.txt"))
    assert done.returncode == 0
    assert done.stdout.count(b"Virtual memory wasted") == 2


def test_options_may_stand_before_the_verb_and_the_verb_may_be_left_out():
    assert (
        kmodtop("--bytes", "raw", "report", SEED).returncode == 2
    )  # a word of an option is no verb
    assert b"14,588,526,272 B " in kmodtop("report", "--bytes", "raw", SEED).stdout
    done = kmodtop(SEED)
    assert done.returncode == 0
    assert b"Virtual memory wasted: 13.59 GiB" in done.stdout
    assert b"on one there is a live view" in done.stderr


def test_a_report_into_a_file(tmp_path):
    out = tmp_path / "report.json"
    assert kmodtop("report", SEED, "--format", "json", "-o", str(out)).stdout == b""
    assert json.loads(out.read_text())["counters"]["failed_load_modules"] == 1411
    done = kmodtop("report", SEED, "-o", str(tmp_path / "no/such/folder"))
    assert done.returncode == 3 and b"cannot be written" in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["report", "{tmp}/not/stats"], 3, "does not exist"),
        (["report", "/"], 3, "is a directory"),
        (["report", "/dev/zero"], 3, "is a device"),
        (["report", str(ROOT / "LICENSE")], 4, "holds no module statistics"),
        (["report", "-"], 4, "it is empty"),
        (["watch", "{tmp}/not/stats"], 3, "does not exist"),
        (["report", "--format", "xml", SEED], 2, "invalid choice"),
        (["watch", "--interval", "0.01"], 2, "from 0.1 to 1,000,000"),
        (["watch", "--speed", "fast"], 2, "is not a speed"),
        (["report", "ssh://me@host.invalid:2222/x"], 3, "try ssh -p 2222 me@host.invalid cat /x"),
    ],
)
def test_every_error_is_told_with_its_exit_code(words, code, says, tmp_path):
    done = kmodtop(*(word.format(tmp=tmp_path) for word in words))
    assert done.returncode == code
    assert says in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    if code != 2:
        assert done.stderr.decode().splitlines()[-1].startswith("kmodtop: ")


def test_good_sources_are_reported_before_the_bad_one_is_complained_of(tmp_path):
    done = kmodtop("report", str(tmp_path / "a"), SEED)
    assert done.returncode == 3
    assert b"13.59 GiB" in done.stdout


def test_a_reader_that_goes_away_is_no_error():
    words = [sys.executable, "-m", "kmodtop", "report", *[SEED] * 400]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENV
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.parametrize(
    "words",
    [["report", SEED], ["doctor", SEED], ["report", str(SAMPLES / "limits/trunc2-many.txt")]],
)
def test_ascii_means_ascii(words):
    done = kmodtop(*words, "--ascii")
    assert done.stdout.isascii()


def test_an_ascii_only_stdout_is_no_error():
    done = kmodtop("report", str(SAMPLES / "hostile/odd-names.txt"), PYTHONIOENCODING="ascii")
    assert done.returncode == 0 and b"Traceback" not in done.stderr


def test_doctor_tells_that_a_sample_can_be_read(tmp_path):
    done = kmodtop("doctor", SEED)
    assert done.returncode == 0
    assert b"it can be read: 67 loads, 1,411 failed requests" in done.stdout
    assert kmodtop("doctor", str(tmp_path / "stats")).returncode == 3


def test_help_and_version():
    for words in (["--help"], ["-h"], ["report", "--help"], ["watch", "-h"], ["doctor", "-h"]):
        assert b"usage: kmodtop" in kmodtop(*words).stdout
    assert kmodtop("--version").stdout.startswith(b"kmodtop 0.")


@pytest.mark.parametrize(
    ("words", "never"),
    [
        (["report", SEED], {"textual", "rich", "watchfiles", "asyncio", "dataclasses", "json"}),
        (["report", SEED, "--format", "json"], {"textual", "rich", "watchfiles", "asyncio"}),
        (["doctor", SEED], {"textual", "rich"}),
    ],
)
def test_what_a_verb_must_not_import(words, never):
    code = (
        "import sys; from kmodtop.cli import main; main(sys.argv[1:]);"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, env=ENV, check=True, timeout=30
    )
    assert never.isdisjoint(done.stderr.decode().split())


def test_core_never_reaches_the_terminal():
    code = """
import importlib, pkgutil, sys, kmodtop_core
for module in pkgutil.walk_packages(kmodtop_core.__path__, "kmodtop_core."):
    importlib.import_module(module.name)
print(*{name.partition(".")[0] for name in sys.modules})
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=ENV, check=True)
    assert {b"textual", b"rich", b"kmodtop"}.isdisjoint(done.stdout.split())


def test_what_was_read_is_not_written_over(tmp_path):
    path = tmp_path / "stats"
    path.write_bytes((SAMPLES / "states/both.txt").read_bytes())
    for verb in ("report", "diff"):
        done = kmodtop(verb, str(path), *([str(path)] * (verb == "diff")), "-o", str(path))
        assert done.returncode == 2 and b"is what was read" in done.stderr
    assert path.read_bytes() == (SAMPLES / "states/both.txt").read_bytes()


def test_sources_may_stand_on_both_sides_of_options():
    done = kmodtop("report", SEED, "--format", "json", str(SAMPLES / "states/both.txt"))
    assert done.returncode == 0 and done.stdout.count(b"kmodtop.report/1") == 2


def test_recording_nothing_is_told(tmp_path):
    done = kmodtop("record", str(tmp_path / "not"), "-o", str(tmp_path / "r"), "--duration", "0.5")
    assert done.returncode == 3 and b"no such file" in done.stderr


def test_a_fault_of_its_own_is_a_sentence_that_names_a_file_with_the_rest(tmp_path):
    code = (
        "import kmodtop_core.reports.report, sys; kmodtop_core.reports.report.snapshots = None\n"
        "from kmodtop.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    done = kmodtop("report", SEED, program=("-c", code), TMPDIR=str(tmp_path))
    assert done.returncode == 70 and done.stderr.count(b"\n") == 1
    assert b"a fault of kmodtop itself (TypeError at " in done.stderr
    (kept,) = tmp_path.iterdir()
    assert str(kept).encode() in done.stderr and "Traceback" in kept.read_text()


def test_a_signal_ends_a_check_with_its_number():
    code = """
import os, signal, sys, threading
import kmodtop.commands.check as check
take = check.in_memory
def begun(version):
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()
    return take(version)
check.in_memory = begun
from kmodtop.cli import main
sys.exit(main(sys.argv[1:]))
"""
    done = kmodtop("check", SEED, "--interval", "20", program=("-c", code))
    assert done.returncode == 143
