"""An element of a `dom` tree as Markdown, in the manner of the reference corpus' documents.

Rendered here rather than by a library: markdownify parses its input again and folds the spaces and
line breaks that those documents keep. Every element becomes runs, and the runs are joined by rules
that were found by comparing documents with their pages.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import count
from typing import NamedTuple

from lxml.etree import _Element

from pipelines.extraction.dom import COMMENT, TEXT, names
from pipelines.extraction.links import LONGEST, resolve

_EMPHASIS = {
    **dict.fromkeys(("b", "strong"), "**"),
    **dict.fromkeys(("i", "em", "u"), "_"),
    **dict.fromkeys(("s", "del", "strike"), "~~"),
}
_QUOTATION = {"q": '"', **dict.fromkeys(("code", "tt", "kbd"), "`")}
_HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
_EDGED = names(
    "address article aside caption center details div fieldset figcaption figure footer form",
    "header legend main nav option section summary tbody tfoot thead",
)
_UNRENDERED = frozenset((COMMENT, "img", "input", "wbr"))
_SCRIPTED = re.compile(r"\s*(?:javascript|data|vbscript):", re.I)

_PIECE = re.compile(r"[\xa0&<>]|[^\xa0&<>]+")
_MARKER = re.compile(r"\n[^\S\n]*(?:\d+(?=\.\s)|(?=\+\s|-+\s))")  # looks like a list's item
_ESCAPED = re.compile(r"\\(?=[\\`*_{}\[\]()#+\-.!])")


# A part of a line, or a gap: kind, text, prefix, size; plain tuples, because a page has thousands.
# At least `size` line ends stand between what is before a gap and after it; `prefix` is what a line
# begins with here, because of the quotations around it. Kinds: a `piece` of the page's text, or an
# `inner` one, in a link or code; a `mark` or `start` that we write, nothing parting a start from
# what comes next; `tight`, a link's end, which like an inner piece nothing is set apart from;
# `open` and `close` emphasis; `head`, a heading's mark; `end`, which ends a line; `gap`; `edge`,
# where words must not run together.
_Run = tuple[str, str, str, int]
_Runs = tuple[_Run, ...]

_GAP: _Run = "gap", "\n", "", 2
_SMALL_GAP: _Run = "gap", "\n", "", 1
_ROW_END: _Run = "gap", "  \n", "", 1
_EDGE: _Run = "edge", "", "", 0
_TEXTS = frozenset(("piece", "inner"))
_TIGHT = frozenset(("inner", "tight"))
_PARTING = frozenset(("start", "end"))


class _Place(NamedTuple):
    """What surrounds an element, as far as it is written otherwise for that."""

    base: str
    prefix: str = ""
    lists: int = 0
    numbers: Iterator[int] = count(1)
    tight: bool = False
    verbatim: bool = False
    table: _Element | None = None


# What an element writes before its children, where these stand, and what it writes after them.
_Around = tuple[_Runs, _Place, _Runs]


def to_markdown(root: _Element, base: str) -> str:
    """Return an element as Markdown; `base` resolves its links."""
    return _written(_spaced(_runs(root, _Place(base)))).replace("\xa0", " ").strip("\n")


def _runs(root: _Element, place: _Place) -> list[_Run]:
    """Return an element's runs; without recursion, because pages may be deep."""
    runs: list[_Run] = []
    open_elements: list[tuple[Iterator[_Element], _Place, _Runs]] = [(iter((root,)), place, ())]
    while open_elements:
        children, place, after = open_elements[-1]
        for child in children:
            tag = child.tag
            if tag == TEXT:
                runs += _text(child.text or "", place)
            elif tag not in _UNRENDERED:
                writer = _WRITERS.get(tag)
                before, inside, behind = writer(child, place) if writer else ((), place, ())
                runs += before
                open_elements.append((iter(child), inside, behind))
                break
        else:
            runs += after
            open_elements.pop()
    return runs


def _text(text: str, place: _Place) -> list[_Run]:
    """Return a text in pieces: a character that HTML writes as an entity is a piece of its own."""
    prefix = place.prefix
    if place.verbatim:
        return [("mark", text.replace("\n", "\n" + prefix), prefix, 0)]
    kind = "inner" if place.tight else "piece"
    if "\\" in text:
        text = _ESCAPED.sub(r"\\\\", text)
    if "\xa0" in text or "&" in text or "<" in text or ">" in text:
        return [(kind, _folded(piece), prefix, 0) for piece in _PIECE.findall(text)]
    return [(kind, _folded(text), prefix, 0)] if text else []


