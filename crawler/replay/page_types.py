"""What a page is, by its bytes: HTML, PDF, or nothing to read. Pure."""

import re

_HTML_TYPES = ("text/html", "application/xhtml", "application/xml", "text/xml")
_LOOKS_LIKE_HTML = re.compile(rb"<(!doctype|html|head|body|title|table|div|p|font|meta)\b", re.I)
_BINARY = bytes({*range(32)} - {*b"\t\n\f\r\x1b"})  # no text has them (WHATWG, MIME Sniffing, 3)
_MOST_BINARY = 0.05  # of a page's bytes; an old page may have a stray one
_SNIFFED = 4096


def is_pdf(body: bytes) -> bool:
    """Whether a page is a PDF, by its content: addresses and headers are often wrong."""
    return b"%PDF-" in body[:1024]


def is_html(content_type: str | None, body: bytes) -> bool:
    """Whether a page is HTML, by its header or, where that is missing or wrong, by its start."""
    declared = (content_type or "").strip().lower()
    return declared.startswith(_HTML_TYPES) or bool(_LOOKS_LIKE_HTML.search(body[:4096]))


def is_binary(content_type: str | None, body: bytes) -> bool:
    """Whether a page that says it is HTML is none: an image, or encoded in an unknown way."""
    start = body[:_SNIFFED]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or "utf-16" in (content_type or "").lower():
        return False
    return len(start) - len(start.translate(None, _BINARY)) > _MOST_BINARY * len(start)
