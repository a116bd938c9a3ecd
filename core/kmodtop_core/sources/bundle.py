"""Bundles: evidence from some machine, as a folder, or as the one file that collect makes.

Of a file known pieces only are taken, each bounded; whatever else lies there is none of
kmodtop's business. modules.alias, modules.dep and modules.softdep may also lie beside the
folder, or in a folder modinfo there, for bundles that share a kernel.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress

from ..errors import Exit, SourceError, Trouble
from ..machine.facts import Machine
from ..sample import Events, Host, Instant, Item, Sample
from ..tracing.lines import last_moment
from ..tracing.requests import HEARD, TRACE, heard_of
from .series import read_series
from .traced import counted

SERIES, TEXT = "stats.jsonl", "stats.txt"

TEXTS = (SERIES, TEXT)
"""Pieces that hold the kernel's texts."""

EVIDENCE = (
    "kmsg.txt",
    "meta.json",
    "modaliases.json",
    "modules.alias",
    "modules.dep",
    "modules.softdep",
    "modules.txt",
    "opens.jsonl",
    "paths.txt",
    "procs.json",
    "procs.jsonl",
    "sizes.json",
    "systemd.txt",
    "trace.txt",
)
"""Pieces that tell what the texts do not."""

_SHARED = ("modules.alias", "modules.dep", "modules.softdep")
_OTHERS = ("probes.txt", "uevents.jsonl", "before.txt", "after.txt")
"""Pieces that a bundle may have, and that nothing reads."""

NO_TEXT = "no-text"
"""Code of the trouble of a bundle that holds none of them."""

INSIDE = "kmodtop-bundle/"
"""Folder of the pieces within the file, which is a zip archive; meta.json comes first."""

_MARK = f"{INSIDE}meta.json".encode()
_MOST_PIECE = 64 << 20
_MOST_BYTES = 128 << 20


def is_folder(path: str) -> bool:
    """Whether it is a folder that holds a piece."""
    return os.path.isdir(path) and any(
        os.path.isfile(os.path.join(path, name)) for name in (*TEXTS, *EVIDENCE, *_OTHERS)
    )


def is_file(head: bytes) -> bool:
    """Whether a file that begins so is a bundle (APPNOTE.TXT, 4.3.7: the first entry's name)."""
    return head[:4] == b"PK\3\4" and head[30 : 30 + len(_MARK)] == _MARK


def read_pieces(path: str) -> dict[str, bytes]:
    """All pieces by name. Raises SourceError where none can be read."""
    found = dict(_of_folder(path) if os.path.isdir(path) else _of_file(path))
    if not found:
        what = "holds nothing that kmodtop knows"
        fix = f"put {SERIES}, {TEXT} or kmsg.txt into it, or take another"
        raise SourceError(Trouble("bad-bundle", what, fix, path), Exit.NO_STATISTICS)
    return found


def _of_folder(path: str) -> Iterator[tuple[str, bytes]]:
    above = os.path.join(path, os.pardir)
    places = [path, above, os.path.join(above, "modinfo"), os.path.join(above, "..", "modinfo")]
    left = _MOST_BYTES
    for name in (*TEXTS, *EVIDENCE):
        for place in places if name in _SHARED else places[:1]:
            data = _read(os.path.join(place, name), left, name in TEXTS)
            if data is not None:
                left -= len(data)
                yield name, data
                break


def _read(path: str, most: int, is_needed: bool) -> bytes | None:
    """A plain file; None where there is none. Raises SourceError where one that is needed cannot
    be read. No link is followed: it may lead to a file whose mere reading does harm."""
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return None
        with open(os.open(path, flags), "rb") as file:
            return file.read(max(0, min(most, _MOST_PIECE)))
    except FileNotFoundError:
        return None
    except OSError as error:
        if not is_needed:
            return None
        from ..machine.access import why_unreadable  # only here, as in bounded

        raise SourceError(why_unreadable(path, error, Machine())) from None


def _of_file(path: str) -> Iterator[tuple[str, bytes]]:
    import zipfile  # only here: nobody else opens one
    import zlib

    try:
        with zipfile.ZipFile(path) as archive:
            left = _MOST_BYTES
            for name in (*TEXTS, *EVIDENCE):
                with suppress(KeyError), archive.open(INSIDE + name) as file:
                    data = file.read(max(0, min(left, _MOST_PIECE)))
                    left -= len(data)
                    yield name, data
    except (OSError, ValueError, RuntimeError, NotImplementedError, EOFError, zlib.error,
            zipfile.BadZipFile) as error:  # fmt: skip
        what = f"is a damaged bundle ({type(error).__name__})"
        raise SourceError(Trouble("bad-bundle", what, "take it anew", path)) from None


def texts_of(path: str) -> tuple[Item, ...]:
    """The kernel's texts in a bundle. Raises SourceError where there are none."""
    return needed(read_pieces(path), path)


def needed(pieces: Mapping[str, bytes], path: str) -> tuple[Item, ...]:
    """The same where there must be some. Raises SourceError."""
    items = items_of(pieces, path)
    if not items:
        raise _no_text(pieces, path)
    return items


def _no_text(pieces: Mapping[str, bytes], path: str) -> SourceError:
    what, fix = "holds no text of the statistics", f"put {SERIES} or {TEXT} into it"
    if TRACE in pieces:
        what += ", and no trace that can be counted: it has no probes of the steps of loads"
        fix = "give the text of the statistics beside it"
    return SourceError(Trouble(NO_TEXT, what, fix, path), Exit.NO_STATISTICS)


def items_of(pieces: Mapping[str, bytes], path: str) -> tuple[Item, ...]:
    """The kernel's texts; without any those that its trace amounts to, or none.

    Raises SourceError.
    """
    if SERIES in pieces:
        return read_series(pieces[SERIES], os.path.join(path, SERIES))
    if TEXT in pieces:
        at = last_moment(pieces[TRACE]) if TRACE in pieces else 0.0
        return (Sample(Instant(at), pieces[TEXT], host_of(pieces)),)
    return counted(pieces[TRACE], host_of(pieces)) if TRACE in pieces else ()


def host_of(pieces: Mapping[str, bytes]) -> Host:
    """The machine, as meta.json tells."""
    import json

    with suppress(ValueError, RecursionError):
        told = json.loads(pieces.get("meta.json", b"{}"))
        if isinstance(told, dict):
            cpus, kernel, boot = told.get("cpus"), told.get("kernel"), told.get("boot_id")
            return Host(
                kernel=kernel[:200] if isinstance(kernel, str) else None,
                cpus=cpus if type(cpus) is int and 0 < cpus < 1 << 20 else None,
                boot_id=boot[:64] if isinstance(boot, str) else None,
            )
    return Host()


def evidence_of(pieces: Mapping[str, bytes]) -> dict[str, bytes]:
    """The pieces that are no texts, and did not grow while it was watched."""
    return {n: data for n, data in pieces.items() if n in EVIDENCE and n not in HEARD}


def events_of(pieces: Mapping[str, bytes]) -> list[Events]:
    """Those of them that grew while it was watched, to be heard in this order."""
    return [Events(Instant(0.0), piece, data) for piece, data in heard_of(pieces)]


def pack(pieces: Mapping[str, bytes]) -> bytes:
    """The pieces as one file; meta.json is always there, and first, as the file is known by it."""
    import io
    import zipfile

    pieces = {"meta.json": b"{}"} | dict(pieces)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(pieces, key=lambda name: name != "meta.json"):
            entry = zipfile.ZipInfo(INSIDE + name)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            archive.writestr(entry, pieces[name])
    return out.getvalue()
