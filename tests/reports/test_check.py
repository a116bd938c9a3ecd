"""A check: what passes, what fails, what nobody knows; and the formats of those who run tests."""

import json
import xml.etree.ElementTree as Xml
from itertools import product

import pytest
from support.command import kmodtop
from support.recordings import HERE, record
from support.samples import SAMPLES, dup, gap, sample, stats
from support.schemas import breaches

from kmodtop_core.errors import Trouble
from kmodtop_core.recording.recorder import in_memory
from kmodtop_core.reports.check import (
    GROWTH,
    Case,
    Limits,
    Status,
    exit_status,
    judged,
    unjudged,
)
from kmodtop_core.reports.check_formats import FORMATS, Checked

BOTH = str(SAMPLES / "states/both.txt")
UDEV = str(SAMPLES / "who/a_udev")
CUT = SAMPLES / "limits/trunc2-many.txt"


def cases_of(limits, *items):
    recorder = in_memory("0")
    for item in items:
        recorder.write(item)
    recorder.note_stay()
    (*_, boot) = recorder.recording.boots()
    return judged(recorder.recording, boot, limits)


def status_of(limits, *items):
    (case,) = cases_of(limits, *items)
    return case.status


def failing(at, times):
    return sample(at, stats(dup("kvm", times)), HERE)


# ---- limits ----------------------------------------------------------------------


def test_a_limit_itself_is_not_passed():
    for limits, is_more in (
        (Limits(wasted=3000), Limits(wasted=2999)),
        (Limits(failures=3), Limits(failures=2)),
        (Limits(duplicates=3), Limits(duplicates=2)),
    ):
        assert status_of(limits, failing(0, 3)) is Status.PASSED
        assert status_of(is_more, failing(0, 3)) is Status.FAILED


def test_each_limit_has_a_case_under_its_own_name():
    found = cases_of(Limits(1, 1, 1, 1), failing(0, 3), failing(10, 4))
    assert [case.name for case in found] == [
        "max-wasted", "max-failures", "max-duplicates", "max-rate",
    ]  # fmt: skip
    assert [case.found for case in found] == [4000, 4, 4, 100.0]
    assert "4 loads failed, more than 1" in found[1].sentence


def test_without_limits_nothing_may_fail_while_it_is_looked_at():
    (still,) = cases_of(Limits(), failing(0, 3), failing(10, 3))
    assert (still.name, still.status) == (GROWTH, Status.PASSED)
    assert status_of(Limits(), failing(0, 3), failing(10, 4)) is Status.FAILED
    assert status_of(Limits(), failing(0, 3)) is Status.SKIPPED


def test_a_failure_that_wastes_nothing_is_one():
    one, two = (sample(n, stats(failed_kreads=n), HERE) for n in (0, 1))
    assert status_of(Limits(), one, two) is Status.FAILED
    assert status_of(Limits(failures=0), two) is Status.FAILED


def test_a_rate_is_that_of_the_last_minute():
    storm = (failing(0, 0), failing(10, 500), failing(100, 500), failing(160, 500))
    assert status_of(Limits(rate=0), *storm) is Status.PASSED
    assert status_of(Limits(rate=0), *storm[:2]) is Status.FAILED
    (case,) = cases_of(Limits(rate=0), *storm[:3], failing(160, 560))
    assert case.found == 1000.0  # 60 failures of 1,000 bytes each within 60 s


def test_what_a_reset_took_away_is_no_growth_and_what_came_after_it_is():
    reset = (failing(0, 500), failing(10, 2), failing(20, 2))
    assert status_of(Limits(), *reset) is Status.PASSED
    assert status_of(Limits(), *reset, failing(30, 3)) is Status.FAILED


def test_gaps_and_texts_that_hold_nothing_are_passed_over():
    items = (failing(0, 3), gap(5), sample(7, b"nothing\n", HERE), failing(10, 3))
    assert status_of(Limits(), *items) is Status.PASSED


# ---- what nobody knows --------------------------------------------------------------


def test_a_cut_table_passes_only_where_all_failures_are_within_the_limit():
    text = CUT.read_bytes()
    shown = 1_000_000
    (case,) = cases_of(Limits(duplicates=shown), sample(0, text, HERE))
    assert case.status is Status.PASSED and "at most" in case.sentence
    (case,) = cases_of(Limits(duplicates=0), sample(0, text, HERE))
    assert case.status is Status.FAILED
    rows = case.found
    (case,) = cases_of(Limits(duplicates=int(rows)), sample(0, text, HERE))
    assert (case.status, case.found) == (Status.SKIPPED, None)
    assert "at least" in case.sentence and "at most" in case.sentence


