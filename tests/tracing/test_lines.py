"""Lines of a trace: what the kernel printed, and what only looks like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.samples import SAMPLES

from kmodtop_core.tracing.lines import Line, Odd, read_lines

BEGIN = b"   (udev-worker)-257     [010] .....    20.403870: "


def one(rest, begin=BEGIN):
    found = list(read_lines(begin + rest + b"\n"))
    assert len(found) == 1
    return found[0]


def test_a_probe_has_a_place_and_fields():
    line = one(b'dup: (try_add_failed_module+0x4/0xc0) name="kvm" reason=0 comm="(udev-worker)"')
    assert (line.at, line.pid, line.comm, line.event) == (20.40387, 257, "(udev-worker)", "dup")
    assert line.fields == {"name": "kvm", "reason": "0", "comm": "(udev-worker)"}
    assert line.place == "try_add_failed_module"


def test_the_place_of_a_return_is_who_had_called():
    assert one(b"fload: (__do_sys_init_module+0x17a/0x1b0 <- load_module) ret=-17").place == (
        "__do_sys_init_module"
    )


def test_error_codes_are_numbers_below_zero_however_they_are_printed():
    for printed in (b"-17", b"4294967279", b"18446744073709551599", b"0xffffffef"):
        assert one(b"exitfi: ret=" + printed + b' comm="x"').number("ret") == -17
    assert one(b"ld: (load_module+0x0/0x1f00) len=22736").number("len") == 22736
    assert one(b"ld: (load_module+0x0/0x1f00) len=no").number("len") is None


def test_the_kernels_own_events_are_read_by_their_shape():
    line = one(b"module_request: net-pf-35-proto-2 wait=1 call_site=pn_socket_create [phonet]")
    assert line.fields == {"name": "net-pf-35-proto-2", "call_site": "pn_socket_create [phonet]"}
    line = one(b"sched_process_fork: comm=a b pid=1 pid=213 child_comm=x child_pid=214")
    assert line.fields == {"comm": "a b pid=1", "pid": "213", "child": "214"}


def test_what_was_lost_is_counted():
    assert list(read_lines(b"CPU:2 [LOST 123 EVENTS]\n")) == [Odd(123)]
    assert list(read_lines(b"# entries-in-buffer/entries-written: 7/10   #P:8\n")) == [Odd(3)]
    assert list(read_lines(b"# entries-in-buffer/entries-written: 7/7   #P:8\n#\n")) == []


def test_a_path_with_a_line_end_cannot_make_an_event_without_being_noticed():
    forged = (
        b'           evil-1       [000] .....    20.500000: dup: (f+0x0/0x1) name="kvm" reason=0'
    )
    data = BEGIN + b"sched_process_exec: filename=/tmp/x\n" + forged + b" pid=9 old_pid=9\n"
    assert sum(isinstance(line, Odd) for line in read_lines(data)) == 2


def test_a_name_with_a_line_end_is_not_taken_for_half_of_it():
    data = BEGIN + b'find: (find_module_all+0x4/0x90) name="klab_new\nline"\n'
    assert list(read_lines(data)) == [Odd(), Odd()]


def test_a_name_of_the_autoloader_is_too_short_to_be_a_line_of_its_own():
    alias = b'crypto-x\n u-1 [0] ..... 9.000000: dup: (t) name="kvm" reason=0'[:63]
    data = BEGIN + b"module_request: " + alias + b" wait=1 call_site=f\n"
    assert not any(isinstance(line, Line) for line in read_lines(data))


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*/*/trace.txt")), ids=lambda p: p.parent.name)
def test_every_line_of_real_traces_is_understood(path):
    lines = list(read_lines(path.read_bytes()))
    assert lines and all(isinstance(line, Line) for line in lines)


@given(st.binary(max_size=300))
def test_no_bytes_raise(data):
    for line in read_lines(data + b"\n" + BEGIN + data):
        assert isinstance(line, Line | Odd)
