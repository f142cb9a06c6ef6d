"""PDF policies are read by their content."""

import io

import pytest
from pypdf import PdfWriter

from crawler.memento import is_pdf
from pipelines.pdf import EXTRACTOR, read_pdf
from pipelines.reading import read_page

LINES = [
    "Privacy Notice",
    "We collect your name and your address when you register with us, and we keep",
    "them for as long as the law demands it, but not longer.",
    "1. What we share",
    "We do not sell what we know of you to anybody at all, and we share it only with",
    "those who deliver our goods.",
]


def pdf(lines: list[str], title: str | None = None) -> bytes:
    """A PDF of one page with a line of text below the other."""
    shown = "".join(f"({line}) Tj 0 -14 Td\n" for line in lines)
    content = f"BT /F1 11 Tf 50 760 Td\n{shown}ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, part in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    whole = body + b"xref\n0 6\n0000000000 65535 f \n" + table
    whole += b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    if title is None:
        return whole
    writer = PdfWriter(clone_from=io.BytesIO(whole))
    writer.add_metadata({"/Title": title})
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def test_lines_become_paragraphs_and_the_first_line_is_the_title() -> None:
    found = read_pdf(pdf(LINES))
    assert found is not None
    assert found.title == "Privacy Notice"
    assert found.body.split("\n\n") == [
        " ".join(LINES[1:3]),
        LINES[3],
        " ".join(LINES[4:6]),
    ]
    assert found.extractor == EXTRACTOR


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
