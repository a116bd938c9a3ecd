"""What a terminal sends, as messages: nothing of it ends the program, nothing is lost."""

from itertools import count
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual import events

from kmodtop.app.keyboard import Keyboard, Typed, gathered

_LATER = count(1e12, 10)
"""A clock on which much time passes between any two looks."""


def told(keys, data):
    """What the bytes amount to, by name."""
    names = []
    for message in gathered(keys.feed(data)):
        if isinstance(message, Typed):
            names.append([key.key for key in message.keys])
        elif isinstance(message, events.Paste):
            names.append(("paste", message.text))
        else:
            names.append(type(message).__name__)
    return names


def ticked(keys):
    """What is told when nothing has come for a while."""
    with patch("textual._parser.get_time", side_effect=_LATER.__next__):
        messages = list(keys.tick())
    return [
        ("paste", m.text) if isinstance(m, events.Paste) else getattr(m, "key", type(m).__name__)
        for m in messages
    ]


@pytest.mark.parametrize("byte", [b"\xe9", b"\xff", b"\xff\xfe\x80", b"\xc3", b"\xed\xa0\x80"])
def test_what_is_no_utf_8_is_passed_over(byte):
    assert told(Keyboard(), byte + b"q") == [["q"]]


def test_a_character_may_come_in_parts():
    keys = Keyboard()
    assert told(keys, b"\xc3") == []
    assert told(keys, b"\xa9") == [["é"]]


def test_keys_that_came_together_are_one_message():
    assert told(Keyboard(), b"jjk\x1b[Bq") == [["j", "j", "k", "down", "q"]]


def test_an_old_mouse_report_beyond_column_95_is_no_trouble():
    keys = Keyboard()
    told(keys, b"\x1b[M \xe9\xf0")
    ticked(keys)
    assert told(keys, b"q")[-1][-1] == "q"


def test_of_moves_of_the_mouse_in_a_row_the_last_is_handed_over():
    moves = b"".join(b"\x1b[<32;%d;5M" % column for column in range(1, 40))
    assert told(Keyboard(), b"a" + moves + b"b") == [["a"], "MouseMove", ["b"]]


def test_an_escape_alone_is_a_key_after_a_moment():
    keys = Keyboard()
    assert told(keys, b"\x1b") == [] and keys.patience is not None
    assert ticked(keys) == ["escape"]


def test_a_paste_is_one_message_however_it_is_cut():
    whole = b"a\x1b[200~two\nlines\x1b[201~b"
    for cut in range(1, len(whole)):
        keys = Keyboard()
        found = told(keys, whole[:cut]) + told(keys, whole[cut:])
        assert ("paste", "two\nlines") in found, cut
        typed = [key for part in found if isinstance(part, list) for key in part]
        assert typed == ["a", "b"], (cut, found)


def test_a_paste_whose_end_is_lost_is_given_up():
    keys = Keyboard()
    assert told(keys, b"\x1b[200~half of it") == []
    assert keys.is_pasting and keys.patience == 1.0
    assert ticked(keys) == [("paste", "half of it")]
    assert not keys.is_pasting and told(keys, b"q\x03") == [["q", "ctrl+c"]]


def test_what_is_too_long_for_a_paste_is_passed_over_and_is_no_keys():
    keys = Keyboard()
    assert told(keys, b"\x1b[200~" + b"q" * 150_000) == []
    assert told(keys, b"q" * 100_000) == [] and len(keys._paste) < 300
    ((kind, pasted), typed) = told(keys, b"qqq\x1b[20") + told(keys, b"1~z")
    assert kind == "paste" and len(pasted) == 256 and typed == ["z"]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=6))
def test_no_bytes_end_it(chunks):
    keys = Keyboard()
    for chunk in chunks:
        told(keys, chunk)
    for _ in range(3):
        ticked(keys)
    told(keys, b"q")  # may end a character of which a part had come
    assert told(keys, b"q") == [["q"]]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [b"\x1b[", b"<", b"0;", b"5", b"M", b"m", b"\x1b", b"[200~", b"[201~", b"?2026;2$y",
             b"u", b"O", b"A", b"\x1b[M", b"\xff", b"99999999999999999999;", b"~", b"\x00", b"I"]
        ),
        max_size=12,
    )
)  # fmt: skip
def test_no_broken_sequence_ends_it(parts):
    keys = Keyboard()
    told(keys, b"".join(parts))
    for _ in range(3):
        ticked(keys)
    told(keys, b"q")
    assert told(keys, b"q") == [["q"]]


def test_two_escapes_in_a_row_are_two_keys_and_the_keyboard_goes_on():
    keys = Keyboard()
    found = told(keys, b"\x1b\x1b")
    assert [*found, *ticked(keys), *ticked(keys)].count("escape") == 2
    assert told(keys, b"q\x03") == [["q", "ctrl+c"]]


async def test_what_cannot_be_shown_is_not_typed_into_the_prompt():
    from support.live import TABLE, drive
    from support.samples import sample

    async with drive(sample(0, TABLE)) as app:
        await app.press("slash")
        prompt = app.app.screen.prompt
        prompt.type_in("e\u0301\x1bx\u202ey")
        assert prompt.input.value == "exy"
