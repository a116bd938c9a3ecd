"""Evidence that is kept beside the texts of a boot: named pieces, as the files of a bundle.

Kept raw, as what they mean is worked out anew whenever they are looked at.
"""

import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress

from ..errors import SourceError
from ..sample import Events, Instant
from .schema import schema_of
from .store import Store

MOST_PIECE = 16 << 20
"""Bytes of a piece; of what is longer the end is kept, as logs grow there."""

_MOST_PIECES = 40
_NAME = re.compile(r"^[A-Za-z0-9_-]{1,40}\.[a-z]{1,8}$")


def keep(store: Store, boot: int, pieces: Mapping[str, bytes]) -> None:
    """Keeps the pieces of a boot, each in the place of an earlier one of its name.

    Raises sqlite3.Error.
    """
    with store.writing():
        for name, data in pieces.items():
            store.write("DELETE FROM evidence WHERE boot = ? AND name = ?", (boot, name))
            store.write(
                "INSERT INTO evidence (boot, name, data) VALUES (?, ?, ?)",
                (boot, name, zlib.compress(data[-MOST_PIECE:], 6)),
            )


def kept(store: Store, boot: int) -> dict[str, bytes]:
    """The pieces of a boot; what is damaged, or has an odd name, is as good as none."""
    if schema_of(store) < 4:
        return {}
    sql = (
        "SELECT name, data FROM evidence WHERE boot = ? AND typeof(name) = 'text'"  # noqa: S608
        f" AND typeof(data) = 'blob' ORDER BY name LIMIT {_MOST_PIECES}"
    )
    found = {}
    try:
        for name, data in store.rows("tb", sql, (boot,)):
            unpacker = zlib.decompressobj()
            with suppress(zlib.error):
                piece = unpacker.decompress(data, MOST_PIECE)
                if unpacker.eof and _NAME.match(name):
                    found[name] = piece
    except SourceError:
        return {}
    return found


# ---- pieces that grow ---------------------------------------------------------

_MOST_PART = 1 << 20
"""Bytes of a part; a longer one is split between two lines."""

_MOST_HEARD = 256 << 20
"""Bytes of parts that are read of a boot: an honest storm of 100,000 requests has 50 MiB."""


def hear(store: Store, boot: int, events: Events) -> None:
    """Keeps lines more of a piece, after those that are there. Raises sqlite3.Error."""
    with store.writing():
        for part in _parts(events.data):
            store.write(
                "INSERT INTO event (boot, uptime, piece, data) VALUES (?, ?, ?, ?)",
                (boot, events.at.uptime, events.piece, zlib.compress(part, 6)),
            )


def _parts(data: bytes) -> Iterator[bytes]:
    begin = 0
    while len(data) - begin > _MOST_PART:
        end = data.rfind(b"\n", begin, begin + _MOST_PART) + 1 or begin + _MOST_PART
        yield data[begin:end]
        begin = end
    yield data[begin:]


def heard(store: Store, boot: int, after: int = 0) -> Iterator[tuple[int, Events]]:
    """(row, part) of a boot, in the order in which they were heard, after that row.

    One that is damaged is left out. Raises SourceError.
    """
    if schema_of(store) < 5:
        return
    sql = (
        "SELECT id, uptime, piece, data FROM event WHERE boot = ? AND id > ?"
        " AND typeof(piece) = 'text' AND typeof(data) = 'blob' ORDER BY id"
    )
    left = _MOST_HEARD
    for row, uptime, piece, data in store.rows("iutb", sql, (boot, after)):
        unpacker = zlib.decompressobj()
        part = b""
        with suppress(zlib.error):
            part = unpacker.decompress(data, 2 * _MOST_PART)
        left -= len(part)
        if left < 0:  # in the kernel's own words, so that nobody takes it for all
            yield row, Events(Instant(uptime), "trace.txt", b"CPU:0 [LOST 1 EVENTS]\n")
            return
        if unpacker.eof and _NAME.match(piece):
            yield row, Events(Instant(uptime), piece, part)


def forget_older(store: Store, boot: int) -> bool:
    """Forgets the older half of what was heard, if it is the larger part of the file; returns
    whether it did. Within a transaction. Raises sqlite3.Error."""
    sizes = "SELECT coalesce(sum(length(data)), 0) FROM event WHERE boot = ?"
    if 2 * store.one("i", sizes, (boot,)) <= store.size():
        return False
    if store.one("i", "SELECT count(*) FROM event WHERE boot = ?", (boot,)) < 2:
        return False
    store.write(
        "DELETE FROM event WHERE boot = ? AND id <="
        " (SELECT (min(id) + max(id)) / 2 FROM event WHERE boot = ?)"
        " AND id < (SELECT max(id) FROM event)",  # whose number is not to be given again
        (boot, boot),
    )
    return True
