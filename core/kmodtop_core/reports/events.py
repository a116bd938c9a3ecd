"""A boot that was counted from a trace, as a list of load events: a storm met in the field becomes
a sample and a test. The format is that of samples/events."""

from collections.abc import Iterator
from typing import Any

from ..jsontext import dumps
from ..recording.reading import Boot, Recording
from ..tracing.loads import Load, Outcome
from ..tracing.requests import TRACE, Requests

_OPS = {Outcome.BECOMING: "failed_becoming", Outcome.LOAD: "failed_load"}


def to_events(recording: Recording, boot: Boot, name: str) -> str | None:
    """Every load of the boot's trace, in order; None where it has no trace of the steps of loads.

    Sizes of modules that went live are null: no event tells them. Raises SourceError.
    """
    requests, loads = Requests(), []
    parts = [events for _, events in recording.heard(boot)]
    loads += requests.loads_of(recording.evidence(boot).get(TRACE, b""))
    requests.skip = requests.ended
    for part in parts:
        loads += requests.loads_of(part.data) if part.piece == TRACE else []
    if not requests.loads.steps:
        return None
    events = [event for load in loads for event in _event(load)]
    lines = ",\n  ".join(dumps(event) for event in (*events, {"op": "snapshot", "file": "end"}))
    head = {"name": name, "kernel": boot.kernel, "bits": 64, "note": "counted from a trace"}
    return f'{dumps(head)[:-1]},\n "events": [\n  {lines}\n ]}}\n'


def _event(load: Load) -> Iterator[dict[str, Any]]:
    if load.outcome is Outcome.LIVE:
        yield {"op": "loaded", "module": load.module, "size": None, "text": None}
    elif load.outcome in _OPS:
        yield {
            "op": _OPS[load.outcome],
            "module": load.module,
            "len": load.length,
            "compressed_len": load.packed,
            "duplicate": load.is_duplicate,
        }
