"""Which pictures a question names, and whether each is there, inside the bank, and free of anything active."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

MEDIA_NAME = re.compile(r"media/[A-Za-z0-9][A-Za-z0-9._-]*\.(svg|png|jpg|jpeg|webp|gif)\Z")
MAX_BYTES = 2 * 1024 * 1024
_SVG = "{http://www.w3.org/2000/svg}"
_SHAPES = ["g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "title", "desc"]
_PAINT = ["linearGradient", "radialGradient", "stop", "clipPath", "mask", "pattern", "style"]
_SVG_TAGS = frozenset(["svg", "defs", "use", "symbol", "marker", *_SHAPES, *_PAINT])


def media_fault(folder: Path, src: str, root: Path) -> str | None:
    """What is wrong with the picture `src` of a question in `folder`, or None."""
    if not MEDIA_NAME.match(src):
        return f"the picture {src!r} must be media/NAME.svg (or png, jpg, webp, gif) beside the question"
    path = folder / src
    if not path.resolve().is_relative_to(root.resolve()):
        return f"the picture {src!r} lies outside the bank: copy it to {folder.name}/media/"
    if not path.is_file():
        return f"the picture {src!r} is missing: add {folder.name}/{src} or remove the reference"
    if path.stat().st_size > MAX_BYTES:
        return f"the picture {src!r} is over {MAX_BYTES // 1024} KiB: make it smaller"
    return svg_fault(path.read_bytes()) if path.suffix == ".svg" else None


def svg_fault(data: bytes) -> str | None:
    """An SVG may draw; it may not run, load or link to anything."""
    if re.search(rb"<!(DOCTYPE|ENTITY)", data, re.IGNORECASE):
        return "an SVG must not have a DOCTYPE or entities: remove them"
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        return f"not a well-formed SVG ({error})"
    for element in root.iter():
        if not isinstance(element.tag, str) or element.tag.removeprefix(_SVG) not in _SVG_TAGS:
            return f"the SVG element {element.tag!r} is not allowed: keep to shapes and text"
        for name, value in element.attrib.items():
            if fault := _attribute_fault(name.rpartition("}")[2].lower(), value):
                return fault
        if element.tag == f"{_SVG}style" and _loads(element.text or ""):
            return "the SVG's style loads something from outside: remove url() and @import"
    return None


def _attribute_fault(name: str, value: str) -> str | None:
    if name.startswith("on"):
        return f"the SVG attribute {name!r} runs code: remove it"
    if name in ("href", "src") and not value.startswith("#"):
        return f"the SVG links to {value[:40]!r}: only #fragments of itself are allowed"
    if _loads(value):
        return f"the SVG attribute {name!r} loads something from outside"
    return None


def _loads(css: str) -> bool:
    return bool(re.search(r"@import|url\(\s*['\"]?(?!#)", css, re.IGNORECASE))
