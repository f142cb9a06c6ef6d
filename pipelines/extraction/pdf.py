"""A PDF policy into Markdown: its text in reading order, a paragraph a block."""

import io
import re

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from crawler.records import Extracted
from pipelines.extraction.extractors import PDF

_LONGEST_TITLE = 200
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b\ue000-\uf8ff\ufffe\uffff]")
_BLOCK_START = re.compile(r"[•●▪◦·–-]\s|\(?[0-9a-z]{1,3}[.)]\s|[0-9]+(\.[0-9]+)*\s+[A-Z]")
_PARAGRAPH_END = re.compile(r"[.!?:;。！？]['\"”’)]*$")


def read_pdf(page: bytes) -> Extracted | None:
    """Return title and Markdown of a PDF; None if it holds no text (a scan, a damaged file).

    The title is the one in its metadata, else its first line. A PDF has lines and no paragraphs:
    a line goes on with the next unless it ends a sentence short of the page's width, or the next
    starts like a list item or a heading.
    """
    try:
        reader = PdfReader(io.BytesIO(page), strict=False)
        lines = [
            " ".join(_UNSEEN.sub(" ", line).split())
            for part in reader.pages
            for line in [*(part.extract_text() or "").splitlines(), ""]
        ]
        declared = (reader.metadata.title if reader.metadata else None) or ""
    except (PyPdfError, ValueError, LookupError, TypeError, AttributeError, OSError):
        return None  # what pypdf raises for damaged files is not one class
    blocks = _blocks(lines)
    if not blocks:
        return None
    title = " ".join(str(declared).split()) or blocks[0]
    if blocks[0] == title and len(blocks) > 1:
        del blocks[0]
    return Extracted(title[:_LONGEST_TITLE], "\n\n".join(blocks), PDF)


def _blocks(lines: list[str]) -> list[str]:
    """Join lines into paragraphs."""
    width = max(map(len, lines), default=0)
    blocks: list[str] = []
    block: list[str] = []
    for line in [*lines, ""]:
        if block and (not line or _starts_block(line) or _ends_block(block[-1], width)):
            blocks.append(" ".join(block))
            block = []
        if line:
            block.append(re.sub(r"^[•●▪◦·–-]\s+", "  * ", line))
    return blocks


def _starts_block(line: str) -> bool:
    return _BLOCK_START.match(line) is not None


def _ends_block(line: str, width: int) -> bool:
    short = len(line) < 0.7 * width
    return short and (bool(_PARAGRAPH_END.search(line)) or len(line) < 0.4 * width)
