"""An element of a `dom` tree as Markdown, in the manner of the reference corpus' documents.

Rendered here rather than by a library: markdownify parses its input again and folds the spaces and
line breaks that those documents keep. Every element becomes runs, and the runs are joined by rules
that were found by comparing documents with their pages.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lxml.etree import _Element

from pipelines.dom import COMMENT, TEXT, names
from pipelines.links import resolve

_EMPHASIS = {
    **dict.fromkeys(("b", "strong"), "**"),
    **dict.fromkeys(("i", "em", "u"), "_"),
    **dict.fromkeys(("s", "del", "strike"), "~~"),
}
_QUOTATION = {"q": '"', **dict.fromkeys(("code", "tt", "kbd"), "`")}
_HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
_EDGED = names(
    "address article aside caption center details div fieldset figcaption figure footer form header",
    "legend main nav option section summary tbody td tfoot th thead tr",
)
_UNRENDERED = frozenset((COMMENT, "img", "input", "wbr"))
_SCRIPTED = re.compile(r"\s*(?:javascript|data|vbscript):", re.I)

_SPACE = re.compile(r"[^\S\xa0]+")
_PIECE = re.compile(r"[\xa0&<>]|[^\xa0&<>]+")
_MARKER = re.compile(r"^(\s*\d+)(?=\.\s)|^(\s*)(?=\+\s|-+\s)", re.M)
_ESCAPED = re.compile(r"\\(?=[\\`*_{}\[\]()#+\-.!])")


class _Run(NamedTuple):
    """A part of a line, or a gap: `size` line ends at least between what stands before and after.

    `prefix` is what a line begins with here, because of the quotations around it. Kinds: a `piece`
    of the page's text; a `mark` or `start` that we write, nothing parting a start from what comes
    next; `tight`, a mark that what comes next touches; `open`, which begins emphasis; `end`, which
    ends a line; `gap`; `edge`, where words must not run together.
    """

    kind: str
    text: str = ""
    prefix: str = ""
    size: int = 0
    words: bool = False


_GAP = _Run("gap", "\n", size=2)
_SMALL_GAP = _Run("gap", "\n", size=1)
_ROW_END = _Run("gap", "  \n", size=1)
_EDGE = _Run("edge")


class _Place(NamedTuple):
    """What surrounds an element, as far as it is written otherwise for that."""

    base: str
    prefix: str = ""
    lists: int = 0
    tight: bool = False
    verbatim: bool = False
    table: _Element | None = None


def to_markdown(root: _Element, base: str) -> str:
    """Return an element as Markdown; `base` resolves its links."""
    return "".join(_lines(_spaced(_element(root, _Place(base))))).replace("\xa0", " ").strip("\n")


def _children(element: _Element, place: _Place) -> list[_Run]:
    return [run for child in element for run in _element(child, place)]


def _element(element: _Element, place: _Place) -> list[_Run]:
    """Return an element's runs."""
    tag = str(element.tag)
    if tag == TEXT:
        return _text(element.text or "", place)
    if tag in _UNRENDERED:
        return []
    if tag == "br":
        if ">" in place.prefix:  # the new line begins with a quotation's sign, and only one
            return [_Run("mark", "  \n> ", place.prefix)]
        return [_Run("end", "  \n", place.prefix)]
    if tag == "a":
        return _link(element, place)
    if mark := _EMPHASIS.get(tag):
        inside = _children(element, place)
        return [_Run("open", mark, place.prefix), *inside, _Run("mark", mark, place.prefix)]
    if tag in _QUOTATION and not place.verbatim:
        around = _Run("mark", _QUOTATION[tag], place.prefix)
        return [around, *_children(element, place._replace(tight=tag != "q")), around]
    if tag == "p" or (tag == "div" and not place.tight):
        return [_GAP, *_children(element, place), _GAP]
    return _block(tag, element, place)


def _block(tag: str, element: _Element, place: _Place) -> list[_Run]:
    """Return the runs of an element that is neither a paragraph nor a part of one."""
    if tag in _HEADINGS:
        mark = _Run("head", _HEADINGS[tag], place.prefix)
        return [_GAP, mark, *_children(element, place), _GAP]
    if tag == "hr":
        return [_GAP, _Run("mark", "* * *", place.prefix), _GAP]
    if tag in ("ul", "ol"):
        return _list(element, place)
    if tag == "li":
        return [_SMALL_GAP, _bullet(element, place), *_children(element, place), _SMALL_GAP]
    if tag == "blockquote":
        return _quotation(element, place)
    if tag == "pre":
        return _preformatted(element, place)
    if tag == "dl":
        return [_GAP, *_children(element, place)]
    if tag in ("dt", "dd"):
        indent = _Run("mark", "    " if tag == "dd" else "", place.prefix)
        return [indent, *_children(element, place), _SMALL_GAP]
    if tag == "table":
        return [_EDGE, *_children(element, place._replace(table=element)), _EDGE]
    if place.table is not None and tag in ("tr", "td", "th"):
        return _row(element, place) if tag == "tr" else _cell(element, place)
    edge = [_EDGE] if tag in _EDGED else []
    return [*edge, *_children(element, place), *edge]


