"""A fault of kmodtop's own: one sentence for people, the rest in a file for whoever mends it."""

import os
import tempfile
import traceback


def told(error: Exception) -> str:
    """What went wrong and where, in one sentence that names the file with all of it."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    where = f" at {os.path.basename(last[0].filename)}:{last[0].lineno}" if last else ""
    what = f"{type(error).__name__}{where}"
    return f"a fault of kmodtop itself ({what}); please report it, with {_kept(error)}"


def _kept(error: Exception) -> str:
    text = "".join(traceback.format_exception(error))
    try:
        fd, path = tempfile.mkstemp(prefix="kmodtop-fault-", suffix=".txt")
        with open(fd, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError:
        return "what you did"
    return path
