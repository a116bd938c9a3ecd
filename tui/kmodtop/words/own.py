"""The words of each verb."""

from collections.abc import Iterator

from .. import values
from .common import Word, switch, word

_OUTPUT = word("-o", help="write there instead of stdout", metavar="FILE", dest="output")
_FORMAT = word("--format", choices=("text", "json"), default="text")
_INTERVAL = word(
    "--interval",
    help="seconds between readings (1, at least 0.1)",
    metavar="SECONDS",
    type=values.interval,
    default=1.0,
)
_PLAYS = word("--speed", help="how fast it plays (1)", metavar="X", type=values.speed, default=1.0)
_CHANGED_SPEED = word(
    "--speed",
    help="how fast a recording is played (1)",
    metavar="X",
    type=values.speed,
    default=1.0,
)
_SOURCE = word(
    "--source",
    help="the kernel's statistics, or loads counted by tracing (the statistics if it has them)",
    choices=("stats", "trace"),
    dest="way",
)
_BLAME = word(
    "--blame",
    help="also find out who asks: by who opens modules, by probes (--blame=trace), and for which"
    " device (--blame=devices); as root",
    choices=("opens", "trace", "devices"),
)
_EVIDENCE = (
    word("--kmsg", help="a saved kernel log, as more evidence", metavar="FILE"),
    word("--trace", help="a saved trace, as more evidence", metavar="FILE"),
    word(
        "--modules",
        help="folder with that machine's modules.alias and modules.dep",
        metavar="FOLDER",
        dest="module_folder",
    ),
)
_METRICS = (
    word(
        "--modules",
        help="metrics of each module, or of none (all)",
        choices=("all", "none"),
        default="all",
        dest="per_module",
    ),
    switch("--created", "metrics with the time at which each counter began: that of the boot"),
)
_LIMITS = (
    word("--max-wasted", help="bytes wasted, e.g. 100MiB", metavar="SIZE", type=values.limit_size),
    word("--max-failures", help="loads failed", metavar="N", type=values.limit),
    word("--max-duplicates", help="loads refused as duplicates", metavar="N", type=values.limit),
    word(
        "--max-rate",
        help="bytes wasted a second, e.g. 1MiB/s: between two readings, or in the last minute of"
        " a recording",
        metavar="SIZE/s",
        type=values.limit_rate,
    ),
)
_RECORDING = word("source", metavar="RECORDING")
_HOSTS = word("--hosts", help="more sources, one a line; or a group of config", metavar="FILE")

