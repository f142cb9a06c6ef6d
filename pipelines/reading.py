"""Steps 6 and 7 for one page, in a worker process: extract it, and say what the text is."""

from collections.abc import Collection
from functools import lru_cache

from crawler.records import Extracted, Reading, Text
from crawler.replay.page_types import is_binary, is_pdf
from pipelines.extraction.extract import extract_new
from pipelines.judging.classifier import score
from pipelines.text.fingerprint import fingerprint
from pipelines.text.language import identify
from pipelines.text.plain import plain_text
from pipelines.text.stated_date import stated_date
from pipelines.text.words import words


def read_page(page: bytes, content_type: str | None, url: str) -> Text | None:
    """Return the text of an HTML or PDF page and what it is; None if it holds no text.

    `content_type` is the site's own header, `url` the address of the capture.
    """
    return read_new_page(page, content_type, url, frozenset()).text


def read_new_page(
    page: bytes, content_type: str | None, url: str, known: Collection[str]
) -> Reading:
    """Read a page as `read_page` does, unless its tree or its text's id is among the `known`."""
    if is_pdf(page):  # few are, and what reads them takes 15 MB
        from pipelines.extraction.pdf import read_pdf

        pdf = read_pdf(page)
        return Reading(make_text(pdf) if pdf is not None and pdf.body else None)
    if is_binary(content_type, page):
        return Reading(None)
    made, tree, canonical = extract_new(page, content_type, url, known)
    if tree in known:
        return Reading(None, tree, canonical, tree)
    if made is None or not made.body:
        return Reading(None)
    if (text_id := made.text_id) in known:
        return Reading(None, tree, canonical, text_id)
    return Reading(make_text(made), tree, canonical)


@lru_cache(maxsize=16)  # captures of one policy come together, and most have the same text
def make_text(extracted: Extracted) -> Text:
    """Return a text with all that follows from its title and body, and from nothing else.

    The same text of two captures, or of two sites, is one row: what is said of it must not depend
    on which of them came first. So the date stated is read without the date of the capture.
    """
    title, body = extracted.title, extracted.body
    plain = plain_text(body)
    language = identify(plain)
    stated = stated_date(plain, language=language.code)
    verdict = score(title, plain, language.code)
    return Text(
        text_id=extracted.text_id,
        extracted=extracted,
        plain=plain,
        fingerprint=fingerprint(plain),
        words=len(words(plain)),
        language=language.code,
        language_confidence=language.confidence,
        stated_date=stated.date if stated else None,
        stated_phrase=stated.phrase if stated else None,
        policy_score=verdict.score,
        policy_reasons=verdict.reasons,
    )
