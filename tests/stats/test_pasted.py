"""Statistics in whatever people paste."""

import pytest
from support.samples import SAMPLES, dup, stats

from kmodtop_core.stats.parse import parse, render
from kmodtop_core.stats.values import FailReason

STATS = stats(
    dup("kvm_intel", 249, FailReason(3)),
    dup("cryptd", 3, FailReason.LOAD),
    dup("intel_uncore_frequency_common", 445),
    total_mod_size=11464704,
)
TEXT = render(STATS).decode()


def lines(change):
    return "".join(change(line) + "\n" for line in TEXT.splitlines())


PASTES = {
    "tabs expanded": TEXT.expandtabs(8),
    "no-break spaces": TEXT.expandtabs(8).replace(" ", "\xa0"),
    "carriage returns": TEXT.replace("\n", "\r\n"),
    "indented": lines(lambda line: "    " + line),
    "trimmed": lines(lambda line: line.strip()),
    "one space between": lines(lambda line: " ".join(line.split())),
    "quoted": lines(lambda line: "> " + line),
    "quoted often": lines(lambda line: "> >>>> " + line.expandtabs(8)),
    "prompt before": "root@big ~ # cat /sys/kernel/debug/modules/stats\n" + TEXT,
    "prose around": "Hi,\n\nthis is what I get:\n\n" + TEXT + "\nAny idea?\n-- \nme\n",
    "prompt after": TEXT + "root@big ~ # ",
    "lower-case title": TEXT.replace("Module-name", "module-name").expandtabs(8),
    "syslog": lines(lambda line: "Nov 22 20:20:01 big cat[123]: " + line),
    "kernel log": lines(lambda line: "[   12.345678] " + line),
    "ISO stamps": lines(lambda line: "2026-11-22T20:20:01+0000 big cat[123]: " + line),
    "coloured": lines(lambda line: "\x1b[1;32m" + line + "\x1b[0m"),
    "typescript": "Script started\x1b]0;title\x07\n" + TEXT.replace("\n", "\r\n"),
    "HTML source": TEXT.replace("&", "&amp;"),
    "blank lines between": lines(lambda line: line + "\n"),
}


@pytest.mark.parametrize("paste", PASTES.values(), ids=PASTES)
def test_a_paste_gives_what_the_kernel_printed(paste):
    (block,) = parse(paste.encode())
    assert block.stats == STATS
    assert block.other == 0 and not block.truncated
    assert not block.missing


def test_utf_16_as_a_windows_shell_saves_it():
    (block,) = parse(TEXT.encode("utf-16"))
    assert block.stats == STATS


def test_a_mail_with_several_texts_gives_them_in_order():
    other = stats(dup("evdev", 2), modcount=7)
    mail = (
        "Before:\n\n" + TEXT + "\nAfter:\n\n> " + render(other).decode().replace("\n", "\n> ")
        + "\nand once more:\n" + TEXT.expandtabs(8)
    )  # fmt: skip
    assert [block.stats for block in parse(mail.encode())] == [STATS, other, STATS]


def test_the_page_of_the_seed_commit_has_its_two_tables(seed_text):
    small = (SAMPLES / "published/seed-8vcpu-early-check.txt").read_bytes()
    page = (
        b"A system:\n\nroot@big ~ # cat x\n" + seed_text + b"\nAnother:\n\n" + small + b"\n[0] link"
    )
    big, guest = parse(page)
    assert big.stats.failed_load_modules == 1411
    assert (guest.stats.failed_becoming, guest.stats.failed_load_modules) == (83, 16)
    assert len(guest.stats.duplicates) == 24


def test_a_log_that_other_messages_run_through():
    noisy = TEXT.splitlines()
    noisy[4:4] = ["[  12.1] usb 1-1: new device"]
    noisy[-2:-2] = ["[  12.2] eth0: link up"]
    (block,) = parse("\n".join(noisy).encode())
    assert block.stats == STATS


def test_unknown_labels_are_kept_and_named():
    text = TEXT.replace("        Total module", "    Mods folded on load\t12\n        Total module")
    (block,) = parse(text.encode())
    assert block.unknown == {"Mods folded on load": 12}
    assert [w.code for w in block.warnings] == ["unknown-label"]
    assert block.stats == STATS


def test_of_two_values_for_a_label_the_first_counts_and_both_are_told():
    text = TEXT.replace(
        "Mods failed on kread\t0", "Mods failed on kread\t0\n     Mods failed on kread\t7"
    )
    (block,) = parse(text.encode())
    assert block.stats.failed_kreads == 0
    (warning,) = [w for w in block.warnings if w.code == "duplicate-label"]
    assert "0" in warning.message and "7" in warning.message


def test_missing_labels_are_unknown_and_not_zero():
    text = "\n".join(TEXT.splitlines()[3:])
    (block,) = parse(text.encode())
    assert set(block.missing) == {"modcount", "failed_kreads", "failed_decompress"}
    assert "missing-label" in {w.code for w in block.warnings}


def test_a_table_cut_by_the_kernel_is_noticed_in_a_mail():
    cut = (SAMPLES / "limits/trunc2-many.txt").read_bytes()
    quoted = b"".join(b"> " + line + b"\n" for line in cut.split(b"\n"))
    (block,) = parse(b"look:\n" + quoted.expandtabs(8) + b"\nbye\n")
    (exact,) = parse(cut)
    assert block.truncated and block.cut_row is not None
    assert block.stats == exact.stats
    assert block.cut_row.times is None  # 11 or 119: the paste has lost the blank after it


def test_prose_after_a_whole_table_is_no_cut_row():
    (block,) = parse((TEXT.expandtabs(8) + "kvm_intel 249 times is a lot\n").encode())
    assert not block.truncated and block.cut_row is None


def test_prose_after_a_table_with_other_failures_is_no_cut_row():
    for path in sorted((SAMPLES / "kread").glob("*.txt")):
        data = path.read_bytes()
        (exact,) = parse(data)
        (block,) = parse(data.expandtabs(8) + b"Regards\n")
        assert block.truncated == exact.truncated, path.name
        # What was pasted proves no absence: only the kernel's own bytes tell that it had no table.
        lost = exact.stats.failures and not exact.stats.duplicates
        assert block.other == (None if lost else exact.other), path.name


def test_lines_of_a_diff():
    (block,) = parse(lines(lambda line: "+" + line).encode())
    assert block.stats == STATS
