"""The text as the kernel printed it."""

from kmodtop_core import units
from kmodtop_core.plain import harmless

from ..lines import EMPTY, Line, Span, crop
from ..scene import Scene


def page(scene: Scene, wide: int, high: int) -> list[Line]:
    """A line that says how long it is, then the text, its control characters spelt out."""
    sample = scene.frame.sample if scene.frame is not None else None
    if sample is None:
        return [EMPTY, (Span("  Nothing has been read yet.", "quiet"),)]
    lines = raw_lines(sample.text)
    took = "" if sample.read_s is None else f"; the read took {1000 * sample.read_s:.2f} ms"
    size = f"{units.count(len(sample.text))} bytes, {units.count(len(lines))} lines"
    top = scene.view.choice.scroll
    shown = lines[top : top + high - 1]
    title = f" {size}, as read{took}"
    texts = [(Span(title, "quiet"),), *((Span(" " + text),) for text in shown)]
    return [crop(line, wide, scene.look.glyphs.ellipsis) for line in texts]


def length(scene: Scene) -> int:
    """Lines of the page."""
    sample = scene.frame.sample if scene.frame is not None else None
    return len(raw_lines(sample.text)) + 1 if sample is not None else 0


def raw_lines(text: bytes) -> list[str]:
    """The lines of a stats text, tabs expanded, harmless."""
    decoded = text.decode("utf-8", "surrogateescape")
    return [harmless(line.expandtabs(8)) for line in decoded.split("\n")][: 1 << 16]
