"""Recordings, turned over byte by byte and page by page."""

from pathlib import Path
from random import Random

from support.hostile_sql import Sql
from support.noticing import Input
from support.odd_recordings import input_of, page_size, put

_HEADER = ((16, 2), (18, 1), (19, 1), (20, 1), (21, 1), (22, 1), (23, 1), (24, 4), (28, 4), (32, 4),
           (36, 4), (40, 4), (44, 4), (48, 4), (52, 4), (56, 4), (60, 4), (64, 4), (68, 4),
           (92, 4), (96, 4))  # fmt: skip
"""(offset, bytes) of the fields of SQLite's header (https://www.sqlite.org/fileformat.html)."""


def _field_changed(data: bytearray, chance: Random, _: bytes) -> None:
    at, length = chance.choice(_HEADER)
    top = (1 << 8 * length) - 1
    value = chance.choice((0, 1, 2, 3, 4, 5, top, top >> 1, chance.randint(0, top)))
    data[at : at + length] = min(value, top).to_bytes(length, "big")


def _page_head_changed(data: bytearray, chance: Random, _: bytes) -> None:
    """The head of a b-tree page: its type, its cells, where they are."""
    size = page_size(data)
    page = chance.randrange(max(1, len(data) // size))
    at = page * size + (100 if page == 0 else 0) + chance.randrange(40)
    if at < len(data):
        data[at] = chance.choice((0, 2, 5, 10, 13, 255, chance.randrange(256)))


def _bytes_flipped(data: bytearray, chance: Random, _: bytes) -> None:
    for _ in range(chance.choice((1, 2, 10, 100))):
        at = chance.randrange(len(data))
        data[at] ^= chance.randrange(1, 256)


def _pages_exchanged(data: bytearray, chance: Random, _: bytes) -> None:
    size = page_size(data)
    a, b = (chance.randrange(max(1, len(data) // size)) * size for _ in range(2))
    data[a : a + size], data[b : b + size] = data[b : b + size], data[a : a + size]


def _page_emptied(data: bytearray, chance: Random, _: bytes) -> None:
    size = page_size(data)
    at = chance.randrange(max(1, len(data) // size)) * size
    fill = chance.choice((0, 0, 255, 13))
    data[at : at + size] = bytes([fill]) * len(data[at : at + size])


def _page_of_another(data: bytearray, chance: Random, other: bytes) -> None:
    size = page_size(data)
    a, b = (chance.randrange(max(1, len(d) // size)) * size for d in (data, other))
    data[a : a + size] = other[b : b + size]


def _shortened(data: bytearray, chance: Random, _: bytes) -> None:
    size = page_size(data)
    del data[chance.choice((chance.randrange(len(data)), chance.randrange(len(data)) & -size)) :]


def _lengthened(data: bytearray, chance: Random, other: bytes) -> None:
    data += chance.choice((b"\0", b"\xff", other[:512])) * chance.choice((1, 100, 4096))


BYTE_WAYS = (
    _field_changed, _page_head_changed, _page_head_changed, _bytes_flipped, _bytes_flipped,
    _pages_exchanged, _page_emptied, _page_of_another, _shortened, _lengthened,
)  # fmt: skip


def _bytes_turned(given: Input, chance: Random, corpus: list[Input]) -> Input:
    turned = dict(given)
    if chance.random() < 0.1:
        turned.pop("-wal", None)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        end = chance.choice(sorted(turned))
        data = bytearray(turned[end])
        if data:
            chance.choice(BYTE_WAYS)(data, chance, chance.choice(corpus)[""])
            turned[end] = bytes(data)
    if chance.random() < 0.02:
        turned["-journal"] = bytes.fromhex("d9d505f920a163d7") + chance.randbytes(3000)
    return turned


LARGEST = 4 << 20
"""Bytes of a mutated recording: the engine holds it in memory, too."""


def turned_recording(parent: Input, chance: Random, corpus: list[Input], folder: Path) -> Input:
    """The recording turned over by bytes, by SQL, or by both."""
    if chance.random() < 0.3:
        return _bytes_turned(parent, chance, corpus)
    path = put(parent, folder / "turned.db")
    Sql(path, chance).turn(chance.choice((1, 1, 1, 2, 3, 6)))
    turned = input_of(path) if path.stat().st_size < LARGEST else parent
    return _bytes_turned(turned, chance, corpus) if chance.random() < 0.1 else turned
