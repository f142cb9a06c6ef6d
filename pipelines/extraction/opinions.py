"""Second and third opinions on what of a page is its text: trafilatura and resiliparse."""

from collections.abc import Callable
from importlib.metadata import version

from resiliparse.extract.html2text import extract_plain_text
from trafilatura.core import bare_extraction
from trafilatura.metadata import Document

from pipelines.extraction.audit import Block
from pipelines.text.words import words as words_of

SHINGLE = 4  # words
AGREED = 0.8  # share of a block's shingles
MAX_BLOCK = 2_000  # texts; trafilatura takes time with the square of their number

TRAFILATURA = f"trafilatura {version('trafilatura')}"
RESILIPARSE = f"resiliparse {version('resiliparse')}"


def trafilatura_text(html: str) -> str:
    """Return what trafilatura keeps with its recall settings.

    Its deduplication stays off: it remembers earlier pages, so that the same page would give
    another text later.
    """
    document = bare_extraction(
        html, favor_recall=True, include_comments=False, include_tables=True, deduplicate=False
    )
    return document.text or "" if isinstance(document, Document) else ""


def resiliparse_text(html: str) -> str:
    """Return what resiliparse takes for the main content."""
    return str(extract_plain_text(html, main_content=True, alt_texts=False))


OPINIONS: dict[str, Callable[[str], str]] = {
    TRAFILATURA: trafilatura_text,
    RESILIPARSE: resiliparse_text,
}


def agreed(html: str, lost: list[Block], page: list[Block]) -> dict[str, list[Block]]:
    """Return, for each extractor, which of the blocks that another has lost it keeps."""
    slow = any(len(block.texts) > MAX_BLOCK for block in page)
    found = {}
    for name, opinion in OPINIONS.items():
        if slow and name == TRAFILATURA:
            continue
        said = shingles(words_of(opinion(html)))
        found[name] = [block for block in lost if says(said, block)]
    return found


def shingles(words: list[str]) -> set[tuple[str, ...]]:
    """Return the runs of SHINGLE words, or the one run if there are fewer."""
    last = max(1, len(words) - SHINGLE + 1)
    return {tuple(words[i : i + SHINGLE]) for i in range(last)}


def says(said: set[tuple[str, ...]], block: Block) -> bool:
    """Whether a text with these runs of words has nearly all of a block's."""
    own = shingles(block.words)
    return len(own & said) >= AGREED * len(own)
