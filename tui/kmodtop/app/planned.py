"""Planned: Textual places panels where view's layout puts them, as in the first picture."""

from typing import Any

from textual.geometry import Offset, Region, Size, Spacing
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from ..view.panels import layout
from ..view.scene import Scene
from .panels import Panel


class Planned(Layout):
    """Of a screen that has a scene."""

    name = "planned"

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        """A place for each panel that the page has at this size; the others have none."""
        owner: Any = parent
        scene: Scene = owner.scene
        places = {place.panel: place for place in layout.places(scene, *size)}
        found = []
        for order, child in enumerate(children):
            place = places.get(child.panel) if isinstance(child, Panel) else None
            if place is not None:
                region = Region(place.x, place.y, place.wide, place.high)
                # The message lies over the panel below it.
                above = 1000 if place.panel == "message" else order
                found.append(WidgetPlacement(region, Offset(), Spacing(), child, above))
        return found