def _folded(piece: str) -> str:
    """Return a piece with each run of white space as one space, and nothing like a mark in it."""
    words = " ".join(piece.split())
    if not words:
        return piece if piece == "\xa0" else " "
    if "\n" in piece or words[0] in "+-0123456789":
        piece = _MARKER.sub(r"\g<0>\\", "\n" + piece)[1:]
        words = " ".join(piece.split())
    return f"{' ' * piece[0].isspace()}{words}{' ' * piece[-1].isspace()}"


def _block(_: _Element, place: _Place) -> _Around:
    return (_GAP,), place, (_GAP,)


def _division(_: _Element, place: _Place) -> _Around:
    around = (_EDGE if place.tight else _GAP,)
    return around, place, around


def _edged(_: _Element, place: _Place) -> _Around:
    return (_EDGE,), place, (_EDGE,)


def _emphasis(element: _Element, place: _Place) -> _Around:
    mark, prefix = _EMPHASIS[element.tag], place.prefix
    return (("open", mark, prefix, 0),), place, (("close", mark, prefix, 0),)


def _heading(heading: _Element, place: _Place) -> _Around:
    return (_GAP, ("head", _HEADINGS[heading.tag], place.prefix, 0)), place, (_GAP,)


def _quoted(element: _Element, place: _Place) -> _Around:
    if place.verbatim:
        return (), place, ()
    sign = (("mark", _QUOTATION[element.tag], place.prefix, 0),)
    return sign, place._replace(tight=element.tag != "q"), sign


def _break(_: _Element, place: _Place) -> _Around:
    if ">" in place.prefix:  # the new line begins with a quotation's sign, and only one
        return (("mark", "  \n> ", place.prefix, 0),), place, ()
    return (("end", "  \n", place.prefix, 0),), place, ()


def _rule(_: _Element, place: _Place) -> _Around:
    return (_GAP, ("mark", "* * *", place.prefix, 0), _GAP), place, ()


def _link(link: _Element, place: _Place) -> _Around:
    href = link.get("href")
    if href is None or href.startswith("#") or _SCRIPTED.match(href):
        return (), place, ()
    is_short = len(place.base) + len(href) < LONGEST
    address = (_known_address if is_short else resolve)(place.base, href)
    begin, end = "[", "](" + address.replace("(", "\\(").replace(")", "\\)") + ")"
    if len(link) == 1 and link[0].tag == TEXT and link[0].text == address and "//" in address:
        begin, end = "<", ">"
    return (
        (("mark", begin, place.prefix, 0),),
        place._replace(tight=True),
        (("tight", end, place.prefix, 0),),
    )


@lru_cache(maxsize=2_000)  # a site's links come again on all its pages
def _known_address(base: str, href: str) -> str:
    return resolve(base, href)


def _list(element: _Element, place: _Place) -> _Around:
    """A list that stands in no other ends with an empty line more, unless its last item ends with
    a space: so it is in all lists of the reference corpus' documents that another block follows.
    """
    start = re.match(r"\s*(-?\d{1,9})", element.get("start", ""))
    inside = place._replace(lists=place.lists + 1, numbers=count(int(start[1]) if start else 1))
    if place.lists:
        return (), inside, ()
    before = next((e for e in element.itersiblings(preceding=True) if e.tag != TEXT), None)
    gap = _GAP if before is None or before.tag not in ("ul", "ol") else _SMALL_GAP
    last = [text for text in element.iter(TEXT) if (text.text or "").strip()][-1:]
    spaced = any((t.text or "")[-1].isspace() and _tag_above(t) == "li" for t in last)
    return (gap,), inside, (_GAP,) if spaced else (("end", "\n", place.prefix, 0),)


def _tag_above(text: _Element) -> str:
    parent = text.getparent()
    return "" if parent is None else str(parent.tag)


def _item(item: _Element, place: _Place) -> _Around:
    """An item that stands in no list has its mark, too."""
    parent = item.getparent()
    ordered = parent is not None and parent.tag == "ol"
    bullet = f"{next(place.numbers)}. " if ordered else "* "
    mark = ("start", "  " * place.lists + bullet, place.prefix, 0)
    return (_SMALL_GAP, mark), place, (_SMALL_GAP,)


def _terms(_: _Element, place: _Place) -> _Around:
    return (_GAP,), place, ()


def _term(element: _Element, place: _Place) -> _Around:
    indent = "    " if element.tag == "dd" else ""
    return (("mark", indent, place.prefix, 0),), place, (_SMALL_GAP,)


