"""Evidence that is kept beside the texts of a boot: named pieces, as the files of a bundle.

Kept raw, as what they mean is worked out anew whenever they are looked at.
"""

import re
import zlib
from collections.abc import Mapping
from contextlib import suppress

from ..errors import SourceError
from .schema import schema_of
from .store import Store

MOST_PIECE = 4 << 20
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
