"""Containers that statistics are sent in: opened where the standard library can, else named.

Compressed files, base64 and quoted-printable, mails and mailboxes, strings of
JSON and of Ansible's output. Only what has no statistics as it stands is opened.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

_MOST_BYTES = 32 << 20
"""Bytes that are unpacked at most, of all parts together, whatever a container says of itself."""

_MOST_SEARCHED = 8 << 20
"""Bytes that are searched for something encoded."""

_WINDOW = 1 << 20
"""Bytes from the first label on in which statistics are looked for."""

_DEEPEST = 3
"""Containers in containers that are opened."""

_MOST_PARTS = 500
"""Parts of all containers together."""

_LABEL = re.compile(rb"mods? (?:ever|failed)|mem wasted|kmod bytes|mod text size", re.IGNORECASE)

_PLAIN = re.compile(rb"^[\s>|]*(?:mods ever loaded|virtual mem wasted)", re.I | re.M)
"""That a part has statistics as they stand, so that nothing is to be opened in it."""

Opened = Iterator[bytes]


class _Budget:
    """What may still be opened; shared by all containers in one another."""

    def __init__(self) -> None:
        self.bytes, self.parts = _MOST_BYTES, _MOST_PARTS

    def spend(self, part: bytes) -> bool:
        """Whether there was enough left for it."""
        self.bytes -= len(part)
        self.parts -= 1
        return self.bytes >= 0 and self.parts >= 0


def contents(data: bytes) -> Opened:
    """What is in `data`, if it is a container, and may hold statistics: each part by itself, from
    a little before its first label on."""
    for part in _parts(data, 0, _Budget()):
        if label := _LABEL.search(part):
            start = max(0, label.start() - 4096)
            yield part[start : start + _WINDOW]


def _parts(data: bytes, deep: int, budget: _Budget) -> Opened:
    for opener in (_compressed, _mail, _base64, _quoted_printable, _strings):
        opened = False
        for part in opener(data if opener is _compressed else data[:_MOST_SEARCHED]):
            if not budget.spend(part):
                return
            opened = True
            yield part
            packed = part[257:262] == b"ustar"
            if deep < _DEEPEST and (packed or not _PLAIN.search(part)):
                yield from _parts(part, deep + 1, budget)
        if opened:
            return


def name_of(data: bytes) -> tuple[str, str] | None:
    """(what kind of container it is, how to open it by hand); None if it is none of those known."""
    for magic, kind, fix in _NAMES:
        if data.startswith(magic):
            return kind, fix
    return None


_NAMES = (
    (b"\x1f\x8b", "gzip data", "look at it with zcat"),
    (b"\xfd7zXZ\0", "xz data", "look at it with xzcat"),
    (b"BZh", "bzip2 data", "look at it with bzcat"),
    (b"\x28\xb5\x2f\xfd", "zstd data", "unpack it first, with zstd -d"),
    (b"\x04\x22\x4d\x18", "lz4 data", "unpack it first, with lz4 -d"),
    (b"PK\x03\x04", "a zip archive", "unpack it first, with unzip"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it first"),
    (b"\x7fELF", "a program or a module", "name the statistics' file"),
    (b"SQLite format 3\0", "a SQLite file", "name it as a file, not through a pipe"),
    (b"%PDF", "a PDF", "copy the text out of it"),
    (b"\x89PNG", "a picture", "copy the text instead"),
    (b"\xff\xd8\xff", "a picture", "copy the text instead"),
)


# ---- compressed ------------------------------------------------------------


def _compressed(data: bytes) -> Opened:
    for magic, unpacker in _UNPACKERS:
        if data.startswith(magic):
            with suppress(Exception):  # damaged, or of a library that is not here: named then
                left = data
                while left.startswith(magic):  # `cat a.gz b.gz` is one file of two members
                    one = unpacker()
                    yield _unpacked(one, left)
                    left = getattr(one, "unused_data", b"").lstrip(b"\0")
            return
    if data.startswith(b"PK\x03\x04"):
        yield from _zipped(data)
    elif data[257:262] == b"ustar":
        yield from _tarred(data)


def _unpacked(unpacker: Any, data: bytes) -> bytes:
    """As far as it goes: what was cut off at its end is still worth something."""
    parts, total = [], 0
    try:
        chunk: bytes = unpacker.decompress(data, 1 << 20)
        while chunk and total < _MOST_BYTES:
            parts.append(chunk)
            total += len(chunk)
            left = getattr(unpacker, "unconsumed_tail", b"")
            if unpacker.eof or not (left or not getattr(unpacker, "needs_input", True)):
                break
            chunk = unpacker.decompress(left, 1 << 20)
    except Exception:
        if not parts:
            raise
    return b"".join(parts)


def _gzip() -> Any:
    import zlib

    return zlib.decompressobj(31)


def _xz() -> Any:
    import lzma

    return lzma.LZMADecompressor(memlimit=256 << 20)


def _bzip2() -> Any:
    import bz2

    return bz2.BZ2Decompressor()


def _zstd() -> Any:
    from compression import zstd  # type: ignore[import-not-found]  # Python 3.14

    return zstd.ZstdDecompressor()


_UNPACKERS: tuple[tuple[bytes, Callable[[], Any]], ...] = (
    (b"\x1f\x8b", _gzip),
    (b"\xfd7zXZ\0", _xz),
    (b"BZh", _bzip2),
    (b"\x28\xb5\x2f\xfd", _zstd),
)


def _zipped(data: bytes) -> Opened:
    import io
    import zipfile

    with suppress(Exception), zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist()[:_MOST_PARTS]:
            with suppress(Exception), archive.open(name) as file:
                yield file.read(_MOST_BYTES)


def _tarred(data: bytes) -> Opened:
    import io
    import tarfile

    with suppress(Exception), tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is not None:
                yield file.read(_MOST_BYTES)


# ---- mails -----------------------------------------------------------------

_HEADER = re.compile(rb"^[A-Za-z][A-Za-z0-9-]{1,40}:[ \t].*\r?\n", re.MULTILINE)
_ENCODED = re.compile(rb"^content-transfer-encoding:\s*(base64|quoted-printable)", re.I | re.M)
_FROM = re.compile(rb"^From .*\r?\n(?=[A-Za-z-]+: )", re.MULTILINE)


def _mail(data: bytes) -> Opened:
    """The parts of each mail whose transfer encoding hides them."""
    if not _ENCODED.search(data):
        return
    import email
    import email.policy

    for one in _FROM.split(data)[:_MOST_PARTS]:
        if not _HEADER.match(one.lstrip()):
            continue
        with suppress(Exception):
            for part in email.message_from_bytes(one.lstrip(), policy=email.policy.compat32).walk():
                payload = part.get_payload(decode=True)
                if isinstance(payload, bytes) and payload:
                    yield payload


_BASE64 = re.compile(rb"(?:^[ \t>|]*[A-Za-z0-9+/]{20,}={0,2}[ \t]*\r?(?:\n|\Z))+", re.MULTILINE)


def _base64(data: bytes) -> Opened:
    """Runs of lines of base64, as `base64 FILE` and uuencoders of mails print them."""
    import binascii

    for number, match in enumerate(_BASE64.finditer(data)):
        if number > _MOST_PARTS:
            return
        packed = re.sub(rb"[^A-Za-z0-9+/=]", b"", match[0])
        with suppress(binascii.Error):
            found = binascii.a2b_base64(packed + b"=" * (-len(packed) % 4))
            if len(found) > 20:
                yield found


def _quoted_printable(data: bytes) -> Opened:
    soft_breaks = b"=\n" in data or b"=\r\n" in data
    if re.search(rb"=(?:09|20|3D)", data) if soft_breaks else b"ever loaded=09" in data:
        import quopri

        yield quopri.decodestring(data)


# ---- strings ---------------------------------------------------------------

_ESCAPED = re.compile(rb'\\(?:[nrt"\\/]|u00(?:09|0a|0d|26))')
_UNESCAPED = {
    rb"\n": b"\n", rb"\r": b"\r", rb"\t": b"\t", rb"\"": b'"', rb"\\": b"\\", rb"\/": b"/",
    rb"\u0009": b"\t", rb"\u000a": b"\n", rb"\u000d": b"\r", rb"\u0026": b"&",
}  # fmt: skip
_STRING_END = re.compile(rb"""(?:["'][,}\]\s]*)+$""")
_LIST_LINE = re.compile(rb"""^\s*(?:-\s+)?["'](.*)["'],?\s*$""")


def _strings(data: bytes) -> Opened:
    """JSON, YAML, and what Ansible prints: line ends are spelt, or each line is a string."""
    if b"\\n" not in data and b"\\t" not in data and not re.search(rb"""["'],?\s*$""", data, re.M):
        return
    text = data
    for _ in range(2):  # a string of JSON within JSON is escaped twice
        text = _ESCAPED.sub(lambda match: _UNESCAPED[match[0]], text)
        lines = [_LIST_LINE.sub(rb"\1", line) for line in text.split(b"\n")]
        # A string's own beginning and end stand before its first line and after its last.
        cleaned = [re.sub(rb"""^.*?["'](?= *Mods )""", b"", line) for line in lines]
        yield b"\n".join(line[:-99] + _STRING_END.sub(b"", line[-99:]) for line in cleaned)
        if _PLAIN.search(text) or not _ESCAPED.search(text):
            return
