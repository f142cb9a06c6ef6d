"""A page of frames, as sites had them around 2000: which frame holds the text. Pure."""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode
from w3lib.encoding import html_to_unicode

LARGEST = 200_000  # bytes; a page of frames is small, and this runs in the reactor
MOST = 50  # frames and framesets
WIDTH = 800  # pixels of a screen of the time, where frames are given in pixels

_FRAMESET = re.compile(rb"<frameset\b", re.IGNORECASE)
_FRAME = re.compile(rb"<frame", re.IGNORECASE)
_CONTENT = re.compile(r"main|content|body|text|cent|right|haupt|inhalt|privacy|policy|data", re.I)
_AROUND = re.compile(r"nav|menu|top|head|bann|left|foot|bottom|logo|toc|title|links|ads?\b", re.I)


def content_frame(page: bytes) -> str | None:
    """Return the address, as written, of the frame that most likely holds a page's text.

    None if the page is not made of frames. The frame is the largest, where names such as `main`
    count double and names such as `menu` a quarter.
    """
    if len(page) > LARGEST or not _FRAMESET.search(page) or len(_FRAME.findall(page)) > MOST:
        return None
    parsed = LexborHTMLParser(html_to_unicode(None, page, default_encoding="cp1252")[1])
    best = max(filter(_src, parsed.css("frame")), key=_likely, default=None)
    return _src(best) if best is not None else None


def _src(frame: LexborNode) -> str | None:
    src = (frame.attributes.get("src") or "").strip()
    return None if not src or re.match(r"(about|javascript|data):", src, re.I) else src


def _likely(frame: LexborNode) -> float:
    names = " ".join(frame.attributes.get(name) or "" for name in ("name", "id", "title", "src"))
    weight = 2.0 if _CONTENT.search(names) else 1.0
    return _area(frame) * weight * (0.25 if _AROUND.search(names) else 1.0)


def _area(frame: LexborNode) -> float:
    """Return a frame's share of the window, 0 to 1, through all framesets around it."""
    share, node = 1.0, frame
    while (parent := node.parent) is not None and parent.tag == "frameset":
        children = [c for c in parent.iter() if c.tag in ("frame", "frameset")]
        place = next((i for i, c in enumerate(children) if c.mem_id == node.mem_id), 0)
        for name in ("cols", "rows"):
            shares = _shares(parent.attributes.get(name) or "")
            share *= shares[min(place, len(shares) - 1)]
        node = parent
    return share


def _shares(lengths: str) -> list[float]:
    """Return the shares of `20%,80,2*`; a star takes what is left."""
    taken: list[float | None] = []
    for length in lengths.split(",", MOST)[:MOST]:
        number = re.search(r"\d+", length)
        size = float(number[0][:6]) if number else 1.0
        if "*" in length or not number:
            taken.append(None)
        else:
            taken.append(min(1.0, size / 100 if "%" in length else size / WIDTH))
    rest = max(0.0, 1.0 - sum(filter(None, taken))) / max(1, taken.count(None))
    return [rest if share is None else share for share in taken]
