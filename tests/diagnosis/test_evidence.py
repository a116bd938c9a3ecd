"""Evidence as it comes from bundles, logs and strangers."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.samples import SAMPLES

from kmodtop_core.diagnosis.evidence.kernel_log import read_log
from kmodtop_core.diagnosis.evidence.pieces import read_evidence
from kmodtop_core.sources.bundle import EVIDENCE


def test_a_capture_is_read_whole():
    folder = SAMPLES / "who/a_udev"
    evidence = read_evidence({p.name: p.read_bytes() for p in folder.iterdir()})
    assert evidence.cpus == 16 and evidence.kernel == "6.12.107-klab+noidem"
    assert evidence.sizes["aesni_intel"] == 132600 and "kvm" in evidence.live
    assert evidence.devices.cpus == 16 and not evidence.devices.resolves
    assert evidence.kmod == "kmod version 30"


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("[    4.237466] module: module-autoload: duplicate request for module fs-vfat", 4.237466),
        ("<4>[   14.5] module: module-autoload: duplicate request for module fs-vfat", 14.5),
        ("4,612,4237466,-;module: module-autoload: duplicate request for module fs-vfat", 4.237466),
        ("Nov 25 host kernel: module: module-autoload: duplicate request for module fs-vfat", None),
    ],
)
def test_a_duplicate_request_in_every_kind_of_log(line, at):
    log = read_log(line.encode())
    assert log.asked == {"fs-vfat": 1} and log.first == at


def test_what_else_a_log_tells():
    log = read_log(
        b"[0.0] Linux version 6.12.1 (x)\n"
        b"vmap allocation for size 16781312 failed: use vmalloc=<size> to increase size\n"
        b"warn_alloc: vmalloc error: size 9000, failed to allocate pages\n"
        b"request_module: modprobe fs-x cannot be processed, kmod busy with 50 threads\n"
    )
    assert log.release == "6.12.1" and log.tells
    assert (log.no_space, log.no_space_bytes, log.busy) == (2, 16781312, 1)


LEAVES = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=6)
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)
DATA = st.binary(max_size=80) | st.builds(lambda value: json.dumps(value).encode(), JSON)
NAMES = st.sampled_from((*EVIDENCE, "simulated.json"))


@given(st.dictionaries(NAMES, DATA, max_size=6))
def test_nothing_that_a_stranger_sends_is_more_than_no_evidence(pieces):
    evidence = read_evidence(pieces)
    assert all(type(size) is int and size > 0 for size in evidence.sizes.values())
    if evidence.devices is not None:
        evidence.devices.expected("kvm")
    assert all(at > 0 for _, at in evidence.milestones)
