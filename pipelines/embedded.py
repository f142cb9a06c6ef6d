"""Text that a page carries in a script, as JSON for its framework (Next.js, Nuxt, schema.org)."""

import json
import re
from collections.abc import Iterator
from html import escape

from lxml.etree import _Element
from selectolax.lexbor import LexborHTMLParser

from pipelines import dom

_ASSIGNED = re.compile(r"^\s*(?:window|self|var|let|const)?[\s.]*[\w.$\[\]\"']+\s*=\s*(?=[{\[])")
_TAGS = re.compile(
    r"</?(?:p|div|h[1-6]|[uo]l|li|br|strong|em|a|span|table|t[rd]|b|section)\b", re.I
)
_CODE = re.compile(r"[{};]\s*(?:var|function|return|@media)|=>|^\s*(?:https?:|data:)\S+$")
SENTENCES = 12  # words; a shorter string is a label
DOCUMENT = 200  # words; with fewer the script holds no policy
MAX_SCRIPT = 5_000_000
MAX_STRINGS = 20_000


def embedded_text(page: LexborHTMLParser) -> _Element | None:
    """Return the longest text that one of the page's scripts holds, as the body of a page."""
    best: tuple[int, list[str]] = (DOCUMENT - 1, [])
    for script in page.css("script"):
        source = script.text()
        if len(source) > MAX_SCRIPT:
            continue
        found = [text for value in _values(source) for text in _prose(value)]
        words = sum(len(text.split()) for text in found)
        if words > best[0]:
            best = (words, found)
    if not best[1]:
        return None
    parts = [text if _TAGS.search(text) else _paragraphs(text) for text in best[1]]
    return dom.build("<body>" + "\n".join(f"<div>{part}</div>" for part in parts))[0]


def _values(source: str) -> Iterator[object]:
    """Yield what a script's JSON says; Next.js pushes JSON in pieces, as strings."""
    if (match := _ASSIGNED.match(source)) is not None:
        source = source[match.end() :]
    start = source.find("__next_f.push(")
    text = source[start + len("__next_f.push(") :] if start >= 0 else source.lstrip()
    if text[:1] in ("{", "["):
        try:
            yield json.JSONDecoder().raw_decode(text)[0]
        except (ValueError, RecursionError):
            return


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
            stack.extend(reversed(item))
        elif isinstance(item, str) and item not in seen and _is_prose(item):
            seen.add(item)
            yield item


def _is_prose(text: str) -> bool:
    if _CODE.search(text):
        return False
    return len(text.split()) >= SENTENCES or bool(_TAGS.match(text.lstrip()))


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(part)}</p>" for part in re.split(r"\n\s*\n|\r\n\r\n", text))
