"""What can be wrong with a recording, each said in one place."""

from ..errors import SourceError, Trouble


def shown(cell: object) -> str:
    """A cell that stands where it cannot, in a few words."""
    text = repr(cell)
    return text if len(text) < 40 else f"{type(cell).__name__} of {len(text)} characters"


def reason_of(error: Exception) -> str:
    """What SQLite has to say, in words that are no riddle."""
    if "interrupted" in str(error):
        return "its tables have no end"
    if isinstance(error, UnicodeDecodeError):
        return "its tables are damaged"
    return str(error) or type(error).__name__


def broken(path: str, problem: str, fix: str = "take another file") -> SourceError:
    """For a file that cannot be used."""
    return SourceError(Trouble("bad-recording", problem, fix, path))
