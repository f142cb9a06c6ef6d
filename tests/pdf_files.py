"""PDF files made by hand."""

import io

from pypdf import PdfWriter


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
