"""Why a page gave the text it gave, in lines that a person can read."""

import json
from collections.abc import Iterator

from crawler.records import Text
from crawler.replay.page_types import is_pdf
from pipelines.extraction import audit, dom, reader
from pipelines.extraction.extract import decode
from pipelines.extraction.opinions import OPINIONS, says, shingles
from pipelines.extraction.title import article_title
from pipelines.judging.judge import judge
from pipelines.reading import read_page
from pipelines.text.stated_date import stated_date
from pipelines.text.words import words as words_of


def explain(page: bytes, content_type: str | None, url: str, threshold: float) -> list[str]:
    """Return the candidates for a page's text, the audit, and what is said of the text.

    `threshold` is POLICY_THRESHOLD; the others are as for `pipelines.reading.read_page`, whose
    errors it raises.
    """
    text = read_page(page, content_type, url)
    lines = ["a PDF"] if is_pdf(page) else list(_candidates(decode(page, content_type)))
    return lines + (["text       none"] if text is None else list(_facts(text, threshold)))


def _candidates(html: str) -> Iterator[str]:
    """What each extractor by itself would keep of the blocks that read like a policy."""
    body, parsed = dom.build(html)
    blocks = [block for block in audit.blocks(body) if block.is_policy]
    total = sum(block.length for block in blocks)
    yield f"page       {total:,} policy-like words in {len(blocks):,} blocks"
    article = reader.read(body, article_title(parsed, body))
    said = {"reader": dom.raw_text(article) if article is not None else ""}
    said |= {name: opinion(html) for name, opinion in OPINIONS.items()}
    for name, text in said.items():
        words = words_of(text)
        known = shingles(words)
        kept = sum(block.length for block in blocks if says(known, block))
        share = kept / total if total else 1.0
        yield f"candidate  {name}: {len(words):,} words, {share:.1%} of the policy-like ones"


def _facts(text: Text, threshold: float) -> Iterator[str]:
    made = text.extracted
    figures = ", ".join(f"{name} {value}" for name, value in json.loads(made.audit).items())
    yield f"chosen     {made.extractor}"
    doubtful = " (doubtful)" if made.doubtful else ""
    yield f"audit      kept {made.kept:.1%}{doubtful}" + (f"; {figures}" if figures else "")
    yield f"text       {made.title!r}, {text.words:,} words, {text.text_id}"
    yield f"language   {text.language or 'unsure'} ({text.language_confidence:.2f})"
    if (stated := stated_date(text.plain, language=text.language)) is not None:
        yield f"stated     {stated.date} ({stated.kind}): {stated.phrase!r}"
    else:
        yield "stated     no date that the text clearly states of itself"
    if text.policy_score is not None:
        yield f"score      {text.policy_score:.3f}: {', '.join(text.policy_reasons)}"
    verdict = judge(text, threshold)
    yield "verdict    " + (f"{verdict[0]}: {verdict[1]}" if verdict else "a policy")