def _text(text: str, place: _Place) -> list[_Run]:
    """Return a text in pieces: a character that HTML writes as an entity is a piece of its own."""
    if place.verbatim:
        return [_Run("mark", text.replace("\n", "\n" + place.prefix), place.prefix)]
    if "\\" in text:
        text = _ESCAPED.sub(r"\\\\", text)
    kind = "tight" if place.tight else "piece"
    return [
        _Run(kind, _SPACE.sub(" ", _MARKER.sub(r"\g<0>\\", piece)), place.prefix, words=True)
        for piece in _PIECE.findall(text)
    ]


def _link(link: _Element, place: _Place) -> list[_Run]:
    href = link.get("href")
    if href is None or href.startswith("#") or _SCRIPTED.match(href):
        return _children(link, place)
    address = resolve(place.base, href)
    if len(link) == 1 and link[0].tag == TEXT and link[0].text == address and "//" in address:
        return [_Run("mark", f"<{address}>", place.prefix)]
    address = address.replace("(", "\\(").replace(")", "\\)")
    inside = _children(link, place._replace(tight=True))
    end = _Run("tight", f"]({address})", place.prefix)
    return [_Run("mark", "[", place.prefix), *inside, end]


def _list(element: _Element, place: _Place) -> list[_Run]:
    """Return a list; one that stands in no other ends with an empty line more."""
    items = _children(element, place._replace(lists=place.lists + 1))
    if place.lists:
        return items
    before = next((e for e in element.itersiblings(preceding=True) if e.tag != TEXT), None)
    gap = _GAP if before is None or before.tag not in ("ul", "ol") else _SMALL_GAP
    return [gap, *items, _Run("end", "\n", place.prefix)]


def _bullet(item: _Element, place: _Place) -> _Run:
    """Return the mark of an item; one that stands in no list has it, too."""
    parent = item.getparent()
    bullet = "* "
    if parent is not None and parent.tag == "ol":
        first = re.match(r"\s*(-?\d{1,9})", parent.get("start", ""))
        before = sum(1 for _ in item.itersiblings("li", preceding=True))
        bullet = f"{int(first[1] if first else 1) + before}. "
    return _Run("start", "  " * place.lists + bullet, place.prefix)


def _quotation(element: _Element, place: _Place) -> list[_Run]:
    outer = place.prefix.rstrip()
    inside = _children(element, place._replace(prefix=outer + "> "))
    return [_GAP, _Run("start", "> ", outer), *inside, _GAP]


def _preformatted(element: _Element, place: _Place) -> list[_Run]:
    prefix = place.prefix + "    "
    inside = _children(element, place._replace(verbatim=True, prefix=prefix))
    return [_GAP, _Run("mark", "    " if place.lists else "\n" + prefix, prefix), *inside, _GAP]


def _row(row: _Element, place: _Place) -> list[_Run]:
    """Return a table's row and, under its first, the line that makes a header of it."""
    cells = sum(1 for _ in row.iterchildren("td", "th"))
    if not cells:
        return _children(row, place)
    runs = [*_children(row, place), _ROW_END]
    if _is_first(row, place):
        runs += (_Run("mark", "|".join(["---"] * cells), place.prefix), _ROW_END)
    return runs


def _cell(cell: _Element, place: _Place) -> list[_Run]:
    """Return a cell after a bar, which only rows after the first do not begin with."""
    row = cell.getparent()
    inner = next(cell.itersiblings("td", "th", preceding=True), None) is not None
    bar = inner or (row is not None and _is_first(row, place))
    return [_Run("mark", "| " if bar else "", place.prefix), *_children(cell, place)]


def _is_first(row: _Element, place: _Place) -> bool:
    return place.table is not None and next(place.table.iterdescendants("tr"), None) is row


def _spaced(runs: Iterable[_Run]) -> Iterator[_Run]:
    """Set emphasis apart from the words beside it.

    The first text in it loses its outer spaces, and the next one is set apart from it, in a link or
    behind one excepted. A space before emphasis depends on the last text, wherever that stood.
    """
    last, since = "", 2  # texts since emphasis began
    before = ""
    for run in runs:
        text = run.text
        if run.kind == "open":
            text = " " + text if last[-1:].strip(" ") else text
            since = 0
        elif run.kind == "head":
            since = 2
        elif run.words:
            if since == 0:
                text = text.strip(" ")
            elif since == 1 and "tight" not in (before, run.kind) and text[0] not in " .!?":
                text = " " + text
            last, since = text, since + 1
        before = run.kind
        yield run._replace(text=text)


def _lines(runs: Iterable[_Run]) -> Iterator[str]:
    """Write the runs; of several gaps in one place the largest counts, and none after a start.

    White space before a gap goes, if it is a text of its own, and so does that at a line's begin.
    """
    before = _Run("start")
    size, end, space, edge = 0, "\n", "", False
    for run in runs:
        text = run.text
        if run.kind == "gap":
            size = max(size, run.size) if before.kind != "start" else 0
            end, space = max(end, text, key=len), ""
        begins = size > 0 or before.kind in ("start", "end")
        edge = edge or run.kind == "edge"
        if run.words and (begins or space):
            text = text.lstrip(" ")
        if run.words and text in ("", " "):
            space = "" if begins else space or text
        elif text and run.kind != "gap":
            if edge and not (begins or space) and before.text[-1].isalnum() and text[0].isalnum():
                size = 2
            yield from ((end + run.prefix) * size, space, text)
            before, size, end, space, edge = run, 0, "\n", "", False
