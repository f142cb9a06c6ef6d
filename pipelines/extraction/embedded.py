"""Text that a page carries in a script, as JSON for its framework (Next.js, Nuxt, schema.org)."""

import json
import re
from collections.abc import Iterator
from html import escape

from lxml.etree import _Element
from selectolax.lexbor import LexborHTMLParser

from pipelines.extraction import dom

_ASSIGNED = re.compile(r"^\s*(?:window|self|var|let|const)?[\s.]*[\w.$\[\]\"']+\s*=\s*(?=[{\[])")
_TAGS = re.compile(
    r"</?(?:p|div|h[1-6]|[uo]l|li|br|strong|em|a|span|table|t[rd]|b|section)\b", re.I
)
_CODE = re.compile(r"[{};]\s*(?:var|function|return|@media)|=>|^\s*(?:https?:|data:)\S+$")
_PUSH = "__next_f.push("
_ROW = re.compile(rb"\s*[0-9a-f]{1,8}:(?:T([0-9a-f]{1,7}),)?")
SENTENCES = 12  # words; a shorter string is a label
DOCUMENT = 200  # words; with fewer the script holds no policy
MAX_SCRIPT = 5_000_000
MAX_STRINGS = 20_000


def embedded_text(page: LexborHTMLParser) -> _Element | None:
    """Return the longest text that one of the page's scripts holds, as the body of a page."""
    best: tuple[int, list[str]] = (DOCUMENT - 1, [])
    scripts = [script.text() for script in page.css("script")]
    pushed = b"".join(_pushed(source) for source in scripts if len(source) <= MAX_SCRIPT)
    told = [_values(source) for source in scripts if len(source) <= MAX_SCRIPT]
    for values in (*told, _rows(pushed[:MAX_SCRIPT])):
        found = list(dict.fromkeys(text for value in values for text in _prose(value)))
        words = sum(len(text.split()) for text in found)
        if words > best[0]:
            best = (words, found)
    if not best[1]:
        return None
    parts = [text if _TAGS.search(text) else _paragraphs(text) for text in best[1]]
    return dom.build("<body>" + "\n".join(f"<div>{part}</div>" for part in parts))[0]


def _values(source: str) -> Iterator[object]:
    """Yield what a script's JSON says."""
    if (match := _ASSIGNED.match(source)) is not None:
        source = source[match.end() :]
    yield from _json(source.lstrip())


def _json(text: str) -> Iterator[object]:
    if text[:1] in ("{", "["):
        try:
            yield json.JSONDecoder().raw_decode(text)[0]
        except (ValueError, RecursionError):
            return


def _pushed(source: str) -> bytes:
    """Return the part of a stream that a script of Next.js pushes: `push([1, "..."])`."""
    start = source.find(_PUSH)
    for value in _json(source[start + len(_PUSH) :] if start >= 0 else ""):
        if isinstance(value, list) and len(value) == 2 and isinstance(value[1], str):
            return value[1].encode(errors="replace")
    return b""


def _rows(stream: bytes) -> Iterator[object]:
    """Yield what the rows of such a stream say: `ID:JSON`, or `ID:TLENGTH,` and a text."""
    place = 0
    while (row := _ROW.match(stream, place)) is not None:
        place = row.end()
        if row[1] is not None:
            end = place + int(row[1], 16)
            yield stream[place:end].decode(errors="replace")
        else:
            end = stream.find(b"\n", place) % (len(stream) + 1)
            yield from _json(stream[place:end].decode(errors="replace"))
        place = end


def _prose(value: object) -> Iterator[str]:
    """Yield the strings that hold sentences, in order and each once."""
    seen: set[str] = set()
    stack = [value]
    for _ in range(MAX_STRINGS):
        if not stack:
            return
        item = stack.pop()
        if isinstance(item, dict):
            stack.extend(reversed(item.values()))
        elif isinstance(item, list):
            if (rich := _rich(item)) is None:
                stack.extend(reversed(item))
            elif rich not in seen:
                seen.add(rich)
                yield rich
        elif isinstance(item, str) and item not in seen and _is_prose(item):
            seen.add(item)
            yield item


def _rich(nodes: list[object]) -> str | None:
    """Return a list of a rich text's nodes (words, links) as one text; None if it is none."""
    if not any(isinstance(node, dict) and isinstance(_said(node), str) for node in nodes):
        return None
    words: list[str] = []
    stack: list[object] = [nodes]
    for _ in range(MAX_STRINGS):
        if not stack:
            break
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(reversed(item))
        elif isinstance(item, dict):
            said = _said(item)
            if isinstance(said, str):
                words.append(said)
            stack.extend(v for v in reversed(item.values()) if isinstance(v, (list, dict)))
    text = "".join(words)
    return None if _CODE.search(text) or not re.search(r"\w", text) else text


def _said(node: dict[str, object]) -> object:
    return node.get("text", node.get("value"))


def _is_prose(text: str) -> bool:
    if _CODE.search(text):
        return False
    return len(text.split()) >= SENTENCES or bool(_TAGS.match(text.lstrip()))


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(part)}</p>" for part in re.split(r"\n\s*\n|\r\n\r\n", text))
