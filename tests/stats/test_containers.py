"""What statistics are sent in is opened, or named for what it is; absence proves nothing."""

import base64
import bz2
import gzip
import io
import json
import lzma
import mailbox
import quopri
import tarfile
import zipfile
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.command import kmodtop
from support.samples import SAMPLES, dup, stats

from kmodtop.view.lines import text_of
from kmodtop.view.panels.screen import screen as composed
from kmodtop.view.scene import Scene
from kmodtop.view.view import Situation, Source, View
from kmodtop_core.jsontext import dumps
from kmodtop_core.reports.report import snapshots, to_object, to_text
from kmodtop_core.sample import Instant, Sample
from kmodtop_core.stats.containers import contents
from kmodtop_core.stats.parse import NoStatistics, parse, render
from kmodtop_core.tracking.tracker import Tracker

TEXT = (SAMPLES / "states/both.txt").read_bytes()
(WHOLE,) = parse(TEXT)


def mail():
    message = EmailMessage()
    message["From"], message["Subject"] = "me@example.org", "look"
    message.set_content("Hi")
    message.add_attachment(TEXT, maintype="text", subtype="plain", filename="stats.txt")
    return message


def zipped():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("readme", "nothing here")
        archive.writestr("stats", TEXT)
    return out.getvalue()


def tarred():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("stats")
        info.size = len(TEXT)
        archive.addfile(info, io.BytesIO(TEXT))
    return out.getvalue()


LINES = TEXT.decode().splitlines()
ANSIBLE = "big | CHANGED => " + json.dumps(
    {"changed": True, "stdout": TEXT.decode(), "stdout_lines": LINES}, indent=4
)
SENT = {
    "gzip": gzip.compress(TEXT),
    "gzip, cut": gzip.compress(TEXT + bytes(range(256)) * 40)[:-200],
    "xz": lzma.compress(TEXT),
    "bzip2": bz2.compress(TEXT),
    "zip": zipped(),
    "tar": tarred(),
    "tar.gz": gzip.compress(tarred()),
    "base64": base64.encodebytes(TEXT),
    "base64, quoted in a mail": b"Hi\n\n" + b"".join(
        b"> " + line + b"\n" for line in base64.encodebytes(TEXT).splitlines()
    ),
    "base64 of gzip": base64.encodebytes(gzip.compress(TEXT)),
    "quoted-printable": quopri.encodestring(TEXT, quotetabs=True),
    "UTF-16 without a mark": TEXT.decode().encode("utf-16-le"),
    "UTF-16, the other order": TEXT.decode().encode("utf-16-be"),
    "mail": mail().as_bytes(),
    "JSON": json.dumps({"host": "x", "out": TEXT.decode()}).encode(),
    "JSON in JSON": json.dumps({"msg": json.dumps({"out": TEXT.decode()})}).encode(),
    "a list of lines": json.dumps({"stdout_lines": LINES}, indent=2).encode(),
    "Ansible": ANSIBLE.encode(),
}  # fmt: skip


@pytest.mark.parametrize("data", SENT.values(), ids=SENT)
def test_a_container_gives_what_is_in_it(data):
    blocks = parse(data)
    assert {block.stats for block in blocks} == {WHOLE.stats}
    assert blocks[0].other == WHOLE.other


def test_a_mailbox_gives_every_mail(tmp_path):
    box = mailbox.mbox(tmp_path / "box")
    box.add(mail())
    box.add(mail())
    box.close()
    found = [part for part in contents((tmp_path / "box").read_bytes()) if b"ever loaded" in part]
    assert len(found) >= 2


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (gzip.compress(b"nothing", mtime=0), "it is gzip data"),
        (b"\x28\xb5\x2f\xfd" + b"x" * 40, "it is zstd data"),
        (b"\x04\x22\x4d\x18" + b"x" * 40, "it is lz4 data"),
        (b"\x89PNG\r\n", "it is a picture"),
        (b"%PDF-1.4 ...", "it is a PDF"),
        (b"\x7fELF\x02", "it is a program or a module"),
    ],
)
def test_what_can_not_be_opened_is_named(data, named):
    with pytest.raises(NoStatistics, match=named):
        parse(data)


