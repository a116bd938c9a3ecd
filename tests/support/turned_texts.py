"""Texts, turned over."""

import base64
import bz2
import gzip
import html
import json
import lzma
import quopri
import re
import zlib
from pathlib import Path
from random import Random

from support.noticing import Input
from support.samples import SAMPLES

# ---- texts ---------------------------------------------------------------

LONGEST = 160_000
"""Bytes of a mutated text; only now and then it has more."""

WHOLE = (SAMPLES / "states/both.txt").read_bytes()
OTHER = (SAMPLES / "limits/trunc2-many.txt").read_bytes()

_ODD = (
    b"\0", b"\t", b"\n", b"\r", b"\x1b", b"\x1b[2J", b"\x1b]0;x\x07", b"\x9b2J", b"\x08", b"\x7f",
    b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", "\u202e".encode(), "\u200b".encode(),
    "\u0301".encode() * 30, "字".encode(), "🧨".encode(), "\xa0".encode(), "\u2028".encode(),
    b"&amp;", b"&lt;", b"> ", b"| ", b"=\n", b"=3D", b"\x0c", b"\x85", b" " * 500, b"\t" * 50,
    b"[    1.234567] ", b"2026-01-02T03:04:05+00:00 host kernel: ", b"{", b'"', b"\\", b"%s",
)  # fmt: skip

_NUMBERS = (
    b"0", b"-1", b"-9223372036854775808", b"4294967295", b"4294967296", b"9223372036854775807",
    b"18446744073709551615", b"18446744073709551616", b"1" + b"0" * 400, b"9" * 5000, b"9" * 20,
    b"9" * 40, b"9" * 41, b"1e308", b"nan", b"inf", b"0x10", b"1_000", b"1,000", b"+5", b"007", b"",
    "٣٤".encode(), "１２".encode(), "²".encode(), "৪".encode(), "Ⅷ".encode(), b"1.5", b"1e5",
)  # fmt: skip


def span_of(data: bytes, chance: Random) -> tuple[int, int]:
    """A part of the bytes: any, or some whole lines."""
    if chance.random() < 0.5 and b"\n" in data:
        ends = [0, *(found.end() for found in re.finditer(rb"\n", data)), len(data)]
        first = chance.randrange(len(ends) - 1)
        return ends[first], ends[min(len(ends) - 1, first + chance.choice((1, 1, 1, 2, 5, 30)))]
    start = chance.randint(0, len(data))
    return start, min(len(data), start + int(len(data) ** chance.random()))


def flipped(data: bytes, chance: Random, _: list[Input]) -> bytes:
    """Some bytes are others."""
    turned = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 20)) if data else 0):
        at = chance.randrange(len(turned))
        turned[at] = chance.choice((turned[at] ^ (1 << chance.randrange(8)), chance.randrange(256)))
    return bytes(turned)


def without_a_part(data: bytes, chance: Random, _: list[Input]) -> bytes:
    start, end = span_of(data, chance)
    return data[:start] + data[end:]


def with_a_part_again(data: bytes, chance: Random, _: list[Input]) -> bytes:
    start, end = span_of(data, chance)
    times = chance.choice((1, 1, 2, 10, 120, 3000))
    part = data[start:end]
    return data[:end] + (part * times)[:LONGEST] + data[chance.choice((end, start)) :]


def with_parts_exchanged(data: bytes, chance: Random, _: list[Input]) -> bytes:
    a, b, c, d = sorted((*span_of(data, chance), *span_of(data, chance)))
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def with_something_odd(data: bytes, chance: Random, _: list[Input]) -> bytes:
    for _ in range(chance.choice((1, 1, 3, 12))):
        at = chance.randint(0, len(data))
        data = data[:at] + chance.choice((*_ODD, chance.randbytes(9))) + data[at:]
    return data


def spliced(data: bytes, chance: Random, corpus: list[Input]) -> bytes:
    other = chance.choice(corpus)[""]
    start, end = span_of(other, chance)
    if chance.random() < 0.3:
        return data + chance.choice((b"", b"\n", b"\n\nand then:\n")) + other
    a, b = span_of(data, chance)
    return data[:a] + other[start : chance.choice((end, len(other)))] + data[b:]


def with_another_number(data: bytes, chance: Random, _: list[Input]) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 8))):
        found = list(re.finditer(rb"\d+", data[:20_000]))
        if found:
            one = chance.choice(found)
            near = b"%d" % (int(one[0][:30]) + chance.choice((-1, 1, 7, -(10**6), 1 << 32)))
            number = chance.choice((*_NUMBERS, near, near, near, near))
            data = data[: one.start()] + number + data[one.end() :]
    return data


def with_another_name(data: bytes, chance: Random, _: list[Input]) -> bytes:
    found = list(re.finditer(rb"(?m)^ *(\S+)\t", data[:40_000]))
    if not found:
        return data
    one = chance.choice(found)
    name = chance.choice((*_ODD, b"a b", b"x" * 24, b"x" * 25, b"x" * 55, b"x" * 56, b"x" * 20_000,
                          "字".encode() * 30, b"Load", b"Mods ever loaded"))  # fmt: skip
    return data[: one.start()] + name.rjust(25) + data[one.end(1) :]


