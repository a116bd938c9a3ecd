"""The terminal's owner by itself, and the ways out."""

import os
import select
import signal
import termios

import pytest

from kmodtop.process.terminal import Terminal as Owner

# ---- the owner by itself ---------------------------------------------------


@pytest.fixture
def pty_pair():
    master, slave = os.openpty()
    yield master, slave
    os.close(master)
    os.close(slave)


def drained(master):
    data = b""
    while select.select([master], [], [], 0.05)[0]:
        data += os.read(master, 65536)
    return data


def test_after_it_was_given_back_nothing_can_be_painted(pty_pair):
    master, slave = pty_pair
    before = termios.tcgetattr(slave)
    owner = Owner(slave)
    owner.take()
    owner.enter("\x1b[?1049h", "\x1b[?1049l")
    owner.write("picture")
    owner.give_back()
    owner.write("another")
    owner.enter("\x1b[?1000h", "\x1b[?1000l")
    owner.take()
    owner.give_back()
    assert drained(master) == b"\x1b[?1049hpicture\x1b[?1049l"
    assert owner.fileno() == -1 and termios.tcgetattr(slave) == before


def test_writing_never_blocks_and_what_waits_goes_out_in_order(pty_pair):
    master, slave = pty_pair
    owner, told = Owner(slave), []
    owner.on_wait = told.append
    owner.take()
    text = "".join(f"{number:06}" for number in range(20_000))
    for start in range(0, len(text), 1000):
        owner.write(text[start : start + 1000])
    assert owner.is_stalled and told[0] is True
    seen = b""
    while owner.is_stalled:
        seen += drained(master)
        owner.send_waiting()
    seen += drained(master)
    assert seen.decode() == text and told[-1] is False
    owner.give_back()


def test_more_than_a_mebibyte_is_dropped_and_all_is_painted_anew(pty_pair):
    _, slave = pty_pair
    owner = Owner(slave)
    owner.take()
    owner.is_stale = False
    for _ in range(40):
        owner.write("x" * 50_000)
    assert owner.is_stale and sum(map(len, owner._waiting)) <= 1 << 20
    owner.give_back()


def test_a_mode_is_undone_in_reverse_order_and_set_again_after_a_stop(pty_pair):
    master, slave = pty_pair
    owner = Owner(slave)
    owner.take()
    owner.enter("<a", "a>")
    owner.enter("<b", "b>")
    owner.enter("<a", "a>")
    owner.leave()
    owner.take()
    owner.give_back()
    assert drained(master) == b"<a<bb>a><a<bb>a>"


def test_a_terminal_that_may_not_be_opened_anew_is_written_to_without_blocking(
    pty_pair, monkeypatch
):
    master, slave = pty_pair
    monkeypatch.setattr("kmodtop.process.terminal._open", lambda number: (os.dup(number), True))
    owner = Owner(slave)
    owner.take()
    owner.write("y" * 100_000)
    assert owner.is_stalled
    assert owner.read() == b"" and not owner.is_gone
    os.write(master, b"k")
    assert select.select([owner.fileno()], [], [], 2)[0] and owner.read() == b"k"
    owner.give_back()


def test_a_terminal_that_is_gone_is_noted_and_ends_every_loop(pty_pair):
    master, slave = os.openpty()
    owner = Owner(slave)
    owner.take()
    os.close(master)
    assert owner.read() == b"" and owner.is_gone
    owner.write("nobody reads this")
    assert not owner.is_stalled and owner.size() is None
    owner.give_back()
    os.close(slave)


# ---- the end ---------------------------------------------------------------


def test_a_second_signal_does_not_disturb_the_end(pty_pair):
    import asyncio

    from kmodtop.process.ending import Ending

    before = {n: signal.getsignal(n) for n in range(1, signal.NSIG) if n not in (9, 19, 32, 33)}
    loop, finished = asyncio.new_event_loop(), []
    try:
        ending = Ending(Owner(pty_pair[1]), lambda: finished.append(True))
        ending.attend(lambda number: loop.call_soon_threadsafe(print, number))
        loop.close()
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGHUP)
        ending.over()
        assert ending._last is not None and ending._last.finished.is_set()
    finally:
        for number, handler in before.items():
            if handler is not None:
                signal.signal(number, handler)
        loop.close()
    assert not finished