def test_a_bomb_is_unpacked_to_its_bound_only():
    bomb = gzip.compress(TEXT + b"Mods failed on load 3\n" * (4 << 20), 9)
    parts = list(contents(bomb))
    assert 0 < sum(map(len, parts)) <= 2 << 20
    nested = bomb
    for _ in range(6):
        nested = gzip.compress(nested)
    assert list(contents(nested)) == []  # deeper than anybody packs by mistake


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(SENT)), st.data())
def test_a_damaged_container_is_no_traceback(name, data):
    raw = bytearray(SENT[name])
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        parse(bytes(raw))
    except NoStatistics as none:
        assert none.what and str(none)


# ---- the table -----------------------------------------------------------

TABLE = render(stats(dup("mod_a", 3), dup("mod_b", 2))).decode().expandtabs(8)
BROKEN = {
    "after the count": lambda row: row.replace("  Becoming", "\nBecoming"),
    "after the name": lambda row: row.replace("mod_a  ", "mod_a\n  "),
    "format=flowed": lambda row: row.replace("  Becoming", " \nBecoming"),
}


@pytest.mark.parametrize("quote", ["", "> ", ">> "])
@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_rows_that_a_mailer_broke_are_joined_again(broken, quote):
    text = "\n".join(broken(line) for line in TABLE.splitlines())
    sent = "".join(f"{quote}{line}\n" for line in text.splitlines())
    (block,) = parse(sent.encode())
    assert block.stats.duplicates == (dup("mod_a", 3), dup("mod_b", 2))
    assert block.duplicates == 5 and block.other == 0 and not block.table_missing


def test_a_reason_that_was_broken_is_joined_again():
    from kmodtop_core.stats.values import FailReason

    both = render(stats(dup("mod_a", 3, FailReason(3)))).decode().expandtabs(8)
    for cut in ("Becoming &\nLoad", "Becoming\n& Load"):
        (block,) = parse(both.replace("Becoming & Load", cut).encode())
        assert block.stats.duplicates == (dup("mod_a", 3, FailReason(3)),)


def test_a_table_that_was_not_copied_is_unknown_everywhere():
    head = TABLE[: TABLE.index("Duplicate failed")]
    (block,) = parse(head.encode())
    assert block.table_missing and block.duplicates is None and block.other is None
    assert "table-missing" in {w.code for w in block.warnings}
    sample = Sample(Instant(0.0), head.encode())
    (snapshot,) = snapshots("x", [sample])
    found = to_object(snapshot)
    assert found["reconciliation"]["duplicates"] is None
    assert found["reconciliation"]["other"] is None and found["duplicates"] == []
    assert "how many of them are duplicates is not known" in to_text(snapshot)
    tracker = Tracker()
    frame = tracker.observe(sample)
    screen = "\n".join(
        map(
            text_of,
            composed(
                Scene(frame, tracker.history, View(Situation(Source("x", "polled")))), 100, 30
            ),
        )
    )
    assert "which modules is not known: the table is missing" in screen
    assert "0 duplicates" not in screen and "no duplicates" not in screen


def test_a_heading_without_a_row_that_can_be_read_is_unknown_too():
    head = TABLE[: TABLE.index("mod_a")].rstrip() + "\n"
    (block,) = parse(head.encode())
    assert block.table_missing and "The table cannot be read" in block.warnings[-1].message


def test_only_the_kernels_own_bytes_prove_that_there_is_no_table():
    exact = render(stats(failed_becoming=4, invalid_becoming_bytes=4000))
    assert parse(exact)[0].other == 4
    assert parse(exact.expandtabs(8))[0].table_missing
    nothing = render(stats())
    assert parse(nothing.expandtabs(8))[0].duplicates == 0  # no failure can be a duplicate


