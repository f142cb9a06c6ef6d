"""Step 6: a page into text. Runs in a worker process; needs nothing of Scrapy."""

import contextlib
import re
from importlib.metadata import version

from lxml.html import HtmlElement
from trafilatura.core import bare_extraction
from trafilatura.metadata import Document
from trafilatura.utils import load_html, normalize_unicode
from w3lib.encoding import html_body_declared_encoding, html_to_unicode, http_content_type_encoding

from crawler.records import Extracted

EXTRACTOR = f"trafilatura {version('trafilatura')}"
UNTITLED = "(untitled)"

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0e-\x1f\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:x([0-9a-f]+)|([0-9]+));?", re.IGNORECASE)


def extract(page: bytes, content_type: str | None, url: str) -> Extracted | None:
    """Return the main text of an HTML page as Markdown; None if there is none.

    `content_type` is the site's own header; `url` resolves relative links. trafilatura's recall
    settings are used because a lost clause costs more than a kept menu, and its deduplication is
    off because it remembers earlier pages, so that the same page would give another text later.
    """
    html = decode(page, content_type)
    tree = load_html(html)
    if tree is None:
        return None
    title = page_title(tree)
    with contextlib.suppress(ValueError):
        tree.make_links_absolute(url, resolve_base_href=True, handle_failures="ignore")
    document = bare_extraction(
        tree,
        url=url,
        favor_recall=True,
        include_comments=False,
        include_formatting=True,
        include_links=True,
        include_tables=True,
        deduplicate=False,
    )
    if not isinstance(document, Document) or not document.text:
        return None
    return Extracted(title, normalize_unicode(document.text).strip(), EXTRACTOR)


def decode(page: bytes, content_type: str | None) -> str:
    """Decode a page in the order that browsers use: BOM, HTTP header, meta, sniffing.

    What cannot be decoded becomes U+FFFD; characters that no store or XML can hold are taken out.
    """
    if not http_content_type_encoding(content_type):
        declared = html_body_declared_encoding(page) or ""
        if declared.startswith("utf-16"):  # a page whose meta can be read is not in it
            content_type = "text/html; charset=utf-8"
    _, html = html_to_unicode(content_type, page, auto_detect_fun=_sniff, default_encoding="cp1252")
    return _FORBIDDEN.sub("", _REFERENCE.sub(_without_forbidden, html))


def page_title(tree: HtmlElement) -> str:
    """Return the page's own title on one line: `<title>`, else the first heading."""
    titles = tree.xpath("//title[not(ancestor::svg)]")
    for element in [*titles, *tree.xpath("//h1 | //h2")]:
        if title := " ".join("".join(element.itertext()).split()):
            return title
    return UNTITLED


def _sniff(page: bytes) -> str:
    """UTF-8 if it decodes, else what browsers take an undeclared page for."""
    try:
        page.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _without_forbidden(reference: re.Match[str]) -> str:
    """Take out a numeric reference to a character that XML cannot hold; lxml refuses its text."""
    digits = (reference[1] or reference[2]).lstrip("0")[:8]
    code = int(digits or "0", 16 if reference[1] else 10)
    return "" if code > 0x10FFFF or _FORBIDDEN.match(chr(code)) else reference[0]
