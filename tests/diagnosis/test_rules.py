"""The rules of blame, each with what bounds its confidence."""

import pytest
from support.cases import aliases, case_of, findings, text
from support.samples import dup

from kmodtop_core.diagnosis.case import Case
from kmodtop_core.diagnosis.diagnose import diagnose
from kmodtop_core.diagnosis.finding import Confidence, Level, Side

# ---- the law of aliases ------------------------------------------------------


def test_as_often_as_devices_but_one_is_udev():
    rows = [dup(f"m{n}", 15) for n in range(3)]
    (found,) = findings(case_of(*rows, pieces=aliases(16, "m0", "m1", "m2")), "per-cpu")
    assert (found.requester, found.side, found.confidence) == ("udev", "userspace", "likely")
    assert found.duplicates == 45 and found.modules == ("m0", "m1", "m2")


def test_other_devices_are_no_cpus():
    rows = [dup(f"m{n}", 63) for n in range(3)]
    pieces = aliases(64, "m0", "m1", "m2", bus="pci")
    (found,) = findings(case_of(*rows, pieces=pieces), "per-device")
    assert found.requester == "udev" and "16 devices" not in found.evidence[0]
    assert "64 devices" in found.evidence[0]


def test_more_than_devices_explain_is_somebody_elses_too():
    (found,) = findings(case_of(dup("m", 16), pieces=aliases(16, "m")), "again")
    assert found.side is Side.UNKNOWN and found.requester is None
    assert "16 refusals, 16 devices" in found.evidence[0]


def test_few_devices_say_nothing():
    assert not findings(case_of(dup("m", 2), pieces=aliases(3, "m")), "per-cpu")
    (race,) = findings(case_of(dup("m", 2), pieces=aliases(3, "m")), "race")
    assert race.confidence is Confidence.POSSIBLE and not race.accuses


def test_a_few_refusals_of_a_module_with_many_devices_are_possible_only():
    (found,) = findings(case_of(dup("m", 5), pieces=aliases(16, "m")), "per-cpu")
    assert found.confidence is Confidence.POSSIBLE


def test_no_device_means_not_udev():
    (found,) = findings(case_of(dup("nbd", 10), pieces=aliases(16, "m")), "again")
    assert found.requester is None and "no device leads to it" in found.sentence


def test_without_modules_alias_the_source_is_believed_less():
    pieces = {"modaliases.json": aliases(16, "m")["modaliases.json"]}
    rows = [dup(name, 15) for name in ("kvm", "aesni_intel", "cryptd")]
    (found,) = findings(case_of(*rows, pieces=pieces), "per-cpu")
    assert found.confidence is Confidence.POSSIBLE
    assert any("not modules.alias" in told for told in found.evidence)


# ---- counts alone ------------------------------------------------------------


def test_equal_counts_of_any_modules_name_nobody():
    case = case_of(*(dup(f"m{n}", 40) for n in range(5)), cpus=64)
    assert not any(finding.accuses for finding in diagnose(case).findings)


def test_more_than_there_are_cpus_is_no_pattern_of_theirs():
    rows = [dup(name, 64) for name in ("kvm", "aesni_intel", "cryptd")]
    assert not findings(case_of(*rows, cpus=64), "per-cpu")


# ---- what is counted, and what the log tells ---------------------------------


def test_failures_that_are_no_duplicates_are_counted_and_blame_nobody():
    case = case_of(failed_becoming=5, invalid_becoming_bytes=10)
    (found,) = findings(case, "not-duplicates")
    assert found.confidence is Confidence.CERTAIN and not found.accuses
    assert diagnose(case).verdict.level is Level.FAILING


def test_files_that_cannot_be_read_or_unpacked():
    case = case_of(failed_kreads=2, failed_decompress=1, invalid_decompress_bytes=7)
    assert findings(case, "kread")[0].sentence.startswith("2 requests")
    assert findings(case, "decompress")[0].wasted == 7


LOG = b"[    4.2] module: module-autoload: duplicate request for module fs-vfat\n"


def test_the_autoloader_is_named_only_where_what_it_asked_for_is_in_the_table():
    pieces = aliases(16, "m") | {"kmsg.txt": LOG}
    assert not findings(case_of(dup("m", 15), pieces=pieces), "autoload")
    pieces["modules.alias"] += b"alias fs-vfat vfat\n"
    (found,) = findings(case_of(dup("vfat", 2), pieces=pieces), "autoload")
    assert (found.side, found.confidence) == ("kernel", "possible")
    assert "fs-vfat" in found.sentence and found.duplicates is None


def test_address_space_and_modprobes_in_the_log():
    log = (
        b"vmap allocation for size 2498560 failed: use vmalloc=<size> to increase size\n" * 3
        + b"request_module: modprobe x cannot be processed, kmod busy with 50 threads\n"
    )
    case = case_of(dup("m", 1), pieces={"kmsg.txt": log})
    assert "2.38 MiB" in findings(case, "vmalloc")[0].sentence
    assert findings(case, "kmod-busy")[0].side is Side.KERNEL


