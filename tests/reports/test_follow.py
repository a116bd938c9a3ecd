"""kmodtop follow: a line a change, at once, for people and for programs."""

import json
import os
import signal
import subprocess
import sys

import pytest
from support.command import ENV, kmodtop
from support.samples import SAMPLES, dup, gap, sample, stats

from kmodtop_core.reports.follow import Follower, change_object, change_text
from kmodtop_core.sample import Host
from kmodtop_core.stats.parse import render
from kmodtop_core.tracking.tracker import Tracker


def news(*items):
    tracker, follower = Tracker(), Follower()
    frames = [tracker.observe(item) for item in items]
    return [frame for frame in frames if follower.is_news(frame)]


def test_each_change_is_a_line_and_nothing_else_is(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    first, grown = stats(dup("kvm", 3)), stats(dup("evdev", 1), dup("kvm", 5), modcount=6)
    frames = news(sample(0, first), sample(1, first), sample(2, grown), gap(3), gap(4),
                  sample(5, grown), sample(6, stats(modcount=1)))  # fmt: skip
    assert [change_text(frame).split("  ", 1)[1] for frame in frames] == [
        "now 2.93 KiB wasted, 3 failed, 5 loads",
        "5.86 KiB wasted (+2.93 KiB, 2.93 KiB/s), 6 failed (+3), 6 loads (+1): kvm +2, evdev +1",
        "no data: missing: gone; wait",
        "data again: 5.86 KiB wasted (+0 B), 6 failed (+0)",
        "a new boot: 0 B wasted, 0 failed, 1 loads",
    ]
    assert [frame.event for frame in frames] == ["first", "change", "gap", "back", "reset"]


def test_the_keys_of_the_contract():
    first, grown = stats(dup("kvm", 3)), stats(dup("kvm", 5))
    one, two = map(change_object, news(sample(0, first), sample(2, grown)))
    assert one["event"] == "first" and one["delta_s"] is None and one["counters"] == {}
    assert one["virtual_mem_wasted_bytes"] == {"value": 3000, "delta": None, "rate": None}
    assert two == {
        "schema": "kmodtop.change/1",
        "at": "2023-11-14T22:13:22.000+00:00",
        "uptime_s": 2,
        "delta_s": 2,
        "counters": {
            "failed_becoming": {"value": 5, "delta": 2},
            "invalid_becoming_bytes": {"value": 5000, "delta": 2000},
        },
        "virtual_mem_wasted_bytes": {"value": 5000, "delta": 2000, "rate": 1000.0},
        "growing": [{"module": "kvm", "count": 5, "delta": 2, "reasons": ["becoming"]}],
        "event": "change",
    }


def test_hostile_names_are_harmless():
    host = Host(boot_id="b")
    frames = news(sample(0, stats(), host), sample(1, stats(dup("\x1b[31mred", 1)), host))
    assert "\x1b" not in change_text(frames[1]) and r"\x1b[31mred" in change_text(frames[1])


def test_lines_come_at_once_and_end_after_so_many(tmp_path):
    path = tmp_path / "stats"
    path.write_bytes(sample(0, stats(dup("kvm", 1))).text)
    words = [sys.executable, "-m", "kmodtop", "follow", str(path), "--format", "json"]
    with subprocess.Popen([*words, "--count", "2"], env=ENV, stdout=subprocess.PIPE) as process:
        assert json.loads(process.stdout.readline())["event"] == "first"
        path.write_bytes(sample(0, stats(dup("kvm", 4))).text)
        line = json.loads(process.stdout.readline())
        assert line["growing"][0]["delta"] == 3
        assert process.wait(10) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_with_its_number(number):
    path = SAMPLES / "states/both.txt"
    words = [sys.executable, "-m", "kmodtop", "follow", str(path)]
    with subprocess.Popen(words, env=ENV, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        process.send_signal(number)
        assert process.wait(10) == 128 + number


def test_a_series_is_followed_to_its_end_in_ascii():
    path = str(SAMPLES / "series/boot-udev-32cpu-noidem.jsonl")
    done = kmodtop("follow", path, "--speed", "500", "--ascii")
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 0 and done.stdout.isascii() and len(lines) == 38
    assert "63.80 MiB wasted" in lines[-1] and "416 failed" in lines[-1]


def test_textual_is_not_imported():
    code = (
        "import sys; from kmodtop.cli import main; main(sys.argv[1:]);"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    words = [sys.executable, "-c", code, "follow", str(SAMPLES / "states/both.txt"), "--count", "1"]
    done = subprocess.run(words, capture_output=True, env=ENV, check=True, timeout=30)
    assert {"textual", "rich", "sqlite3"}.isdisjoint(done.stderr.decode().split())


def test_a_pipe_that_is_fed_slowly_loses_no_text():
    import threading

    from kmodtop_core.sources.stream import Stream

    ours, theirs = os.pipe()
    stop, seen = threading.Event(), []
    doubtful = [  # a table that does not account for all failures may still be being written
        render(stats(dup("kvm", 2), failed_becoming=9, modcount=number)) for number in range(4)
    ]
    items = Stream(ours, "pipe", 1.0).items(stop)
    next(items)
    for text in doubtful:
        os.write(theirs, text)
        seen.append(next(items))  # unsettled, once it is quiet for a moment
    os.close(theirs)
    seen += items
    os.close(ours)
    settled = [item.text for item in seen if item.settled]
    assert list(dict.fromkeys(settled)) == doubtful
