"""What report needs beyond a text: boots summed up, kernel logs, and the richer formats.

A verb's helper of its own, so that a report of a text does not pay for it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kmodtop_core.errors import Exit, SourceError, Trouble
from kmodtop_core.jsontext import dumps
from kmodtop_core.opening.playing import open_played, pieces_of
from kmodtop_core.recording.reading import Recording
from kmodtop_core.reports.report import Snapshot, to_text
from kmodtop_core.sources.bundle import NO_TEXT

from .. import __version__
from ..options import Given, Writing
from .evidence import more_pieces

if TYPE_CHECKING:
    from .exposing import Exposed


def of_log(data: bytes, label: str, how: Writing) -> str | None:
    """A kernel log that is all there is; None where it tells of no module."""
    from kmodtop_core.diagnosis.evidence.kernel_log import read_log
    from kmodtop_core.reports.log import log_object, log_text
    from kmodtop_core.reports.mail import to_mail

    log = read_log(data)
    if not log.tells and log.release is None:
        return None
    if how.format == "json":
        return dumps(log_object(log, label)) + "\n"
    text = log_text(log, label, how.units)
    if how.format == "html":
        from kmodtop_core.reports.web import text_page

        return text_page(text, label, __version__)
    if how.format == "markdown":
        return "".join(f"    {line}\n" for line in text.splitlines())
    return to_mail(text) if how.format == "mail" else text


def summed_up(path: str, how: Writing, boot: int | None) -> "Iterator[str | Exposed]":
    """Each boot of a recording, a series or a bundle; or that one."""
    try:
        recording = open_played(path, __version__)
    except SourceError as error:
        log = _log_of_bundle(path, how) if error.why.code == NO_TEXT else None
        if log is None:
            raise
        yield log
        return
    yield from of_recording(path, recording, how, boot)


def of_trace(how: Writing) -> "Iterator[str | Exposed]":
    """A trace that is all there is: counted, where it has the steps of loads."""
    from kmodtop_core.opening.playing import recording_of

    pieces = more_pieces(how.beside)
    name = how.beside.trace or ""
    how = how._replace(beside=Given())  # it is all in the recording
    yield from of_recording(name, recording_of(pieces, name, __version__), how, None)


def of_recording(
    path: str, recording: Recording, how: Writing, boot: int | None
) -> "Iterator[str | Exposed]":
    """The same of one that is open; it is closed."""
    from kmodtop_core.reports.summary import summaries, summary_object, summary_text

    told: list[str | Exposed] = []
    found = summaries(path, recording, more_pieces(how.beside), how.units)
    for summary in found:
        if boot is not None and summary.number != boot:
            continue
        if how.format == "json":
            told.append(dumps(summary_object(summary)) + "\n")
        elif summary.final is None and how.format == "openmetrics":
            continue
        elif how.format == "text" or summary.final is None:
            told.append(summary_text(summary, how.units))
        elif how.format == "mail":
            told.append(_mail(summary_text(summary, how.units), how))
        else:
            told.append(written(summary.final, recording, how, summary.number))
    nothing = all(summary.final is None for summary in found)
    recording.close()
    yield from told
    if nothing:
        what = "holds no module statistics"
        why = Trouble("not-stats", what, "take another file, or see why it has none", path)
        raise SourceError(why, Exit.NO_STATISTICS)


def _log_of_bundle(path: str, how: Writing) -> str | None:
    """A bundle without texts may have a kernel log all the same."""
    pieces = pieces_of(path)
    return of_log(pieces["kmsg.txt"], path, how) if "kmsg.txt" in pieces else None


def written(
    snapshot: Snapshot, recording: Recording | None, how: Writing, boot: int | None = None
) -> "str | Exposed":
    """In one of the richer formats; `boot` of the recording, from 1."""
    if how.format == "markdown":
        from kmodtop_core.reports.markdown import to_markdown

        return to_markdown(snapshot, how.units)
    if how.format == "openmetrics":
        from .exposing import exposed

        return exposed(snapshot, boot)
    if how.format == "html":
        from kmodtop_core.reports.html import to_html

        return to_html(snapshot, recording, boot, how.units, __version__)
    return _mail(to_text(snapshot, how.units), how)


def _mail(text: str, how: Writing) -> str:
    from kmodtop_core.reports.mail import to_mail

    return to_mail(f"{text}\nkmodtop {__version__}\n")