def broken_at_72(data: bytes, chance: Random, _: list[Input]) -> bytes:
    """As mailers do; also flowed, and quoted after that."""
    flowed, mark = chance.choice((b"", b" ")), chance.choice((b"", b"> "))
    most = chance.choice((72, 72, 72, 76, 80, 40))
    lines = []
    for line in data.replace(b"\t", chance.choice((b"\t", b"        "))).split(b"\n"):
        while len(line) > most:
            at = line.rfind(b" ", 1, most)
            at = at if at > 0 else most
            lines.append(mark + line[:at] + flowed)
            line = line[at:].lstrip(b" ") if chance.random() < 0.8 else line[at:]
        lines.append(mark + line)
    return b"\n".join(lines)


def with_a_prefix(data: bytes, chance: Random, _: list[Input]) -> bytes:
    """Quoted, or out of a log: most lines, or all."""
    prefix = chance.choice((b"> ", b"> > ", b">", b"| ", b"[    1.234567] ", b"# ", b"    ", b"+",
                            b"Jan  2 03:04:05 host kernel: "))  # fmt: skip
    share = chance.choice((1, 1, 0.9))
    lines = data.splitlines(keepends=True)
    return b"".join(prefix + line if chance.random() < share else line for line in lines)


def with_other_line_ends(data: bytes, chance: Random, _: list[Input]) -> bytes:
    return data.replace(b"\n", chance.choice((b"\r\n", b"\r\n", b"\r", b"\n\n", b"\0", b" ", b"")))


def with_other_blanks(data: bytes, chance: Random, _: list[Input]) -> bytes:
    if chance.random() < 0.4:
        return data.expandtabs(8)
    put = chance.choice((b" ", b"\xc2\xa0", b"", b"\\t", b"\t\t", b"\xe3\x80\x80"))
    return data.replace(chance.choice((b"\t", b" ", b"  ")), put)


def in_another_encoding(data: bytes, chance: Random, _: list[Input]) -> bytes:
    text = data.decode("utf-8", "replace")
    name = chance.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32", "utf-7"))
    return text.encode(name)


def packed(data: bytes, chance: Random, _: list[Input]) -> bytes:
    pack = chance.choice((
        lambda d: gzip.compress(d, mtime=0), lambda d: lzma.compress(d, preset=0), bz2.compress,
        zlib.compress, base64.b64encode, base64.encodebytes, quopri.encodestring,
        lambda d: html.escape(d.decode("latin-1")).encode("latin-1"),
        lambda d: b"<html><pre>" + d + b"</pre>",
        lambda d: b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(d),
        lambda d: b"Content-Transfer-Encoding: quoted-printable\n\n" + quopri.encodestring(d),
    ))  # fmt: skip
    return pack(data)


def cut(data: bytes, chance: Random, _: list[Input]) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] if chance.random() < 0.75 else data[at:]


def as_a_series(data: bytes, chance: Random, corpus: list[Input]) -> bytes:
    """The text, and others, with times; hardly any of which make sense."""
    odd = (None, -1, 0, 1e308, 10**400, "x", [], {}, True, float("nan"), 1e9, "\x1b[2J", 255)
    cpus, kernel = (chance.choice((*odd, 8, "6.12", "字\ud800")) for _ in range(2))
    lines = [{"series": "A", "vcpus": cpus, "kernel": kernel}]
    at = 0.0
    for _ in range(chance.randint(1, 9)):
        at += chance.choice((0.1, 0.0, 1.0, 100.0, -3.0, 1e7))
        text = chance.choice((data, WHOLE, chance.choice(corpus)[""]))
        line = {"boottime_s": at, "text": text[:20_000].decode("latin-1")}
        if chance.random() < 0.2:
            line[chance.choice(("boottime_s", "text", "series", "read_us"))] = chance.choice(odd)
        lines.append(line)
    return b"\n".join(json.dumps(line).encode() for line in lines)


TEXT_WAYS = (
    flipped, flipped, without_a_part, without_a_part, with_a_part_again, with_parts_exchanged,
    with_something_odd, with_something_odd, spliced, spliced, with_another_number,
    with_another_number, with_another_number, with_another_name, broken_at_72, with_a_prefix,
    with_other_line_ends, with_other_blanks, in_another_encoding, packed, cut, as_a_series,
)  # fmt: skip


def text_corpus(_: Path) -> list[Input]:
    """Every text of the samples, and how their series begin."""
    texts = [path.read_bytes() for path in sorted(SAMPLES.rglob("*.txt"))]
    for path in sorted((SAMPLES / "series").glob("*.jsonl")):
        with path.open("rb") as file:
            texts.append(b"".join(line for _, line in zip(range(8), file, strict=False)))
    return [{"": text} for text in texts]


def turned_text(parent: Input, chance: Random, corpus: list[Input], _: Path) -> Input:
    """The text turned over, in one way or a few."""
    data = parent[""]
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4, 7))):
        data = chance.choice(TEXT_WAYS)(data, chance, corpus)
        if len(data) > LONGEST and chance.random() < 0.97:
            data = data[:LONGEST]
    return {"": data[: 3 << 20]}
