"""Numbers as people read them."""

import time

_IEC = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_SI = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
UNITS = ("iec", "si", "raw")


def size(value: float, units: str = "iec") -> str:
    """Bytes in three or four significant digits; `units` is iec (1,024), si (1,000) or raw."""
    if units == "raw":
        return f"{round(value):,} B"
    sign, value = ("−", -value) if value < 0 else ("", value)
    names, base = (_SI, 1000) if units == "si" else (_IEC, 1024)
    place = 0
    while value >= base * 0.9995 and place < len(names) - 1:
        value /= base
        place += 1
    if place == 0:
        return f"{sign}{round(value)} {names[0]}"
    return f"{sign}{_digits(value)} {names[place]}"


def _digits(value: float) -> str:
    return (
        f"{value:.2f}" if value < 99.995 else f"{value:.1f}" if value < 999.95 else f"{value:.0f}"
    )


def brief(value: float, units: str = "iec") -> str:
    """Bytes in three digits, for columns of a screen: 46.4 MiB."""
    number, _, unit = size(value, units).rpartition(" ")
    if "." in number:
        whole = len(number.partition(".")[0].lstrip("−"))
        number = f"{float(number.replace('−', '-')):.{max(0, 3 - whole)}f}".replace("-", "−")
    return f"{number} {unit}"


def round_size(value: float, units: str = "iec") -> str:
    """A round number of bytes, as on an axis: 300 MiB, 1.5 GiB."""
    number, _, unit = size(value, units).rpartition(" ")
    return f"{number.rstrip('0').rstrip('.') if '.' in number else number} {unit}"


_SIZE_UNITS = {
    "": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40,
    "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
    "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
}  # fmt: skip


def parse_size(text: str) -> int:
    """Bytes written as 10MiB, 1.5GB or 4096. Raises ValueError."""
    number = text.strip().rstrip("BKMGTibkmgt").strip()
    unit = text.strip()[len(number) :].strip().lower()
    is_number = number.replace(".", "", 1).isdecimal() and len(number) <= 20
    if unit not in _SIZE_UNITS or not is_number:
        raise ValueError(f"{text[:40]!r} is no size; write it as 10MiB, 1.5GB or 4096")
    return int(float(number) * _SIZE_UNITS[unit])


def rate(value: float, units: str = "iec") -> str:
    """Bytes a second."""
    return f"{size(value, units)}/s"


def per_second(value: float) -> str:
    """Counts a second."""
    return f"{value:.0f}/s" if value >= 10 else f"{value:.1f}/s"


def count(value: int) -> str:
    """A whole number with its thousands set apart."""
    return f"{value:,}"


def counted(value: int, what: str) -> str:
    """1 duplicate, 1,411 duplicates."""
    return f"{count(value)} {what}{'s' if value != 1 else ''}"


def age(seconds: float) -> str:
    """How long ago, coarsely, so that it seldom changes: now, 5 s, 40 s, 3 min, 2 h, 5 d."""
    if seconds < 2:
        return "now"
    if seconds < 60:
        return f"{int(seconds) if seconds < 10 else int(seconds // 10 * 10)} s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min"
    if seconds < 48 * 3600:
        return f"{int(seconds // 3600)} h"
    return f"{int(seconds // 86400)} d"


def span(seconds: float) -> str:
    """A length of time on an axis: 12 s, 10 min, 2 h 30 min, 3 d."""
    whole = round(seconds)
    if whole < 100:
        return f"{whole} s" if whole >= 10 or whole == seconds else f"{seconds:.1f} s"
    if whole < 5400:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min" + (f" {rest} s" if rest and minutes < 10 else "")
    if whole < 172800:
        hours, rest = divmod(whole // 60, 60)
        return f"{hours} h" + (f" {rest} min" if rest else "")
    return f"{whole / 86400:.1f} d"


def clock(wall: float) -> str:
    """The local time of day of a Unix time in seconds."""
    try:
        return time.strftime("%H:%M:%S", time.localtime(wall))
    except (OverflowError, OSError, ValueError):
        return "?"  # a recording can say that it was made in the year 3,000,000,000


def rfc3339(wall: float) -> str:
    """A Unix time in seconds as UTC, to the millisecond."""
    whole, milli = divmod(round(wall * 1000), 1000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(whole))}.{milli:03d}+00:00"


def moment(text: str, position: float, wall: float | None) -> float:
    """Seconds since boot that somebody means by 12.5, +5, -30s, 12:03:10 or an RFC 3339 time.

    `position` is where they are now (seconds since boot), `wall` the Unix time of that, for
    clock times. Raises ValueError with a sentence.
    """
    words = text.strip()
    number = words.removesuffix("s").strip()
    try:
        value = float(number)
    except ValueError:
        return position + _wall_of(words, wall) - (wall or 0.0)
    if not abs(value) < 1e10:
        raise ValueError(f"{text!r} is no time")
    return position + value if words[0] in "+-" else value


def _wall_of(words: str, wall: float | None) -> float:
    from datetime import datetime  # only here: a report has no use for it

    problem = f"{words!r} is no time; write 12.5, +5, -30, or 12:03:10"
    if wall is None:
        raise ValueError(
            f"{problem}; the recording knows no clock times" if ":" in words else problem
        )
    for form in ("%H:%M:%S.%f", "%H:%M:%S", "%H:%M"):
        try:
            clock = datetime.strptime(words, form)  # noqa: DTZ007 - local, as clocks on walls are
        except ValueError:
            continue
        day = datetime.fromtimestamp(wall).replace(  # noqa: DTZ006
            hour=clock.hour, minute=clock.minute, second=clock.second, microsecond=clock.microsecond
        )
        return day.timestamp()
    try:
        return datetime.fromisoformat(words).timestamp()
    except ValueError:
        raise ValueError(problem) from None
