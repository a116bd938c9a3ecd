"""Lines of a trace, as the kernel prints them, to values.

Sources: kernel/trace/trace_output.c (trace_print_context), kernel/trace/trace_kprobe.c,
kernel/trace/trace_probe.c (print_probe_args), Documentation/trace/ftrace.rst.

Names in a trace may hold anything, line ends too, so that a line can be made to look like one
that the kernel printed. The columns before the event are 50 bytes and no name that anybody but
root can choose is long enough for them and an event; paths are. What is not whole is counted; a
path can be made to look whole, too, so that paths are traced apart (probes.DEVICES).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_LINE = re.compile(
    rb"(?P<comm>.{16,})-(?P<pid>\d{1,10}) *\[\d{3,5}\] \S{4,6} +(?P<at>\d{1,10}\.\d{6}): "
    rb"(?P<event>\w{1,60}): (?P<rest>.*)",
    re.DOTALL,
)
_LOST = re.compile(rb"CPU:\d+ \[LOST (\d{1,15}) EVENTS\]")
_WRITTEN = re.compile(rb"# entries-in-buffer/entries-written: (\d{1,15})/(\d{1,15})")
_FIELD = re.compile(rb' (\w{1,20})=("(?:[^\n]*?)"(?= \w{1,20}=|$)|\(fault\)|[^\s"]\S*|)')
_PROBE = re.compile(
    rb"\((?P<place>[\w.]{1,120})[^()\n]{0,200}\)(?P<args>(?: \w{1,20}=.*)?)", re.DOTALL
)

_PLAIN = {
    b"module_request": re.compile(
        rb"(?P<name>\S{1,64}) wait=\d call_site=(?P<call_site>[\w.+]{1,120}(?: \[\w{1,60}\])?)"
    ),
    b"sched_process_fork": re.compile(
        rb"comm=(?P<comm>.{0,15}) pid=(?P<pid>\d{1,10}) child_comm=.{0,15}"
        rb" child_pid=(?P<child>\d{1,10})",
        re.DOTALL,
    ),
    b"sched_process_exec": re.compile(
        rb"filename=(?P<filename>[^\n]*) pid=(?P<pid>\d{1,10}) old_pid=\d{1,10}"
    ),
    b"cgroup_attach_task": re.compile(
        rb"dst_root=\d+ dst_id=\d+ dst_level=\d+ dst_path=(?P<path>[^\n]*) pid=(?P<pid>\d{1,10})"
        rb" comm=.{0,15}",
        re.DOTALL,
    ),
    b"module_load": re.compile(rb"(?P<name>\S{1,64})(?: \S*)?"),
}
"""Events of the kernel's own, which print their fields each in its way."""

_NO_PROBES = frozenset((b"module_free", b"module_get", b"module_put"))


class Line(NamedTuple):
    """One event. `at`: seconds of the trace's clock; `fields` by name, as printed. `place`: the
    function where a probe was hit; of one on a function's return, who had called it.
    """

    at: float
    pid: int
    comm: str
    event: str
    fields: dict[str, str]
    place: str = ""

    def number(self, name: str) -> int | None:
        """A field as a number, negative ones as such; None where it is none."""
        try:
            value = int(self.fields[name], 0)
        except (KeyError, ValueError):
            return None
        for bits in (32, 64):
            if (1 << bits) - 4096 <= value < 1 << bits:
                return value - (1 << bits)  # an error code that was printed without its sign
        return value


class Odd(NamedTuple):
    """What is no whole line: `lost` events that the kernel had no room for, or a line that cannot
    be one of the kernel's."""

    lost: int = 0


def read_lines(data: bytes) -> Iterator[Line | Odd]:
    """Every line of a trace. Never raises."""
    for raw in data.split(b"\n"):
        if (line := read_line(raw)) is not None:
            yield line


def last_moment(data: bytes) -> float:
    """Seconds since boot of a trace's last event; 0 where it has none."""
    return max((line.at for line in read_lines(data) if isinstance(line, Line)), default=0.0)


def read_line(raw: bytes) -> Line | Odd | None:
    """One line without its end; None for one that tells of no event. Never raises."""
    if not raw:
        return None
    if raw.startswith(b"#"):
        match = _WRITTEN.match(raw)
        lost = int(match[2]) - int(match[1]) if match else 0
        return Odd(lost) if lost > 0 else None
    if match := _LOST.fullmatch(raw.strip()):
        return Odd(int(match[1]))
    return _line(raw)


def _line(raw: bytes) -> Line | Odd:
    match = _LINE.fullmatch(raw)
    if match is None:
        return Odd()
    probe = _PROBE.fullmatch(match["rest"])
    fields = _fields(match["event"], match["rest"], probe)
    if fields is None:
        return Odd()
    return Line(
        float(match["at"]),
        int(match["pid"]),
        _text(match["comm"].strip()),
        match["event"].decode("ascii"),
        fields,
        _text(probe["place"]) if probe else "",
    )


def _fields(event: bytes, rest: bytes, probe: re.Match[bytes] | None) -> dict[str, str] | None:
    """None where the line is not whole."""
    if pattern := _PLAIN.get(event):
        found = pattern.fullmatch(rest.rstrip(b" "))
        return {k: _text(v) for k, v in found.groupdict().items()} if found else None
    if event in _NO_PROBES:
        return {}
    args = probe["args"] if probe else b" " + rest
    if probe is None and not rest.startswith((b"ret=", b"comm=")):  # no event probe either
        return {} if b"=" not in rest else None
    fields, end = {}, 0
    for found in _FIELD.finditer(args):
        if found.start() != end:
            return None
        end = found.end()
        fields[found[1].decode("ascii")] = _text(_unquoted(found[2]))
    return fields if end == len(args.rstrip(b" ")) else None


def _unquoted(value: bytes) -> bytes:
    return value[1:-1] if len(value) > 1 and value[:1] == b'"' == value[-1:] else value


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")
