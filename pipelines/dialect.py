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

from pipelines.dom import COMMENT, TEXT, names
from pipelines.links import LONGEST, resolve

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


class _Run(NamedTuple):
    """A part of a line, or a gap: `size` line ends at least between what stands before and after.

    `prefix` is what a line begins with here, because of the quotations around it. Kinds: a `piece`
    of the page's text; a `mark` or `start` that we write, nothing parting a start from what comes
    next; `tight`, a link's end or a text in it, which nothing is set apart from; `open` and `close`
    emphasis; `end`, which ends a line; `gap`; `edge`, where words must not run together.
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
    numbers: Iterator[int] = count(1)
    tight: bool = False
    verbatim: bool = False
    table: _Element | None = None


class _Around(NamedTuple):
    """What an element writes before and after its children, and where these stand."""

    before: tuple[_Run, ...]
    inside: _Place
    after: tuple[_Run, ...]


def to_markdown(root: _Element, base: str) -> str:
    """Return an element as Markdown; `base` resolves its links."""
    return _written(_spaced(_runs(root, _Place(base)))).replace("\xa0", " ").strip("\n")


def _runs(root: _Element, place: _Place) -> Iterator[_Run]:
    """Yield an element's runs; without recursion, because pages may be deep."""
    stack: list[tuple[_Element | tuple[_Run, ...], _Place]] = [(root, place)]
    while stack:
        item, place = stack.pop()
        if isinstance(item, tuple):
            yield from item
        elif item.tag == TEXT:
            yield from _text(item.text or "", place)
        elif item.tag not in _UNRENDERED:
            before, inside, after = _around(item, place)
            yield from before
            if after:
                stack.append((after, place))
            stack += [(child, inside) for child in reversed(item)]


def _around(element: _Element, place: _Place) -> _Around:
    """Return what an element writes around its children."""
    tag, prefix = str(element.tag), place.prefix
    if tag == "p" or (tag == "div" and not place.tight):
        return _Around((_GAP,), place, (_GAP,))
    if tag in _EMPHASIS:
        mark = _EMPHASIS[tag]
        return _Around((_Run("open", mark, prefix),), place, (_Run("close", mark, prefix),))
    if tag in _HEADINGS:
        return _Around((_GAP, _Run("head", _HEADINGS[tag], prefix)), place, (_GAP,))
    if tag in _QUOTATION and not place.verbatim:
        sign = _Run("mark", _QUOTATION[tag], prefix)
        return _Around((sign,), place._replace(tight=tag != "q"), (sign,))
    if writer := _WRITERS.get(tag):
        return writer(element, place)
    edge = (_EDGE,) if tag in _EDGED else ()
    return _Around(edge, place, edge)


def _text(text: str, place: _Place) -> list[_Run]:
    """Return a text in pieces: a character that HTML writes as an entity is a piece of its own."""
    if place.verbatim:
        return [_Run("mark", text.replace("\n", "\n" + place.prefix), place.prefix)]
    kind, prefix = ("tight" if place.tight else "piece"), place.prefix
    if text.isspace() and "\xa0" not in text:  # every second text is
        return [_Run(kind, " ", prefix, 0, True)]
    if "\\" in text:
        text = _ESCAPED.sub(r"\\\\", text)
    return [_Run(kind, _folded(piece), prefix, 0, True) for piece in _PIECE.findall(text)]


def _folded(piece: str) -> str:
    """Return a piece with each run of white space as one space, and nothing like a mark in it."""
    if piece == "\xa0":
        return piece
    if "\n" in piece or piece.lstrip()[:1] in "+-0123456789":
        piece = _MARKER.sub(r"\g<0>\\", "\n" + piece)[1:]
    words = " ".join(piece.split())
    return f"{' ' * piece[0].isspace()}{words}{' ' * piece[-1].isspace()}" if words else " "


def _break(_: _Element, place: _Place) -> _Around:
    if ">" in place.prefix:  # the new line begins with a quotation's sign, and only one
        return _Around((_Run("mark", "  \n> ", place.prefix),), place, ())
    return _Around((_Run("end", "  \n", place.prefix),), place, ())


def _rule(_: _Element, place: _Place) -> _Around:
    return _Around((_GAP, _Run("mark", "* * *", place.prefix), _GAP), place, ())


