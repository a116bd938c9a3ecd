"""The kernel's own text: what is read from it, and that it is written back to the byte."""

import json
import re
from itertools import product

import pytest
from support.samples import SAMPLES, dup, kernel_texts, stats

from kmodtop_core.stats.format import buffer_limit, render_uncut
from kmodtop_core.stats.parse import NoStatistics, parse, render, split
from kmodtop_core.stats.values import AVERAGES, FailReason, ModuleStats


@pytest.mark.parametrize("path", kernel_texts(), ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_kernels_text_is_read_and_written_back_to_the_byte(path):
    text = path.read_bytes()
    (block,) = parse(text)
    assert not block.missing and not block.unknown
    assert block.wasted == block.stats.virtual_mem_wasted_bytes
    if block.cut_row:
        whole_rows = text[: text.rindex(b"\n") + 1]
        assert render_uncut(block.stats) == whole_rows
    else:
        assert render(block.stats) == text


@pytest.mark.parametrize("path", kernel_texts(), ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_text_is_cut_where_the_kernels_buffer_or_row_limit_says_so(path):
    text = path.read_bytes()
    (block,) = parse(text)
    failures = block.stats.failures
    full_buffer = len(text) == 1023 + 64 * min(failures, 112)
    more_modules_than_rows = len(block.stats.duplicates) == 111
    assert block.truncated == (full_buffer or more_modules_than_rows)
    assert (block.cut_row is not None) == (not text.endswith(b"\n"))
    assert (block.other is None) == block.truncated


@pytest.mark.parametrize("path", sorted((SAMPLES / "series").glob("*.jsonl")), ids=lambda p: p.stem)
def test_every_text_of_a_series_is_whole_and_written_back(path):
    for line in path.read_text().splitlines()[1:]:
        entry = json.loads(line)
        if "text" not in entry:
            continue
        text = entry["text"].encode("utf-8", "surrogateescape")
        (block,) = parse(text)
        if not block.cut_row and not any(w.code == "average-mismatch" for w in block.warnings):
            assert render(block.stats) == text


def test_a_count_that_was_cut_is_not_taken_for_a_count():
    rows = [dup(f"module_{i:03}", 119) for i in range(40)]
    text = render(stats(*rows, failed_becoming=30))
    place = text.rindex(b"\t119\t") if text.endswith(b"\t") else text.rindex(b"\n")
    digits_cut = text[: text.index(b"119", place - 30) + 2]
    # The buffer limit moves with the failures: make it end within the last count.
    for failures in range(1, 40):
        whole = stats(*rows, failed_becoming=failures)
        text = render(whole)
        (block,) = parse(text)
        assert all(row.times == 119 for row in block.stats.duplicates)
        if block.cut_row and block.cut_row.times is not None:
            assert block.cut_row.times == 119
    assert digits_cut


def test_a_half_row_says_how_much_of_it_is_known():
    text = (SAMPLES / "limits/trunc2-many.txt").read_bytes()
    (block,) = parse(text)
    assert len(text) == 8191
    assert block.cut_row is not None
    assert block.cut_row.module == "klab_t119"
    assert block.cut_row.times is None or block.cut_row.times == 11
    assert "klab_t119" not in {row.module for row in block.stats.duplicates}
    assert {"row-cut", "truncated-table"} <= {w.code for w in block.warnings}


def test_a_reason_cut_after_becoming_may_be_becoming_and_load():
    rows = tuple(dup(f"m{i:02}", 1, FailReason(3)) for i in range(70))
    for failures in range(1, 70):
        text = render(stats(*rows, failed_becoming=failures))
        (block,) = parse(text)
        assert all(row.reason == FailReason(3) for row in block.stats.duplicates)


def test_a_cut_on_a_rows_end_looks_whole_and_is_still_noticed():
    found = False
    for length, failures in product(range(25, 56), range(5, 50)):
        rows = tuple(dup(f"{i:02}".ljust(length, "x"), 1) for i in range(60))
        text = render(stats(*rows, failed_becoming=failures))
        if text.endswith(b"\n") and len(text) == buffer_limit(failures):
            found = True
            (block,) = parse(text)
            assert block.truncated and block.cut_row is None
    assert found


def test_111_rows_that_account_for_every_failure_are_no_cut():
    rows = [dup(f"m{i:03}", 9) for i in range(111)]
    (block,) = parse(render(stats(*rows)))
    assert not block.truncated and block.other == 0
    assert "row-limit-near" in {w.code for w in block.warnings}
    (block,) = parse(render(stats(*rows, failed_becoming=9 * 112)))
    assert block.truncated and block.other is None


def test_names_hold_any_byte():
    (block,) = parse((SAMPLES / "hostile/odd-names.txt").read_bytes())
    names = [row.module for row in block.stats.duplicates]
    assert "klab_new\nline" in names
    assert "Mods ever loaded\t99" in names
    assert "klab\twith\ttab" in names
    assert block.stats.modcount == 10


@pytest.mark.parametrize(
    ("total", "divisor", "expected"),
    [(10, 3, 4), (9, 3, 3), (1, 2, 1), (2**64 - 1, 2, 0), (0, 5, None), (5, 0, None)],
)
def test_averages_are_rounded_up_and_wrap_as_the_kernels_do(total, divisor, expected):
    what = ModuleStats(invalid_kread_bytes=total, failed_kreads=divisor)
    assert what.average(AVERAGES[2]) == expected


def test_the_seeds_big_table():
    (block,) = parse((SAMPLES / "published/seed-255vcpu-stats-only.txt").read_bytes())
    assert block.stats.failed_load_modules == 1411
    assert block.stats.virtual_mem_wasted_bytes == 14_588_526_272
    assert block.stats.duplicates[0] == dup("kvm_intel", 249, FailReason.LOAD)
    assert (block.stats.failures, block.stats.duplicate_failures, block.other) == (1411, 1411, 0)
    assert block.averages == {"mod_size": 171115, "text_size": 62602, "load_fail": 10339140}


def test_texts_one_after_the_other_are_told_apart_even_when_one_is_cut():
    cut = (SAMPLES / "limits/trunc2-many.txt").read_bytes()
    whole = (SAMPLES / "states/both.txt").read_bytes()
    blocks = parse(cut + whole + whole + cut)
    assert [b.stats.modcount for b in blocks] == [135, 88, 88, 135]
    assert [b.cut_row is not None for b in blocks] == [True, False, False, True]
    assert split(cut + whole + whole) == [cut, whole, whole]


def test_a_text_that_lost_its_last_newline_when_copied_is_whole():
    text = (SAMPLES / "states/both.txt").read_bytes().rstrip(b"\n")
    (block,) = parse(text)
    assert not block.truncated and block.whole and block.other == 8


def test_a_text_that_ends_within_a_row_short_of_the_limit_is_half_written():
    text = (SAMPLES / "states/both.txt").read_bytes()
    (block,) = parse(text[:-40])
    assert block.truncated and not block.whole
    assert "half written" in next(w.message for w in block.warnings if w.code == "row-cut")


def test_byte_counters_near_2_to_the_63_are_no_bytes_of_memory():
    (block,) = parse((SAMPLES / "kread/kread-huge.txt").read_bytes())
    assert [w.code for w in block.warnings] == ["negative-bytes"]


def test_torn_texts_do_not_add_up_and_say_so():
    codes = set()
    for path in (SAMPLES / "torn").glob("torn-100-*.txt"):
        codes |= {w.code for w in parse(path.read_bytes())[0].warnings}
    assert "sum-mismatch" in codes


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "it is empty"),
        (b"\0" * 4096, "it is empty"),
        (b"root:x:0:0:root:/root:/bin/sh\n", "it holds no module statistics"),
        (b"The line Mods ever loaded 67 alone is a sentence.\n", "it holds no module statistics"),
        (
            b"   Modules loaded       67\n  Total module size       11464704\n"
            b"  Total mod text size  4194304\n  Failed kread bytes  890064\n"
            b"  Failed kmod bytes   890064\nFailed modules:\n   kvm_intel\n",
            "early draft",
        ),
    ],
)
def test_what_holds_no_statistics_is_told_in_a_sentence(data, says):
    with pytest.raises(NoStatistics, match=re.escape(says)):
        parse(data)