_WORDS: dict[str, tuple[Word, ...]] = {
    "watch": (
        word("source", help="file, ssh://host, or - for standard input", nargs="*"),
        _HOSTS,
        _INTERVAL,
        word(
            "--speed",
            help="how much faster than it was taken a recording is played (1)",
            metavar="X",
            type=values.speed,
            default=1.0,
        ),
        word("--record", help="also record what is seen", metavar="FILE"),
        _BLAME,
        _SOURCE,
    ),
    "report": (
        word("source", help="files, folders, or - for standard input", nargs="*"),
        word(
            "--format",
            choices=("text", "json", "mail", "markdown", "html", "openmetrics"),
            default="text",
        ),
        _OUTPUT,
        word(
            "--for",
            help="watch so long first, then sum it up",
            metavar="SECONDS",
            type=values.interval,
            dest="span",
        ),
        _BLAME,
        _SOURCE,
        *_EVIDENCE,
    ),
    "follow": (
        word("source", help="file, ssh://host, or - for standard input", nargs="?"),
        _FORMAT,
        word("--count", help="ends after so many lines", metavar="N", type=values.count),
        _INTERVAL,
        _CHANGED_SPEED,
        _SOURCE,
    ),
    "diff": (
        word("a", help="the older one: a file, a recording, or -", metavar="A"),
        word("b", help="the newer one", metavar="B"),
        word("--format", choices=("text", "json", "mail"), default="text"),
        _OUTPUT,
        switch(
            "--across-boots", "put levels side by side (done by itself for recordings of two boots)"
        ),
        switch("--exit-code", "end with 1 when there is a difference"),
    ),
    "replay": (
        _RECORDING,
        word("--boot", help="which boot, from 1 (the last)", metavar="N", type=int),
        word(
            "--at",
            help="stand still at a time: 12.5 (seconds since boot) or 12:03:10",
            metavar="TIME",
        ),
        _PLAYS,
    ),
    "record": (
        word("source", help="file, or - for standard input", nargs="?"),
        word("-o", help="recording to append to", metavar="FILE", dest="output"),
        switch("--install-hints", "how to make a boot record itself"),
        word("--duration", help="ends after that time", metavar="SECONDS", type=values.duration),
        word(
            "--interval",
            help="between readings while counters move (0.1); slower when quiet",
            metavar="SECONDS",
            type=values.interval,
            default=0.1,
        ),
        word(
            "--max-size",
            help="oldest boots go first when the file grows larger (10MiB, 1.5GB; at least 100KiB)",
            metavar="SIZE",
            type=values.size,
        ),
        word(
            "--mode",
            help="permissions of a new file (600)",
            metavar="OCTAL",
            type=values.mode,
            default=0o600,
        ),
        _BLAME,
        _SOURCE,
        *_EVIDENCE,
    ),
    "export": (
        word("source", metavar="RECORDING", nargs="+"),
        word("--format", choices=("jsonl", "csv", "events", "openmetrics"), default="jsonl"),
        *_METRICS,
        _OUTPUT,
    ),
    "merge": (
        word("source", metavar="RECORDING", nargs="+"),
        word("-o", help="the recording to write, or to add to", metavar="FILE", dest="output"),
    ),
    "check": (
        word("source", help="file, recording, ssh://host, or - for standard input", nargs="?"),
        *_LIMITS,
        word("--format", choices=("text", "json", "junit", "ktap", "github"), default="text"),
        _OUTPUT,
        word("--boot", help="which boot of a recording, from 1 (the last)", metavar="N", type=int),
        _INTERVAL,
    ),
    "exporter": (
        word("source", help="file, ssh://host; this machine if none", nargs="*"),
        _HOSTS,
        word(
            "--listen",
            help="address and port (127.0.0.1:9922)",
            metavar="ADDRESS:PORT",
            type=values.listen,
            default="127.0.0.1:9922",
        ),
        word("--textfile", help="write there instead, for node_exporter", metavar="FILE.prom"),
        word(
            "--count", help="of the text file: ends after so many", metavar="N", type=values.count
        ),
        *_METRICS,
        word(
            "--interval",
            help="seconds between readings at least (1; of a text file 15)",
            metavar="SECONDS",
            type=values.scrape_interval,
        ),
        _SOURCE,
    ),
    "demo": (
        word("scenario", help="name or TOML file (big-255)", default="big-255", nargs="?"),
        _PLAYS,
    ),
    "simulate": (
        word("scenario", help="name or TOML file", nargs="?"),
        word(
            "--from",
            help="a scenario of this machine (/), of a text or of a recording",
            metavar="SOURCE",
            dest="model",
        ),
        word("--write", help="write the scenario, to be read and edited", metavar="FILE.toml"),
        word(
            "--packed",
            help="with modules packed to that part of their length, beside the same unpacked",
            metavar="RATIO",
            type=values.packed,
        ),
        word(
            "--blacklist",
            help="after blacklist lines of modprobe.d for these modules",
            metavar="MODULE,…",
            type=values.names,
        ),
        word("--events", help="play a list of load events instead", metavar="FILE"),
        word("--to", help="keep writing a stats file, to be watched", metavar="FILE"),
        word("--record", help="write a series, to be watched later", metavar="FILE"),
        switch("--realtime", "as fast as it would happen"),
        switch("--slow-motion", "at the pace of the demo"),
        word(
            "--speed",
            help="in slow motion, so many times as fast as the demo",
            metavar="X",
            type=values.speed,
        ),
        switch("--compare", "every era, on a range of CPUs, packed and unpacked"),
        word(
            "--seeds",
            help="courses of chance that are compared (5)",
            metavar="N",
            type=values.seeds,
        ),
        word("--format", help="of what is printed", choices=("text", "json", "stats", "html")),
        _OUTPUT,
    ),
    "collect": (
        word("source", help="file, recording, ssh://host; this machine if none", nargs="?"),
        word(
            "-o",
            help="the file to write (kmodtop-bundle.zip)",
            metavar="FILE",
            dest="output",
            default="kmodtop-bundle.zip",
        ),
    ),
    "doctor": (
        word("source", help="file, ssh://host, sim:SCENARIO, or - for standard input", nargs="?"),
        switch("--clean", "take away what a kmodtop that was killed has left in tracefs"),
    ),
    "config": (),
    "completion": (word("shell", choices=("bash", "zsh", "fish")),),
}


def own_to(verb: str) -> Iterator[Word]:
    """In the order of its help: operands first."""
    own = _WORDS[verb]
    yield from own[:1]
    if verb in ("demo", "simulate"):
        yield from _load_choice()
    yield from own[1:]


def _load_choice() -> Iterator[Word]:
    from kmodtop_core.simulation.eras import ERAS  # only here: others have no use for it

    yield word("--era", help="how the kernel treats duplicates", choices=tuple(ERAS))
    yield word(
        "--cpus",
        help="another number of CPUs; 4x: four times as many",
        metavar="N",
        type=values.cpus,
    )
    yield word("--seed", help="another course of chance (1)", metavar="N", type=int, default=1)
