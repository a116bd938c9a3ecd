"""What holds for any statistics and any bytes."""

from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st
from support.samples import SAMPLES, dup, sample, stats

from kmodtop_core.errors import Trouble
from kmodtop_core.plain import _cells as cells_of_a_character
from kmodtop_core.plain import clip, fit, harmless, width
from kmodtop_core.sample import Gap, Instant
from kmodtop_core.stats import parse as parsing
from kmodtop_core.stats.format import buffer_limit
from kmodtop_core.stats.parse import NoStatistics, parse, render, split
from kmodtop_core.stats.values import COUNTERS, Duplicate, FailReason, ModuleStats
from kmodtop_core.tracking.tracker import Tracker
from kmodtop_core.units import size

names = st.text(st.characters(codec="utf-8", exclude_characters="\0 \t\n"), min_size=1, max_size=13)
rows = st.builds(Duplicate, names, st.integers(1, 2**64 - 1), st.integers(0, 3).map(FailReason))
counter = st.integers(0, 2**32 - 1)
byte_counter = st.integers(0, 2**64 - 1)
anything = st.builds(
    ModuleStats,
    **{name: counter if i < 5 else byte_counter for i, name in enumerate(COUNTERS)},
    duplicates=st.lists(rows, max_size=120, unique_by=lambda row: row.module).map(tuple),
)


@given(anything)
def test_what_was_not_cut_is_read_back_as_it_was(what):
    text = render(what)
    (block,) = parse(text)
    if len(text) < buffer_limit(what.failures) and len(what.duplicates) <= 111:
        assert block.stats == what
        assert not block.missing
    else:
        assert block.stats._replace(duplicates=()) == what._replace(duplicates=())
        assert block.stats.duplicates == what.duplicates[: len(block.stats.duplicates)]


@given(anything, st.data())
def test_any_part_of_a_text_is_read_without_inventing_numbers(what, data):
    text = render(what)
    begin = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(begin, len(text)))
    try:
        blocks = parse(text[begin:end])
    except NoStatistics:
        return
    shown = text.decode("utf-8", "surrogateescape")
    for row in blocks[-1].stats.duplicates:
        assert str(row.times) in shown


@given(st.binary(max_size=4000))
def test_garbage_is_an_answer_or_a_sentence(data):
    try:
        assert parse(data)
    except NoStatistics as none:
        assert str(none)
    assert b"".join(split(data)) in data


pieces = [path.read_bytes() for path in sorted((SAMPLES / "states").glob("b*.txt"))]


@given(st.lists(st.sampled_from(pieces) | st.binary(max_size=80), min_size=1, max_size=5))
@settings(max_examples=50)
def test_texts_among_garbage_are_all_found(parts):
    data = b"\n\n".join(parts)
    expected = sum(part in pieces for part in parts)
    if expected:
        assert len(parse(data)) >= expected


@given(
    st.lists(
        st.tuples(st.floats(0.05, 5), st.sampled_from(["grow", "same", "gap", "reset", "junk"])),
        max_size=30,
    )
)
@settings(max_examples=60)
def test_the_tracker_never_goes_back_in_time_and_never_counts_what_did_not_happen(steps):
    tracker, at, count = Tracker(), 0.0, 0
    last = 0.0
    for wait, what in steps:
        at += wait
        count = {"grow": count + 3, "reset": 0}.get(what, count)
        row = (Duplicate("kvm", count, FailReason.LOAD),) if count else ()
        text = (
            b"junk"
            if what == "junk"
            else render(ModuleStats(modcount=count + 1, failed_load_modules=count, duplicates=row))
        )
        item = Gap(Instant(at), Trouble("gone", "gone")) if what == "gap" else sample(at, text)
        frame = tracker.observe(item)
        assert frame.now >= last
        last = frame.now
        assert all(row.since_start >= 0 and row.delta >= 0 for row in frame.rows)
        if frame.block:
            assert sum(row.count for row in frame.rows if not row.fallen) <= max(
                count, frame.block.stats.failures
            )


@given(st.text())
def test_harmless_text_is_printable_and_keeps_its_plain_characters(text):
    shown = harmless(text)
    assert shown.isprintable()
    assert not any(
        0x202A <= ord(char) <= 0x2069 and not 0x2030 <= ord(char) <= 0x205E for char in shown
    )
    if text.isascii() and text.isprintable():
        assert shown == text


@given(st.text(), st.integers(0, 40), st.booleans())
def test_text_fits_into_its_cells(text, cells, right):
    shown = harmless(text)
    assert width(clip(shown, cells)) <= cells
    assert width(fit(shown, cells, right)) == cells


@given(st.floats(0, 2**64), st.sampled_from(["iec", "si", "raw"]))
def test_sizes_are_short(value, units):
    assert len(size(value, units)) <= (30 if units == "raw" else 9)


odd_names = st.binary(min_size=1, max_size=60).filter(lambda name: b"\0" not in name)


@given(anything, st.lists(odd_names, max_size=4), st.data())
def test_rows_that_are_known_by_their_bytes_are_read_as_if_they_were_not(what, odd, data):
    names = [name.decode("utf-8", "surrogateescape") for name in odd]
    rows = [*what.duplicates, *(Duplicate(name, 5, FailReason(1)) for name in names)]
    text = render(what._replace(duplicates=tuple(data.draw(st.permutations(rows)))))
    text = text[: data.draw(st.integers(0, len(text)))] if data.draw(st.booleans()) else text

    def read():
        try:
            return parse(text)
        except NoStatistics as none:
            return str(none)

    quick = read(), read()
    with mock.patch.object(parsing, "_read_plain_rows", lambda data, found: None):
        assert quick == (read(),) * 2


@given(st.text(max_size=30))
def test_text_that_is_plainly_narrow_is_as_wide_as_its_characters(text):
    plain = harmless(text)
    assert width(plain) == sum(map(cells_of_a_character, plain))


@given(st.integers(20, 30), st.integers(10, 20), st.integers(0, 4))
def test_rows_of_other_widths_are_read_as_if_none_were_known(name, count, reason):
    what = stats(dup("kvm", 3), dup("evdev", 4))
    odd = b"%*s\t%*d\t%*s\n" % (name, b"module", count, 5, 66 - name - count - reason, b"Becoming")
    text = render(what) + odd
    quick = parse(text), parse(text)
    with mock.patch.object(parsing, "_read_plain_rows", lambda data, found: None):
        assert quick == (parse(text),) * 2