def test_a_text_without_its_table_is_never_compared_with_one_that_has_it():
    tracker = Tracker()
    tracker.observe(Sample(Instant(0.0), render(stats(dup("kvm", 3)))))
    lost = tracker.observe(
        Sample(Instant(1.0), render(stats(dup("kvm", 9))).expandtabs(8).split(b"Dup")[0])
    )
    assert lost.gap is not None and lost.gap.why.code == "incomplete"
    assert [row.count for row in lost.rows] == [3] and not lost.rows[0].fallen


# ---- partial texts ---------------------------------------------------------


def test_each_of_some_counter_lines_is_a_partial_text():
    lines = "".join(f"> host {n}\n>  Virtual mem wasted bytes   {n * 1000}\n" for n in range(4))
    blocks = parse(lines.encode())
    assert [block.wasted for block in blocks] == [0, 1000, 2000, 3000]
    assert all(len(block.missing) == 11 for block in blocks)


def test_one_line_is_a_partial_text():
    (block,) = parse(b"root@host ~ # grep wasted stats\n Virtual mem wasted bytes       3000\n")
    assert block.wasted == 3000 and block.duplicates is None


def test_the_same_counter_of_several_hosts_is_several_texts():
    blocks = parse(b"a: Mods failed on load\t3\nb: Mods failed on load\t5\n")
    assert [block.stats.failed_load_modules for block in blocks] == [3, 5]


def test_what_was_left_out_is_counted_and_named():
    (block,) = parse(b"a: Average mod size 17\nb: Virtual mem wasted bytes 3000\n")
    assert block.wasted == 3000 and block.averages == {}
    (told,) = [w.message for w in block.warnings if w.code == "left-out"]
    assert told == "1 line was left out, of no text here: “Average mod size”."


# ---- JSON --------------------------------------------------------------------


def test_json_is_valid_whatever_a_source_is_called(tmp_path):
    path = tmp_path / "a\udcff\udc80.txt"
    path.write_bytes(render(stats(dup("x\udcfe", 3))))
    done = kmodtop("report", str(path), "--format", "json")
    found = json.loads(done.stdout.decode("utf-8"))
    assert found["source"].endswith("a\\xff\\x80.txt")
    assert found["duplicates"][0]["module"] == "x\\xfe"
    json.dumps(found, ensure_ascii=False).encode("utf-8")


@given(st.recursive(st.text(st.characters()), lambda t: st.lists(t) | st.dictionaries(
    st.text(st.characters()), t)))  # fmt: skip
def test_no_lone_surrogate_gets_into_json(value):
    json.dumps(json.loads(dumps(value)), ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize(
    "path", sorted((SAMPLES.parent / "tests/corpus").glob("*.txt")), ids=lambda path: path.stem
)
def test_texts_that_attacks_have_found(path):
    for words in (["report"], ["report", "--format", "json"], ["export"], ["doctor"]):
        done = kmodtop(*words, str(path))
        assert done.returncode in (0, 3, 4)
        assert b"Traceback" not in done.stderr and b"fault of kmodtop" not in done.stderr


def test_every_member_and_every_part_is_read():
    other = (SAMPLES / "states/normal-set.txt").read_bytes()
    both = [parse(TEXT)[0].stats, parse(other)[0].stats]
    assert [b.stats for b in parse(gzip.compress(TEXT) + gzip.compress(other))] == both
    message = mail()
    message.add_attachment(other, maintype="text", subtype="plain", filename="other.txt")
    assert [block.stats for block in parse(message.as_bytes())] == both


def test_counters_with_words_before_them_were_copied_and_prove_no_absence():
    head = TEXT[: TEXT.index(b"Duplicate failed")]
    assert parse(b"Before:\n" + head)[0].table_missing
    assert not parse(head)[0].table_missing