def _quotation(_: _Element, place: _Place) -> _Around:
    outer = place.prefix.rstrip()
    begin = (_GAP, ("start", "> ", outer, 0))
    return begin, place._replace(prefix=outer + "> "), (_GAP,)


def _preformatted(_: _Element, place: _Place) -> _Around:
    prefix = place.prefix + "    "
    begin = (_GAP, ("mark", "    " if place.lists else "\n" + prefix, prefix, 0))
    return begin, place._replace(verbatim=True, prefix=prefix), (_GAP,)


def _table(table: _Element, place: _Place) -> _Around:
    return (_EDGE,), place._replace(table=table), (_EDGE,)


def _row(row: _Element, place: _Place) -> _Around:
    """The line under a table's first row makes a header of it."""
    cells = sum(1 for _ in row.iterchildren("td", "th"))
    if place.table is None or not cells:
        return (_EDGE,), place, (_EDGE,)
    line = ("mark", "|".join(["---"] * cells), place.prefix, 0)
    return (), place, (_ROW_END, line, _ROW_END) if _is_first(row, place) else (_ROW_END,)


def _cell(cell: _Element, place: _Place) -> _Around:
    """A bar stands before each cell, except where a row after the first begins."""
    row = cell.getparent()
    if place.table is None or row is None:
        return (_EDGE,), place, (_EDGE,)
    inner = next(cell.itersiblings("td", "th", preceding=True), None) is not None
    bar = "| " if inner or _is_first(row, place) else ""
    return (("mark", bar, place.prefix, 0),), place, ()


def _is_first(row: _Element, place: _Place) -> bool:
    return place.table is not None and next(place.table.iterdescendants("tr"), None) is row


_WRITERS: dict[str, Callable[[_Element, _Place], _Around]] = {
    **dict.fromkeys(_EDGED, _edged),
    **dict.fromkeys(_EMPHASIS, _emphasis),
    **dict.fromkeys(_QUOTATION, _quoted),
    **dict.fromkeys(_HEADINGS, _heading),
    "p": _block,
    "div": _division,
    "a": _link,
    "br": _break,
    "hr": _rule,
    "ul": _list,
    "ol": _list,
    "li": _item,
    "dl": _terms,
    "dt": _term,
    "dd": _term,
    "blockquote": _quotation,
    "pre": _preformatted,
    "table": _table,
    "tr": _row,
    "td": _cell,
    "th": _cell,
}


def _spaced(runs: list[_Run]) -> Iterator[_Run]:
    """Set emphasis apart from the words beside it.

    The first text in it loses its outer spaces, and the next one is set apart from it, in a link or
    behind one excepted. A space before emphasis depends on the last text, wherever that stood.
    """
    last, since, empty = "", 2, False  # texts since emphasis began, and whether it had none
    before = ""
    for run in runs:
        kind, text, prefix, size = run
        if kind in _TEXTS:
            if since == 0:
                text = text.strip(" ")
            elif since == 1 and kind == "piece" and before not in _TIGHT and text[0] not in " .!?":
                text = " " + text
            last, since = text, since + 1
        elif kind == "open":
            text = " " + text if last[-1:].strip(" ") else text
            since, empty = 0, False
        elif kind == "close":
            empty = since == 0
        elif kind == "head":
            since = 2
        before = kind
        yield (kind, text, prefix, size)
        if empty and kind in _TEXTS:  # its outer space must not part it from a link
            empty = False
            if text and run[1].endswith(" "):
                last = " "
                yield (kind, last, prefix, size)


def _written(runs: Iterable[_Run]) -> str:
    """Write the runs; of several gaps in one place the largest counts, and none after a start.

    White space before a gap goes, if it is a text of its own, and so does that at a line's begin.
    """
    written: list[str] = []
    before, tail = "start", ""  # kind and text of what was written last
    size, end, space, edge = 0, "\n", "", False
    for kind, text, prefix, least in runs:
        if kind == "gap":
            size = max(size, least) if before != "start" else 0
            end, space = max(end, text, key=len), ""
            continue
        begins = size > 0 or before in _PARTING
        edge = edge or kind == "edge"
        is_text = kind in _TEXTS
        if is_text and (begins or space):
            text = text.lstrip(" ")
        if is_text and text in ("", " "):
            space = "" if begins else space or text
        elif text:
            if edge and not (begins or space) and tail[-1].isalnum() and text[0].isalnum():
                size = 2
            written += ((end + prefix) * size, space, text)
            before, tail, size, end, space, edge = kind, text, 0, "\n", "", False
    return "".join(written)