def test_a_simulated_boot_is_certain():
    pieces = {"simulated.json": b'{"m": ["udev"], "n": ["udev", "stress"], "o": ["autoload"]}'}
    found = findings(case_of(dup("m", 3), dup("n", 2), dup("o", 9), pieces=pieces), "requester")
    assert {(f.requester, f.side.value) for f in found} == {
        ("udev", "userspace"), (None, "unknown"), (None, "kernel"),
    }  # fmt: skip
    assert all(f.confidence is Confidence.CERTAIN for f in found)


def test_modules_that_are_not_loaded_may_have_refused():
    pieces = aliases(16, "kvm_intel") | {"modules.txt": b"kvm 900 1 - Live 0x0\n"}
    case = case_of(dup("kvm_intel", 15), dup("kvm", 15), pieces=pieces)
    assert findings(case, "init-refused")[0].modules == ("kvm_intel",)


def test_advice_is_given_once():
    case = case_of(*(dup(f"m{n}", 40) for n in range(3)), dup("kvm", 40), kernel="6.1.0")
    advice = [a for finding in diagnose(case).findings for a in finding.next]
    assert len(advice) == len(set(advice))


@pytest.mark.parametrize(
    ("kernel", "words"),
    [("6.4.0", "6.5 on folds"), ("6.12.1", "this kernel normally folds"), (None, "uname -r")],
)
def test_what_is_to_be_expected_of_the_kernel(kernel, words):
    rows = [dup(f"m{n}", 15) for n in range(3)]
    case = case_of(*rows, pieces=aliases(16, "m0", "m1", "m2"), kernel=kernel)
    (found,) = findings(case, "per-cpu")
    assert words in " ".join(str(advice) for advice in found.next)


def test_no_evidence_no_finding():
    assert diagnose(Case(text())).findings == ()


def test_who_explains_little_is_not_who_is_to_blame():
    rows = [dup(f"m{n}", 15) for n in range(3)]
    case = case_of(dup("xfs", 500), *rows, pieces=aliases(16, "m0", "m1", "m2"))
    told = diagnose(case).verdict
    assert told.confidence is None and told.who.startswith("not told by these numbers for most")


def test_waste_of_other_failures_is_not_laid_on_duplicates():
    rows = [dup(f"m{n}", 15) for n in range(3)]
    counters = {"failed_becoming": 1045, "invalid_becoming_bytes": 50_000_000}
    case = case_of(*rows, pieces=aliases(16, "m0", "m1", "m2"), **counters)
    (found,) = findings(case, "per-cpu")
    assert found.wasted is None
    assert diagnose(case).modules[0].others == 1000


def test_four_times_a_loop_of_four_is_no_cold_plug():
    rows = [dup(f"m{n}", 3) for n in range(3)]
    (found,) = findings(case_of(*rows, pieces=aliases(4, "m0", "m1", "m2")), "per-cpu")
    assert found.confidence is Confidence.POSSIBLE


def test_an_empty_list_of_modules_tells_nothing():
    pieces = aliases(16, "kvm_intel") | {"modules.txt": b"\n"}
    assert not findings(case_of(dup("kvm_intel", 15), pieces=pieces), "init-refused")


def test_only_what_an_alias_asks_for_is_advised_to_be_kept_out():
    pieces = aliases(16, "kvm_intel") | {
        "modules.dep": b"k/kvm_intel.ko: k/irqbypass.ko\n",
        "modules.txt": b"kvm 900 1 - Live 0x0\n",
        "sizes.json": b'{"kvm_intel": 10, "irqbypass": 9000}',
    }
    case = case_of(dup("kvm_intel", 15), dup("irqbypass", 15), pieces=pieces)
    told = " ".join(str(a) for finding in diagnose(case).findings for a in finding.next)
    assert "blacklist kvm_intel" in told and "blacklist irqbypass" not in told
    assert "tee -a" in told


def test_an_old_kmod_is_told_of():
    pieces = aliases(16, "m") | {"meta.json": b'{"kmod": "kmod version 30"}'}
    (found,) = findings(case_of(dup("m", 15), pieces=pieces, kernel="6.12.1"), "per-cpu")
    assert any("kmod 30 unpacks" in str(advice) for advice in found.next)


def test_who_was_refused_more_often_than_the_width_is_not_of_the_pattern():
    rows = [dup(name, 40) for name in ("kvm", "aesni_intel", "cryptd")]
    (found,) = findings(case_of(*rows, dup("irqbypass", 90)), "per-cpu")
    assert "irqbypass" not in found.modules


def test_an_estimate_is_called_one():
    from kmodtop_core.diagnosis.module_bytes import ModuleBytes

    case = case_of(dup("m", 9))
    about = case._replace(modules=(ModuleBytes(("m",), 9, None, None, "estimated"),))
    (found,) = diagnose(about).findings
    assert found.is_about and found.wasted == 9
    assert not diagnose(case).findings[0].is_about