def test_a_counter_that_is_missing_passes_nothing_but_fails_by_what_is_there(tmp_path):
    text = (SAMPLES / "states/both.txt").read_text().replace("failed on kread", "lost")
    item = sample(0, text.encode(), HERE)
    (case,) = cases_of(Limits(failures=1000), item)
    assert case.status is Status.SKIPPED and "failed_kreads" in case.sentence
    assert status_of(Limits(failures=100), item) is Status.FAILED


def test_bytes_that_are_none_pass_nothing():
    item = sample(0, stats(invalid_kread_bytes=(1 << 64) - 2), HERE)
    assert status_of(Limits(wasted=1 << 61), item) is Status.SKIPPED


def test_what_no_trace_tells_is_said(tmp_path):
    done = kmodtop("check", str(SAMPLES / "stock/udev-16cpu"), "--max-failures", "100000")
    assert done.returncode == 0 and b"at the stages that a trace tells" in done.stdout


def test_the_exit_status_is_that_of_the_worst():
    def one(status):
        return Case("x", status, "")

    for a, b in product(Status, Status):
        expected = 1 if Status.FAILED in (a, b) else 0 if {a, b} == {Status.PASSED} else 3
        assert exit_status([one(a), one(b)]) == expected


# ---- formats -----------------------------------------------------------------------

HOSTILE = "a\x1b[31m]]><&\"' %0A::error::\n\x00# SKIP no\ud800"


def checked(*statuses, source=HOSTILE):
    cases = [Case(f"case-{n}", status, HOSTILE, "bytes", 1, 2) for n, status in enumerate(statuses)]
    return Checked(source, None, cases)


@pytest.mark.parametrize("form", FORMATS)
def test_whatever_a_source_is_called_it_stays_within_the_format(form):
    text = FORMATS[form](checked(*Status))
    text.encode()
    assert "\x1b" not in text and "\x00" not in text
    if form == "ktap":
        lines = text.splitlines()
        assert text.isascii() and lines[:2] == ["KTAP version 1", "1..4"]
        assert lines[2].startswith("# a")  # the source
        results = [line for line in lines[2:] if not line.startswith("# ")]
        assert [line.partition(" case")[0] for line in results] == [
            "ok 1", "not ok 2", "ok 3", "not ok 4",
        ]  # fmt: skip
        assert [line.count("#") for line in results] == [0, 0, 1, 1]
        assert " # SKIP " in results[2] and " # ERROR " in results[3]
    if form == "github":
        commands = [line for line in text.splitlines() if line.startswith("::")]
        assert [line[2:].partition(" ")[0] for line in commands] == ["error", "warning", "error"]
        assert all("%250A::error" in command for command in commands)
        assert "\n::" not in text.replace(f"\n{commands[0]}", "").replace(f"\n{commands[1]}", "") \
            .replace(f"\n{commands[2]}", "")  # fmt: skip


def test_junit_counts_and_names_what_came_out():
    suites = Xml.fromstring(FORMATS["junit"](checked(*Status)))  # noqa: S314 - of our own making
    (suite,) = suites
    assert suite.attrib | {"name": ""} == {
        "name": "", "tests": "4", "failures": "1", "errors": "1", "skipped": "1",
    }  # fmt: skip
    assert [[part.tag for part in case] for case in suite] == [
        ["system-out"], ["failure"], ["skipped"], ["error"],
    ]  # fmt: skip
    assert {case.get("classname") for case in suite} == {"kmodtop.check"}


def test_what_is_not_supported_is_skipped_and_what_is_broken_an_error():
    limits = Limits(wasted=1, rate=1)
    found = unjudged(Trouble("no-kernel-support", "lacks it", "boot another"), limits)
    assert [(case.name, case.status) for case in found] == [
        ("max-wasted", Status.SKIPPED), ("max-rate", Status.SKIPPED),
    ]  # fmt: skip
    (case,) = unjudged(Trouble("permission", "denied", "use sudo"), Limits())
    assert (case.name, case.status, case.sentence) == (GROWTH, Status.ERROR, "denied; use sudo")


