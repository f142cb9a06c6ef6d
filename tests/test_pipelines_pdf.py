"""PDF policies are read by their content."""

import pytest

from crawler.replay.page_types import is_pdf
from pipelines.extraction.extractors import PDF
from pipelines.extraction.pdf import read_pdf
from pipelines.reading import read_page
from tests.pdf_files import pdf

LINES = [
    "Privacy Notice",
    "We collect your name and your address when you register with us, and we keep",
    "them for as long as the law demands it, but not longer.",
    "1. What we share",
    "We do not sell what we know of you to anybody at all, and we share it only with",
    "those who deliver our goods.",
]


def test_lines_become_paragraphs_and_the_first_line_is_the_title() -> None:
    found = read_pdf(pdf(LINES))
    assert found is not None
    assert found.title == "Privacy Notice"
    assert found.body.split("\n\n") == [
        " ".join(LINES[1:3]),
        LINES[3],
        " ".join(LINES[4:6]),
    ]
    assert found.extractor == PDF


def test_the_title_in_the_metadata_goes_first() -> None:
    found = read_pdf(pdf(LINES, title="Example: Privacy"))
    assert found is not None
    assert found.title == "Example: Privacy"
    assert found.body.startswith("Privacy Notice\n\n")


def test_a_pdf_is_told_by_its_content_whatever_its_header_says() -> None:
    text = read_page(pdf(LINES), "text/html", "http://example.com/privacy.html")
    assert text is not None
    assert text.extracted.title == "Privacy Notice"
    assert not is_pdf(b"<html>PDF is a format</html>")


@pytest.mark.parametrize(
    "page",
    [
        b"%PDF-1.4",
        b"%PDF-1.7\n" + b"\0" * 1000,
        pdf(LINES)[:400],
        pdf([]),
        pdf(LINES).replace(b"/Kids [3 0 R]", b"/Kids [2 0 R]"),
        pdf(LINES).replace(b"/Length", b"/Langth"),
    ],
)
def test_a_damaged_or_empty_pdf_has_no_text(page: bytes) -> None:
    found = read_pdf(page)
    assert found is None or found.body
