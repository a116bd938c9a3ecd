"""kmodtop exporter: metrics for Prometheus, over HTTP or as a text file for node_exporter."""

import argparse
import os
import stat
import threading
from collections.abc import Sequence

from kmodtop_core.errors import Exit, SourceError, Trouble
from kmodtop_core.machine.facts import Machine
from kmodtop_core.metrics.exposition import to_text
from kmodtop_core.metrics.points import Point
from kmodtop_core.sources.base import LIVELY, Connecting, Source, now

from ..options import Reading, reading_of
from ..process.stopping import SignalStop
from ..process.streams import say
from .hosts import hosts_of
from .opening import watched
from .output import put_in_place
from .privileges import hold, lower
from .scraping import Target, all_points

_TEXTFILE_S = 15.0
"""Seconds between two text files: node_exporter is asked as often, mostly."""

_BY_ITSELF_S = 5.0
"""Seconds between readings of what is read whether somebody asks or not."""


_FIRST_S = 10.0
"""Seconds that first readings may take."""

_PARTING_S = 1.0
"""Seconds that connections may take to end."""


def run(args: argparse.Namespace) -> int:
    """Answers until a signal comes."""
    if args.textfile is not None:
        _refuse_name(args.textfile)
    elif args.count is not None:
        fix = "leave it out, or name a file by --textfile"
        raise SourceError(Trouble("count", "--count is of --textfile", fix), Exit.USAGE)
    else:
        _refuse_without_library()
    names = list(dict.fromkeys([*args.source, *hosts_of(args.hosts, args.config)])) or [None]
    reading = reading_of(args)
    if args.interval is None:
        reading = reading._replace(interval=1.0)
    targets = _targets(names, reading, args)
    stop, ended = SignalStop(), threading.Event()
    for target in targets:
        target.start(ended)
    try:
        _await_first(targets, stop)
        if args.textfile is None:
            return _over_http(targets, args, stop)
        return _as_file(targets, args, stop)
    finally:
        ended.set()
        over = now().uptime + _PARTING_S
        for target in targets:
            target.wait(over - now().uptime)


def _await_first(targets: Sequence[Target], stop: SignalStop) -> None:
    """Who asks at once shall not be told that nothing was read: a while at most."""
    until = now().uptime + _FIRST_S
    while any(target.is_waiting for target in targets) and now().uptime < until:
        if stop.wait(0.05):
            return


def _targets(
    names: Sequence[str | None], reading: Reading, args: argparse.Namespace
) -> list[Target]:
    """Open, and root given up; a text file is root's, as a recording is. Raises SourceError."""
    by_itself = reading._replace(interval=max(reading.interval, _BY_ITSELF_S))
    sources = [watched(name, reading if name is None else by_itself, Machine()) for name in names]
    for source in sources:
        _refuse_played(source)
    if args.textfile is None or args.user is not None:
        hold(sources, reading.user)
        lower(sources[0], reading.user)
    for source in sources:
        if isinstance(source, Connecting) and len(sources) == 1:
            source.connect()
    is_per_module = args.per_module == "all"
    return [Target(source, reading.interval, is_per_module) for source in sources]


def _refuse_played(source: Source) -> None:
    if source.means not in LIVELY and not isinstance(source, Connecting):
        what = "is no source that goes on for ever"
        fix = "kmodtop export --format openmetrics takes recordings, report takes texts"
        raise SourceError(Trouble("played", what, fix, source.label), Exit.USAGE)


def _over_http(targets: Sequence[Target], args: argparse.Namespace, stop: SignalStop) -> int:
    from .serving import serve  # only here: a text file needs no library

    labels = [target.source.label for target in targets]
    address, end = serve(args.listen, lambda: _reading(targets, args.created), labels)
    say(f"answers at {address}metrics")
    while not stop.wait(3600.0):
        pass
    end()
    return stop.code


def _reading(targets: Sequence[Target], created: bool) -> tuple[list[Point], float | None]:
    """Points as of now, and when their counters began, where that is wanted: of a machine that was
    not read before it is known only then."""
    points = list(all_points(targets))
    return points, targets[0].booted if created and len(targets) == 1 else None


def _as_file(targets: Sequence[Target], args: argparse.Namespace, stop: SignalStop) -> int:
    pause, written = args.interval or _TEXTFILE_S, 0
    while True:
        _replace(args.textfile, "".join(to_text(*_reading(targets, args.created))))
        written += 1
        if written == args.count or stop.wait(pause):
            return stop.code


def _replace(path: str, text: str) -> None:
    """For node_exporter, which is another user. Raises SourceError."""
    put_in_place(path, [text.encode()], 0o644)


def _refuse_name(path: str) -> None:
    if not path.endswith(".prom"):
        fix = "let it end in .prom"
        what = "is a name that node_exporter does not look at"
        raise SourceError(Trouble("textfile", what, fix, path), Exit.USAGE)
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return
    if not stat.S_ISREG(mode):
        what = "is no file, and would be replaced by one"
        raise SourceError(Trouble("textfile", what, "name another", path), Exit.USAGE)


def _refuse_without_library() -> None:
    try:
        import prometheus_client  # noqa: F401 - whether it is there
    except ImportError:
        what = "needs the library prometheus-client, which is not installed"
        fix = "pip install prometheus-client, or write a file by --textfile"
        raise SourceError(Trouble("no-library", what, fix, "exporter"), Exit.USAGE) from None