# ---- the command -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        ([BOTH, "--max-wasted", "1GiB"], 0, "ok    max-wasted: 35.83 MiB wasted (limit 1.00 GiB)"),
        ([BOTH, "--max-failures", "9"], 1, "FAIL  max-failures: 489 loads failed, more than 9"),
        ([UDEV, "--max-rate", "1KiB/s"], 1, "who   userspace: udev"),
        ([UDEV], 1, "FAIL  growth: 220 loads failed"),
        ([BOTH, "--interval", "0.1"], 0, "ok    growth: nothing failed within"),
        (["-", "--max-duplicates", "5"], 1, "more than 5"),
        (["sim:guest-8", "--max-failures", "5000"], 0, "ok    max-failures"),
    ],
)
def test_statuses_and_lines(words, status, says):
    done = kmodtop("check", *words, stdin=(SAMPLES / "states/both.txt").read_bytes())
    assert done.returncode == status, done.stderr
    assert says in done.stdout.decode() and not done.stderr


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["-"], 2, "is one text, which does not tell whether anything grows"),
        ([UDEV, "--boot", "2"], 2, "it has 1 boot"),
        ([BOTH, "--max-wasted", "much"], 2, "is no size"),
        ([BOTH, "--max-rate", "fast"], 2, "write it as 1MiB/s"),
        ([BOTH, "--max-failures", "-1"], 2, ""),
        (["/nowhere/at/all", "--max-failures", "1"], 3, "does not exist"),
        ([str(SAMPLES / "README.md"), "--max-failures", "1"], 4, "README.md"),
    ],
)
def test_what_cannot_be_checked_is_one_sentence(words, status, says):
    done = kmodtop("check", *words, stdin=b"x")
    assert done.returncode == status and says in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1 and not done.stdout


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "text"])
def test_what_cannot_be_read_is_told_in_the_format_and_on_stderr(form, tmp_path):
    out = tmp_path / "out"
    done = kmodtop("check", "/nowhere/x", "--max-failures", "1", "--format", form, "-o", str(out))
    assert done.returncode == 3 and b"does not exist" in done.stderr and not done.stdout
    text = out.read_text()
    assert "does not exist" in text and "max-failures" in text


def test_json_is_as_its_schema_says(tmp_path):
    path = str(tmp_path / "boot.db")
    record(path, failing(0, 3), failing(10, 9))
    for words in ([UDEV], [BOTH, "--max-wasted", "1"], [path, "--max-rate", "1GiB/s"], ["/no/x"]):
        done = kmodtop("check", *words, "--format", "json")
        (told,) = [json.loads(line) for line in done.stdout.splitlines()]
        assert breaches(told) == []
        assert told["passed"] == (done.returncode == 0)
        assert ("findings" in told) == (done.returncode == 1)


def test_of_several_texts_the_worst_counts(tmp_path):
    path = tmp_path / "texts"
    texts = (SAMPLES / f"states/{name}.txt" for name in ("both", "normal-set"))
    path.write_bytes(b"".join(text.read_bytes() for text in texts))
    done = kmodtop("check", str(path), "--max-wasted", "1MiB", "--max-failures", "1000")
    assert done.returncode == 1
    assert b"FAIL  max-wasted: 35.83 MiB wasted, more than 1.00 MiB, in text 1 of 2" in done.stdout
    assert b"ok    max-failures: " in done.stdout and b"who   " in done.stdout


def test_a_text_that_was_cut_before_its_table_passes_by_no_table(tmp_path):
    lines = (SAMPLES / "limits/rows-once-180.txt").read_text().splitlines(keepends=True)
    table = next(n for n, line in enumerate(lines) if line.startswith("Duplicate"))
    for number in range(5, table - 1):  # before the last average
        path = tmp_path / str(number)
        path.write_text("".join(lines[:number]))
        done = kmodtop("check", str(path), "--max-duplicates", "150")
        assert done.returncode in (1, 3), (number, done.stdout)


def test_sizes_that_look_alike_are_told_apart_and_the_answer_has_the_same_units():
    done = kmodtop("check", BOTH, "--max-wasted", "37569877", "--bytes", "si")
    assert b"37,569,878 B wasted, more than 37,569,877 B" in done.stdout
    assert b"WASTED  37.57 MB" in done.stdout
