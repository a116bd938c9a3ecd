"""Upkeep of a recording that has become too large: the oldest goes first.

Boots first of all; then the older half of the present one is thinned, as often as it takes. When
modules came, and last grew, stays known.
"""

from typing import Any

from . import evidence
from .store import Store

_LEAST_THINNED = 8
"""Texts of a boot that are not thinned further."""

_OLD_GROWTH = "SELECT module, max(sample) FROM growth WHERE sample < :cut GROUP BY module"

_BASES = "SELECT base FROM sample WHERE boot = :boot AND id >= :cut AND base IS NOT NULL"
"""With what those are packed that stay."""

_THIN = (
    f"DELETE FROM growth WHERE sample < :cut AND (module, sample) NOT IN ({_OLD_GROWTH})"  # noqa: S608
    " AND sample NOT IN (SELECT first FROM module WHERE id = growth.module)",
    "DELETE FROM sample WHERE boot = :boot AND id < :cut AND id NOT IN (SELECT id FROM run)"  # noqa: S608
    " AND id NOT IN (SELECT first FROM module) AND id NOT IN (SELECT sample FROM growth)"
    f" AND id NOT IN ({_BASES})",
    # What is left of the others is their time.
    "UPDATE sample SET size = 0, base = NULL, data = x'' WHERE boot = :boot AND id < :cut"  # noqa: S608
    f" AND id NOT IN (SELECT id FROM run) AND id NOT IN ({_BASES})",
)

_FORGET_TIMES = (
    "DELETE FROM sample WHERE boot = :boot AND size = 0 AND id <="
    " (SELECT (min(id) + max(id)) / 2 FROM sample WHERE boot = :boot AND size = 0)"
    " AND id NOT IN (SELECT id FROM run) AND id NOT IN (SELECT first FROM module)"
    " AND id NOT IN (SELECT sample FROM growth)",
    "DELETE FROM storm WHERE boot = :boot AND id <="
    " (SELECT (min(id) + max(id)) / 2 FROM storm WHERE boot = :boot)"
    " AND id < (SELECT max(id) FROM storm WHERE boot = :boot)",
    "DELETE FROM gap WHERE boot = :boot AND id <="
    " (SELECT (min(id) + max(id)) / 2 FROM gap WHERE boot = :boot)"
    " AND id < (SELECT max(id) FROM gap WHERE boot = :boot)",
)

_FORGET = (
    "DELETE FROM growth WHERE module IN"
    " (SELECT m.id FROM module m JOIN run r ON r.id = m.run WHERE r.boot = ?)",
    "DELETE FROM module WHERE run IN (SELECT id FROM run WHERE boot = ?)",
    "DELETE FROM warning WHERE run IN (SELECT id FROM run WHERE boot = ?)",
    "DELETE FROM run WHERE boot = ?",
    "DELETE FROM storm WHERE boot = ?",
    "DELETE FROM sample WHERE boot = ?",
    "DELETE FROM gap WHERE boot = ?",
    "DELETE FROM evidence WHERE boot = ?",
    "DELETE FROM event WHERE boot = ?",
    "DELETE FROM boot WHERE id = ?",
)


def shrink(store: Store, present: int | None, most: int) -> None:
    """Forgets the oldest boots, then the older half of the present one (its row), until the file
    has `most` bytes. Raises sqlite3.Error."""
    while store.size() > most:
        oldest = store.row(
            "i", "SELECT id FROM boot WHERE id IS NOT ? ORDER BY id LIMIT 1", (present,)
        )
        if oldest is None:
            break
        with store.writing():
            for sql in _FORGET:
                store.write(sql, oldest)
        store.vacuum()
    while present is not None and store.size() > most and thin(store, present):
        pass
    store.sync(all_of_it=True)


def thin(store: Store, boot: int) -> bool:
    """Forgets the older half of a boot's texts; returns whether that made the file smaller.
    Where events are the larger part, of these.

    The first text of each run stays, and those with which others are packed. When few texts are
    left, the older half of storms, gaps and times goes. Raises sqlite3.Error.
    """
    with store.writing():
        has_forgotten = evidence.forget_older(store, boot)
    if has_forgotten:
        store.vacuum()
        return True
    texts = "sample WHERE boot = ? AND size > 0"
    count = store.one("i", f"SELECT count(*) FROM {texts}", (boot,))  # noqa: S608 - own words
    if count <= _LEAST_THINNED:
        return _forget_times(store, boot)
    middle = f"SELECT id FROM {texts} ORDER BY id LIMIT 1 OFFSET ?"  # noqa: S608
    cut = store.one("i", middle, (boot, count // 2))
    before = store.size()
    _apply(store, _THIN, {"boot": boot, "cut": cut})
    return store.size() < before or _forget_times(store, boot)


def _forget_times(store: Store, boot: int) -> bool:
    before = store.size()
    _apply(store, _FORGET_TIMES, {"boot": boot})
    return store.size() < before


def _apply(store: Store, statements: tuple[str, ...], values: dict[str, Any]) -> None:
    with store.writing():
        for sql in statements:
            store.write(sql, values)
    store.vacuum()