def _link(link: _Element, place: _Place) -> _Around:
    href = link.get("href")
    if href is None or href.startswith("#") or _SCRIPTED.match(href):
        return _Around((), place, ())
    is_short = len(place.base) + len(href) < LONGEST
    address = (_known_address if is_short else resolve)(place.base, href)
    begin, end = "[", "](" + address.replace("(", "\\(").replace(")", "\\)") + ")"
    if len(link) == 1 and link[0].tag == TEXT and link[0].text == address and "//" in address:
        begin, end = "<", ">"
    return _Around(
        (_Run("mark", begin, place.prefix),),
        place._replace(tight=True),
        (_Run("tight", end, place.prefix),),
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
        return _Around((), inside, ())
    before = next((e for e in element.itersiblings(preceding=True) if e.tag != TEXT), None)
    gap = _GAP if before is None or before.tag not in ("ul", "ol") else _SMALL_GAP
    last = [text for text in element.iter(TEXT) if (text.text or "").strip()][-1:]
    spaced = any((t.text or "")[-1].isspace() and _tag_above(t) == "li" for t in last)
    return _Around((gap,), inside, (_GAP,) if spaced else (_Run("end", "\n", place.prefix),))


def _tag_above(text: _Element) -> str:
    parent = text.getparent()
    return "" if parent is None else str(parent.tag)


def _item(item: _Element, place: _Place) -> _Around:
    """An item that stands in no list has its mark, too."""
    parent = item.getparent()
    ordered = parent is not None and parent.tag == "ol"
    bullet = f"{next(place.numbers)}. " if ordered else "* "
    mark = _Run("start", "  " * place.lists + bullet, place.prefix)
    return _Around((_SMALL_GAP, mark), place, (_SMALL_GAP,))


def _terms(_: _Element, place: _Place) -> _Around:
    return _Around((_GAP,), place, ())


def _term(element: _Element, place: _Place) -> _Around:
    indent = "    " if element.tag == "dd" else ""
    return _Around((_Run("mark", indent, place.prefix),), place, (_SMALL_GAP,))


def _quotation(_: _Element, place: _Place) -> _Around:
    outer = place.prefix.rstrip()
    begin = (_GAP, _Run("start", "> ", outer))
    return _Around(begin, place._replace(prefix=outer + "> "), (_GAP,))


def _preformatted(_: _Element, place: _Place) -> _Around:
    prefix = place.prefix + "    "
    begin = (_GAP, _Run("mark", "    " if place.lists else "\n" + prefix, prefix))
    return _Around(begin, place._replace(verbatim=True, prefix=prefix), (_GAP,))


def _table(table: _Element, place: _Place) -> _Around:
    return _Around((_EDGE,), place._replace(table=table), (_EDGE,))


def _row(row: _Element, place: _Place) -> _Around:
    """The line under a table's first row makes a header of it."""
    cells = sum(1 for _ in row.iterchildren("td", "th"))
    if place.table is None or not cells:
        return _Around((_EDGE,), place, (_EDGE,))
    line = _Run("mark", "|".join(["---"] * cells), place.prefix)
    return _Around((), place, (_ROW_END, line, _ROW_END) if _is_first(row, place) else (_ROW_END,))


def _cell(cell: _Element, place: _Place) -> _Around:
    """A bar stands before each cell, except where a row after the first begins."""
    row = cell.getparent()
    if place.table is None or row is None:
        return _Around((_EDGE,), place, (_EDGE,))
    inner = next(cell.itersiblings("td", "th", preceding=True), None) is not None
    bar = "| " if inner or _is_first(row, place) else ""
    return _Around((_Run("mark", bar, place.prefix),), place, ())


def _is_first(row: _Element, place: _Place) -> bool:
    return place.table is not None and next(place.table.iterdescendants("tr"), None) is row


_WRITERS: dict[str, Callable[[_Element, _Place], _Around]] = {
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


def _spaced(runs: Iterable[_Run]) -> Iterator[_Run]:
    """Set emphasis apart from the words beside it.

    The first text in it loses its outer spaces, and the next one is set apart from it, in a link or
    behind one excepted. A space before emphasis depends on the last text, wherever that stood.
    """
    last, since, empty = "", 2, False  # texts since emphasis began, and whether it had none
    before = ""
    for run in runs:
        text = run.text
        if run.kind == "open":
            text = " " + text if last[-1:].strip(" ") else text
            since, empty = 0, False
        elif run.kind == "close":
            empty = since == 0
        elif run.kind == "head":
            since = 2
        elif run.words:
            if since == 0:
                text = text.strip(" ")
            elif since == 1 and "tight" not in (before, run.kind) and text[0] not in " .!?":
                text = " " + text
            last, since = text, since + 1
        before = run.kind
        yield run if text == run.text else run._replace(text=text)
        if empty and run.words:  # its outer space must not part it from a link
            empty = False
            if text and run.text.endswith(" "):
                last = " "
                yield run._replace(text=last)


def _written(runs: Iterable[_Run]) -> str:
    """Write the runs; of several gaps in one place the largest counts, and none after a start.

    White space before a gap goes, if it is a text of its own, and so does that at a line's begin.
    """
    written: list[str] = []
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
            written += ((end + run.prefix) * size, space, text)
            before, size, end, space, edge = run, 0, "\n", "", False
    return "".join(written)
