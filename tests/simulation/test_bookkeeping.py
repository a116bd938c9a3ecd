"""The kernel's bookkeeping as a model: the same events, the same bytes."""

import json

import pytest
from support.samples import SAMPLES

from kmodtop_core.errors import SourceError
from kmodtop_core.simulation.bookkeeping import KernelTracker
from kmodtop_core.simulation.events import play
from kmodtop_core.stats.values import FailReason

LISTS = sorted(p for p in (SAMPLES / "events").glob("*.json") if p.stem != "modules")


@pytest.mark.parametrize("path", LISTS, ids=lambda p: p.stem)
def test_a_list_of_events_prints_the_kernels_bytes(path):
    printed = b""
    for name, kernel in play(path.read_bytes(), str(path)):
        if printed and not printed.endswith(b"\n"):
            printed += b"\n"
        printed += f"== {name} ==\n".encode() + kernel.text()
    assert printed == path.with_suffix(".out").read_bytes()


def test_counters_of_a_32_bit_kernel_wrap_at_32_bits():
    kernel = KernelTracker(bits=32)
    kernel.failed_becoming(2**32 - 100)
    kernel.failed_becoming(300)
    kernel.failed_load(50)
    assert kernel.stats.invalid_becoming_bytes == 200
    assert kernel.wasted() == 300
    assert b"Virtual mem wasted bytes\t300\n" in kernel.text()
    with pytest.raises(ValueError, match="32 or 64 bits"):
        KernelTracker(bits=16)


def test_counts_wrap_at_32_bits_on_every_kernel():
    kernel = KernelTracker()
    for _ in range(3):
        kernel.failed_kread(0)
    kernel._counts["failed_kreads"] = 2**32 - 1
    kernel.failed_kread(0)
    assert kernel.stats.failed_kreads == 0


def test_the_newest_duplicate_stands_first_and_reasons_add_up():
    kernel = KernelTracker()
    kernel.duplicate("a", FailReason.LOAD)
    kernel.duplicate("b", FailReason.BECOMING)
    kernel.duplicate("a", FailReason.BECOMING)
    assert [(r.module, r.times, r.reason) for r in kernel.stats.duplicates] == [
        ("b", 1, FailReason.BECOMING),
        ("a", 2, FailReason(3)),
    ]


def test_virtual_memory_in_flight_has_a_peak_and_the_area_for_modules_a_bound():
    kernel = KernelTracker(area=100)
    kernel.allocate(500)
    assert kernel.place(60) and kernel.place(40)
    assert not kernel.place(1)
    kernel.displace(60)
    kernel.free(500)
    assert (kernel.in_flight, kernel.placed, kernel.peak) == (40, 40, 600)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"nonsense", "no list of load events"),
        (b'{"bits": 64}', "no list of load events"),
        (b'{"events": [{"op": "loaded", "size": 1, "text": 2}, {"op": "dance"}]}', "event 2"),
        (b'{"events": [{"op": "failed_kread", "bytes": -1}]}', "event 1"),
        (
            rb'{"events": [{"op": "failed_load", "module": "\ud800", "len": 1,'
            b' "compressed_len": null, "duplicate": true}]}',
            "event 1",
        ),
        (json.dumps({"bits": 7, "events": []}).encode(), "no list of load events"),
    ],
)
def test_a_broken_list_names_the_event(data, says):
    with pytest.raises(SourceError, match=says):
        list(play(data, "x"))
