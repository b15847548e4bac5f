"""Trend and calibration as inline SVG: drawn by matplotlib, then made a part of the page that they stand in.

The colours that matplotlib is given stand for classes of `report.css`, so that a plot follows light and dark; its texts
stay texts in the page's own font; a name and a description are added for those who do not see it. Nothing that varies
(dates, random ids, the user's matplotlibrc) is left in, so the same report gives the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from mockint.phrases.formats import day
from mockint.reports.shapes import Calibration, Trend

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SVG = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}"
_CLASSES = {"#010101": "ink", "#020202": "muted", "#030303": "line", "#040404": "accent", "#050505": "paper"}
_INK, _MUTED, _LINE, _ACCENT, _PAPER = _CLASSES
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "mockint",
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same measures everywhere
    "font.size": 9,
    "text.color": _INK,
    "axes.edgecolor": _LINE,
    "axes.labelcolor": _MUTED,
    "xtick.color": _LINE,
    "ytick.color": _LINE,
    "xtick.labelcolor": _MUTED,
    "ytick.labelcolor": _MUTED,
    "grid.color": _LINE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
}
_MOST_LABELS = 6


def trend_plot(trend: Trend, *, pass_mark: float, title: str, description: str) -> str:
    """A line of mean scores, a dot a point; the session reported on has a larger one."""
    scored = [point for point in trend.points if point.score is not None]
    scores = [100 * (point.score or 0.0) for point in scored]
    with _figure(7.2, 2.5) as (axes, drawn):
        axes.axhline(100 * pass_mark, color=_MUTED, linewidth=1, linestyle=(0, (4, 3)))
        axes.plot(range(len(scores)), scores, color=_ACCENT, linewidth=2, marker="o", markersize=4)
        for place, point in enumerate(scored):
            if point.current:
                axes.plot([place], [scores[place]], color=_ACCENT, marker="o", markersize=9)
        axes.set_ylim(0, 104)
        axes.set_yticks(range(0, 101, 25), [f"{tick}%" for tick in range(0, 101, 25)])
        axes.set_xlim(-0.5, max(1, len(scores) - 1) + 0.5)
        ticks = _spread(len(scored))
        axes.set_xticks(ticks, [day(scored[tick].start) for tick in ticks])
        axes.grid(axis="y", linewidth=0.6)
        axes.figure.subplots_adjust(left=0.065, right=0.985, top=0.97, bottom=0.12)
    return _inlined(drawn.getvalue(), name="trend", title=title, description=description)


def calibration_plot(calibration: Calibration, *, x: str, y: str, title: str, description: str) -> str:
    """A dot a bin, as large as it has answers; on the dashed line confidence and score are equal."""
    with _figure(3.6, 3.2) as (axes, drawn):
        axes.plot([0, 100], [0, 100], color=_MUTED, linewidth=1, linestyle=(0, (4, 3)))
        most = max(one.count for one in calibration.bins)
        for one in calibration.bins:
            size = 30 + 170 * one.count / most
            axes.scatter([100 * one.confidence], [100 * one.score], s=size, color=_ACCENT, clip_on=False, zorder=3)
        axes.set_xlim(0, 100)
        axes.set_ylim(0, 100)
        percents = [f"{tick}%" for tick in range(0, 101, 25)]
        axes.set_xticks(range(0, 101, 25), percents)
        axes.set_yticks(range(0, 101, 25), percents)
        axes.set_xlabel("@x")
        axes.set_ylabel("@y")
        axes.grid(linewidth=0.6)
        axes.figure.subplots_adjust(left=0.19, right=0.955, top=0.955, bottom=0.165)
    texts = {"@x": x, "@y": y}
    return _inlined(drawn.getvalue(), name="calibration", title=title, description=description, texts=texts)


@contextmanager
def _figure(width: float, height: float) -> Iterator[tuple[Axes, io.StringIO]]:
    """Axes to draw on; when the block ends, what was drawn stands in the text file. Sizes in inches."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    drawn = io.StringIO()
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        figure = Figure(figsize=(width, height))
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        axes.set_axisbelow(True)
        axes.tick_params(length=3)
        yield axes, drawn
        figure.savefig(drawn, format="svg", transparent=True, metadata={"Date": None, "Creator": None})


def _spread(count: int) -> list[int]:
    """Places of at most _MOST_LABELS labels, the first and the last among them."""
    if count <= _MOST_LABELS:
        return list(range(count))
    return sorted({round(step * (count - 1) / (_MOST_LABELS - 1)) for step in range(_MOST_LABELS)})


def _inlined(svg: str, *, name: str, title: str, description: str, texts: Mapping[str, str] | None = None) -> str:
    root = ElementTree.fromstring(svg)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.rpartition("}")[2] in ("metadata", "style"):
                parent.remove(child)
    used = set(re.findall(r"(?:url\(|href=\")#([^)\"]+)", svg))
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
        _tidy(element, name, used)
        element.text = (texts or {}).get(element.text or "", element.text) if element.tag == "text" else None
        element.tail = None
    root.attrib = {
        "viewBox": root.attrib["viewBox"],
        "class": f"plot plot-{name}",
        "role": "img",
        "aria-labelledby": f"{name}-title {name}-description",
        "stroke-linejoin": "round",
    }
    about = (ElementTree.Element("title", id=f"{name}-title"), ElementTree.Element("desc", id=f"{name}-description"))
    about[0].text, about[1].text = title, description
    root[:0] = about
    return ElementTree.tostring(root, encoding="unicode")


def _tidy(element: ElementTree.Element, name: str, used: set[str]) -> None:
    """Styles become attributes and classes; an id that nothing refers to goes, the others are the plot's own."""
    attributes = dict(element.attrib)
    declared = (part.split(":", 1) for part in attributes.pop("style", "").split(";") if ":" in part)
    styles = {key.strip(): value.strip() for key, value in declared}
    if "font" in styles:
        styles["font-size"] = styles.pop("font").split()[0]
    styles.pop("font-family", None)  # the page's
    classes = []
    for key in ("fill", "stroke"):
        value = styles.get(key, attributes.get(key, ""))
        if value in _CLASSES:
            styles.pop(key, None)
            attributes.pop(key, None)
            classes.append(f"{key}-{_CLASSES[value]}")
    if element.tag == "text" and "fill" not in styles and not any(one.startswith("fill") for one in classes):
        classes.append("fill-ink")
    if (id := attributes.pop("id", None)) in used:
        attributes["id"] = f"{name}-{id}"
    if target := attributes.pop(f"{_XLINK}href", None):
        attributes["href"] = f"#{name}-{target.removeprefix('#')}"
    attributes = {key: re.sub(r"url\(#", f"url(#{name}-", value) for key, value in (attributes | styles).items()}
    element.attrib = attributes | ({"class": " ".join(classes)} if classes else {})
