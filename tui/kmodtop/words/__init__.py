"""Verbs and their words: one table, of which the parser, its help, man pages and completion come.

verbs     what each verb does, with examples
own       the words of each verb
about     the same in a paragraph or two
common    the words of many verbs, and in which of them each acts

What a word may be is checked in values; what the words choose becomes values in options.
"""

from collections.abc import Iterator

from .common import VERSION, Word, common_to
from .own import own_to
from .verbs import EXAMPLES, EXCLUSIVE, VERBS

__all__ = ["EXAMPLES", "EXCLUSIVE", "VERBS", "VERSION", "Word", "words_of"]


def words_of(verb: str) -> Iterator[Word]:
    """The words of a verb, in the order of its help. Those that do not act in it are taken, and
    not shown (argparse.SUPPRESS)."""
    yield from own_to(verb)
    yield from common_to(verb)
