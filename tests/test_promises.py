"""Promises that docstrings make, each kept by a test of a few lines."""

import unicodedata

from support.samples import dup, gap, sample, stats

from kmodtop.session.channel import Channel
from kmodtop.view.panels.host_list import order
from kmodtop.view.scene import HostRow
from kmodtop.view.view import Choice, Situation, Source, View
from kmodtop_core.errors import Exit, SourceError, Trouble
from kmodtop_core.plain import clip_left, harmless, harmless_lines
from kmodtop_core.recording.recorder import in_memory
from kmodtop_core.recording.tape import HOLE_S, Tape
from kmodtop_core.sample import Host, Instant, Sample
from kmodtop_core.sources.pacing import Pace
from kmodtop_core.tracking.history import Series
from kmodtop_core.tracking.tracker import Tracker

HOST = Host("here", "6.12", 4, "boot-1")


def at(uptime, wall, boot, what=None):
    text = sample(0, what or stats(dup("kvm", 1))).text
    return Sample(Instant(uptime, wall), text, Host(boot_id=boot))


def test_the_wall_clock_bridges_the_downtime_of_a_reboot():
    tracker = Tracker()
    tracker.observe(at(500.0, 1000.0, "a"))
    tracker.observe(at(600.0, 1100.0, "a"))
    # Down for 40 seconds by the wall, and up again for two.
    frame = tracker.observe(at(2.0, 1142.0, "b", stats(dup("kvm", 5))))
    assert frame.event == "reset" and frame.now == 142.0


def test_without_a_wall_clock_a_reboot_is_a_second_on_the_time_line():
    tracker = Tracker()
    tracker.observe(at(500.0, None, "a"))
    assert tracker.observe(at(2.0, None, "b")).now == 1.0


def test_a_gap_within_a_bucket_does_not_wipe_its_value():
    series = Series(width=1.0)
    series.add(5.1, (7,) * 5)
    series.add(5.2, None)
    series.add(6.5, (9,) * 5)
    assert series.at([5.1]) == [(7,) * 5]


def test_that_a_text_stands_is_noted_every_ten_seconds():
    recorder = in_memory("0")
    item = sample(0, stats(dup("kvm", 1)), HOST)
    noted = []
    for second in range(26):
        recorder.write(item._replace(at=Instant(float(second))))
        noted.append(recorder._store.one("u", "SELECT until FROM sample"))
    assert noted[9] == 0 and noted[10] == 10 and noted[19] == 10 and noted[20] == 20


def test_quiet_sources_are_read_at_a_slower_pace_and_lively_ones_at_the_usual_one():
    pace = Pace(0.1, 2.0)
    text = sample(0, stats(dup("kvm", 1)))
    waits = [pace.after(text) for _ in range(20)]
    assert waits[0] == 0.1 and waits == sorted(waits) and waits[-1] == 2.0
    assert pace.after(sample(1, stats(dup("kvm", 2)))) == 0.1
    assert Pace(1.0, None).after(gap(0)) == 1.0


def test_combining_marks_do_not_get_through():
    assert harmless("ka\u0301\u0488m") == "ka\\u0301\\u0488m"
    for code in range(0x110000):
        char = chr(code)
        if unicodedata.category(char)[0] in "MCZ" and char != " ":
            assert harmless(char) != char, hex(code)
    assert harmless_lines("a\n\tb\x1b[2J\u202e") == "a\n\tb\\x1b[2J\\u202e"


def test_the_end_of_a_path_is_what_is_left_of_it():
    assert clip_left("/a/long/path/stats", 8) == "…h/stats"
    assert clip_left("short", 8) == "short"


def test_the_order_of_hosts_is_turned_round():
    hosts = [
        HostRow(name, Tracker().observe(sample(0, stats(dup("kvm", times)))))
        for name, times in (("a", 5), ("b", 9), ("c", 2))
    ]
    view = View(Situation(Source("", "polled")), Choice(host_sort="wasted"))
    assert order(hosts, view) == [1, 0, 2]
    turned = View(Situation(Source("", "polled")), Choice(host_sort="wasted", reverse=True))
    assert order(hosts, turned) == [2, 0, 1]


def test_a_source_that_does_not_answer_is_told_of_after_three_intervals_and_a_second():
    channel = Channel(Source("x", "polled", interval=2.0), None)
    channel.heard = 100.0
    assert channel.overdue(106.9) == 0.0 and channel.overdue(107.1) > 7.0
    channel.ended = True
    assert channel.overdue(200.0) == 0.0
    assert Channel(Source("x", "series"), None).overdue(1e6) == 0.0


def test_a_hole_in_a_recording_is_told_from_fifteen_seconds_on():
    recorder = in_memory("0")
    recorder.write(sample(0, stats(dup("kvm", 1)), HOST))
    recorder.write(sample(100, stats(dup("kvm", 2)), HOST))
    recorder.note_stay()
    tape = Tape(recorder.recording, recorder.recording.boots()[0])
    assert HOLE_S == 15.0
    assert tape.tracker(14.9).latest.gap is None
    assert tape.tracker(15.1).latest.gap.why.code == "not-recorded"


def test_a_rate_is_told_only_over_the_usual_second():
    tracker = Tracker()
    tracker.observe(sample(0, stats(dup("kvm", 1))))
    early = tracker.observe(sample(0.06, stats(dup("kvm", 411))))
    assert early.rows[0].recent == 410 and early.rows[0].rate is None
    assert early.wasted_rate is None
    late = tracker.observe(sample(1.0, stats(dup("kvm", 421))))
    assert late.rows[0].rate is not None and late.wasted_rate is not None


def test_a_trouble_is_composed_once_and_nothing_in_it_is_raw():
    why = Trouble("missing", "is \x1b[2J gone", "look\nelsewhere", "ho\u202est")
    assert why.sentence == "ho\\u202est: is \\x1b[2J gone; look\\nelsewhere"
    assert why.told == "is \\x1b[2J gone; look\\nelsewhere"
    assert Trouble("x", "only this").sentence == "only this"
    assert SourceError(why).status == Exit.UNREADABLE == 3


def test_nothing_that_a_panel_forgot_gets_onto_the_screen():
    from kmodtop.view.lines import Span, crop, text_of

    line = (Span("plain "), Span("\x1b[2J\ud800\u202e\x9b"))
    assert text_of(crop(line, 80, "…")) == "plain \\x1b[2J\\ud800\\u202e\\x9b"


def test_when_a_storm_begins_and_is_over_is_told_once():
    from kmodtop_core.diagnosis.storms import StormWatch

    tracker, watch, told = Tracker(), StormWatch(), []
    counts = [1, 1, 5, 9, 9, *[9] * 12, 12]
    for second, times in enumerate(counts):
        told.append(watch.observe(tracker.observe(sample(second, stats(dup("kvm", times))))))
    assert [second for second, sentence in enumerate(told) if sentence] == [2, 14, 17]
    assert told[2] == "a storm of failures began 2.0 s after boot"
    assert told[14].startswith("the storm is over, 3.0 s after boot: 8 failed requests, 7.81 KiB")
    assert told[14].endswith("kvm 8") and "began" in told[17]
    assert "had not ended when the recording did" in watch.ended(is_over=False)
    assert watch.ended() == ""
