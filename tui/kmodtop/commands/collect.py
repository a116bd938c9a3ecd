"""kmodtop collect: one file of evidence, for somebody else to look at."""

import argparse
import json
import os
import shlex
import sqlite3

from kmodtop_core.diagnosis.evidence.kernel_log import read_log
from kmodtop_core.errors import Exit, SourceError, unwritable
from kmodtop_core.machine.facts import STATS_PATH, Machine
from kmodtop_core.machine.gather import gather
from kmodtop_core.opening.kinds import PLAYED, Kind, kind_of
from kmodtop_core.opening.playing import open_played
from kmodtop_core.opening.reading import read_now
from kmodtop_core.recording.reading import Boot, Recording
from kmodtop_core.recording.recorder import in_memory
from kmodtop_core.recording.resume import adopt_this_boot
from kmodtop_core.sample import NOWHERE, Item, Sample
from kmodtop_core.sources.bundle import EVIDENCE, SERIES, TEXTS, pack
from kmodtop_core.sources.series import write_series
from kmodtop_core.stats.block import NoStatistics
from kmodtop_core.stats.parse import parse
from kmodtop_core.tracing.requests import TRACE, joined

from .. import __version__
from ..options import Reading, reading_of
from ..process.signals import unwinding
from ..process.streams import say
from .output import refuse_own_input


def run(args: argparse.Namespace) -> int:
    """Writes the bundle; what cannot be had of it is told, and left out."""
    machine, name = Machine(), args.source
    if name is not None:
        inside = [os.path.join(name, piece) for piece in (*TEXTS, *EVIDENCE)]
        refuse_own_input(args.output, [name, *inside])
    with unwinding():
        pieces = _pieces(name, machine, reading_of(args))
    try:
        fd = os.open(args.output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with open(fd, "wb") as file:
            file.write(pack(pieces))
    except OSError as error:
        raise unwritable(args.output, error) from None
    opened = f"kmodtop report {shlex.quote(args.output)}"
    say(f"{args.output} holds {', '.join(sorted(pieces))}; open it with: {opened}")
    return Exit.DONE


def _pieces(name: str | None, machine: Machine, reading: Reading) -> dict[str, bytes]:
    kind = kind_of(name, machine)
    if name is not None and kind in PLAYED:
        recording = open_played(name, __version__)
        boot = recording.boots()[-1]
        kept = _kept(recording, boot)
        return _texts(list(recording.items(boot)), name) | kept
    if name is None or kind is Kind.POLLED:
        return _of_this_machine(name, machine, reading)
    samples = read_now(name, machine, reading.risk_panic, reading.sudo, kind)
    texts = [sample.text for sample in samples]
    if len(texts) == 1 and read_log(texts[0]).tells and not _failed(list(samples)):
        return {"kmsg.txt": texts[0]}
    return _texts(list(samples), name)


def _kept(recording: Recording, boot: Boot) -> dict[str, bytes]:
    """Its pieces, and those that grew while it was watched."""
    kept = recording.evidence(boot)
    heard: dict[str, bytes] = {}
    for _, events in recording.heard(boot):
        heard[events.piece] = heard.get(events.piece, b"") + events.data
    if TRACE in kept and TRACE in heard:
        heard[TRACE] = joined(kept[TRACE], heard[TRACE])
    return {name: data for name, data in (kept | heard).items() if name in EVIDENCE}


def _of_this_machine(name: str | None, machine: Machine, reading: Reading) -> dict[str, bytes]:
    """What was recorded of this boot, the text now, and all evidence that can be had."""
    session = in_memory(__version__)
    adopt_this_boot(session, machine)
    try:
        for sample in read_now(name, machine, reading.risk_panic, reading.sudo):
            session.write(sample)
        session.note_stay()
    except (SourceError, sqlite3.Error) as error:
        say(f"{error}; the rest is collected")
    recording = session.recording
    items = [item for boot in recording.boots() for item in recording.items(boot)]
    pieces = gather(machine, _failed(items))
    return (_texts(items, STATS_PATH) if items else {}) | pieces


def _failed(items: list[Item]) -> set[str]:
    """Modules of the last table."""
    for item in reversed(items):
        text = getattr(item, "text", None)
        if text is not None:
            try:
                return {row.module for row in parse(text)[-1].stats.duplicates}
            except NoStatistics:
                return set()
    return set()


def _texts(items: list[Item], name: str) -> dict[str, bytes]:
    host = next((item.host for item in items if isinstance(item, Sample)), NOWHERE)
    about = {"kernel": host.kernel, "cpus": host.cpus, "boot_id": host.boot_id}
    return {
        "meta.json": json.dumps({k: v for k, v in about.items() if v is not None}).encode(),
        SERIES: write_series(items, os.path.basename(name) or "collected"),
    }