def test_numbers_that_no_kernel_can_print_do_no_harm():
    text = render(stats(dup("kvm", 3))).replace(b"\t5\n", b"\t" + b"9" * 20 + b"\n")
    (block,) = parse(text)
    assert "bad-value" in {w.code for w in block.warnings}
    with pytest.raises(NoStatistics):
        parse(b"Mods ever loaded " + b"9" * 10000 + b"\n")


def test_a_text_that_ends_near_its_buffers_limit_does_not_eat_the_next():
    for names, times in product(range(3, 56, 4), range(1, 5)):
        rows = tuple(dup(f"{i:02}".ljust(names, "x"), times) for i in range(6))
        text = render(stats(*rows))
        (alone,) = parse(text)
        for after in (
            text,
            b"\n" + text,
            b"root@h:~# \n",
            b"\nmore prose follows here, long enough to matter\n",
        ):
            first, *others = parse(text + after)
            assert first.truncated == alone.truncated or names > 25
            assert first.stats == alone.stats
            assert all(other.stats == alone.stats for other in others)


def test_a_cut_row_with_a_long_name_is_noticed_whatever_follows():
    text = (SAMPLES / "limits/l55-once-23.txt").read_bytes()
    (alone,) = parse(text)
    assert alone.cut_row is not None
    for after in (b"root@h:~# ", b"\n", b"\n---\n"):
        (block,) = parse(text + after)
        assert block.truncated and block.cut_row == alone.cut_row


@pytest.mark.parametrize("foreign", [b"[  123.456789] usb 1-1: new device\n", b"--\n", b"\n"])
def test_a_foreign_line_within_the_table_loses_no_row(foreign):
    lines = (SAMPLES / "limits/bench-50.txt").read_bytes().splitlines(keepends=True)
    (whole,) = parse(b"".join(lines))
    (block,) = parse(b"".join([*lines[:25], foreign, *lines[25:]]))
    assert block.stats == whole.stats
    assert block.other == 0 and not block.truncated


def test_blanks_without_end_take_no_time():
    text = (SAMPLES / "limits/trunc2-many.txt").read_bytes().expandtabs(8)
    assert parse(text + b" " * 5000 + b"1 2x\n" + b"a " * 100_000)
