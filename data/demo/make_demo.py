"""Write the demo archive: ``demo.warc.gz``, ``domains.txt`` and ``expected.csv``.

Every site is invented and lives under the reserved top-level domain ``.example``. The
records depend on nothing but the files in this folder, so each run writes the same archive.

    python data/demo/make_demo.py            write the three files beside this script
    python data/demo/make_demo.py --check    exit with 1 if they differ from that
"""

from __future__ import annotations

import argparse
import base64
import binascii
import csv
import hashlib
import html
import io
import struct
import sys
import uuid
import zlib
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from pathlib import Path
from string import Template

from captures import SITES
from markup import BODIES, Block, Policy, inline, read_policy
from records import Capture, Layout, Site
from warcio.recordbuilder import RecordBuilder
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

HERE = Path(__file__).resolve().parent
WARC = "demo.warc.gz"
DOMAINS = "domains.txt"
EXPECTED = "expected.csv"
COLUMNS = (
    "domain",
    "policy_url",
    "timestamp",
    "original",
    "statuscode",
    "version",
    "outcome",
    "note",
)
CREATED = "20241001000000"
WARC_VERSION = "1.1"

NOT_FOUND = Policy(
    "Page not found",
    (
        Block("h1", "Page not found"),
        Block("p", "Sorry, the page you were looking for does not exist or has been moved."),
        Block("p", "Try the [home page](/) or the search box at the top."),
    ),
)
BOT_WALL = Policy(
    "Just a moment...",
    (
        Block("h1", "Please verify you are a human"),
        Block("p", "We have detected unusual traffic from your network."),
        Block("p", "Enable JavaScript and cookies, then complete the CAPTCHA to continue."),
    ),
)


def moment(timestamp: str) -> datetime:
    """Return the 14 digits of an archive's timestamp as a time in UTC."""
    return datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def warc_date(timestamp: str) -> str:
    """Return the timestamp as the value of ``WARC-Date``."""
    return moment(timestamp).strftime("%Y-%m-%dT%H:%M:%SZ")


def record_id(*parts: str) -> str:
    """Return a ``WARC-Record-ID`` that depends on ``parts`` alone."""
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, ' '.join(parts))}>"


def archived(site: Site, url: str) -> str:
    """Return the address as the archive writes it, its host in punycode."""
    return url.replace(site.domain, site.domain.encode("idna").decode("ascii"))


def address(site: Site, capture: Capture) -> str:
    """Return the address that was captured."""
    return archived(site, capture.url or site.urls[0])


def listed(site: Site, capture: Capture) -> str:
    """Return the address in ``domains.txt`` that the capture belongs to."""

    def key(url: str) -> str:
        return url.partition("://")[2].removeprefix("www.")

    captured = capture.url or site.urls[0]
    return next(url for url in site.urls if key(url) == key(captured))


def gzip_stored(data: bytes) -> bytes:
    """Wrap ``data`` in gzip without compressing it.

    Compressed bytes vary with the zlib of the machine, and the digest of a page must not.
    """
    blocks = [data[at : at + 0xFFFF] for at in range(0, len(data), 0xFFFF)]
    body = b"".join(
        struct.pack("<BHH", at == len(blocks) - 1, len(block), len(block) ^ 0xFFFF) + block
        for at, block in enumerate(blocks)
    )
    head = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
    return head + body + struct.pack("<II", binascii.crc32(data), len(data))


def chunked(data: bytes, size: int = 2900) -> bytes:
    """Return ``data`` in the chunks of ``Transfer-Encoding: chunked``."""
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in [*chunks, b""])


def page_bytes(site: Site, capture: Capture, layout: Layout) -> bytes:
    """Return the page of a capture as the server encoded its text."""
    if capture.outcome == "captcha":
        policy, layout = BOT_WALL, Layout("notice", "semantic")
    elif capture.outcome in ("soft_404", "not_found"):
        policy = NOT_FOUND
    elif capture.outcome == "home":
        title, words = site.home
        policy = Policy(title, (Block("h1", title), Block("p", words)))
    else:
        policy = read_policy(site.text, capture.version)
    return fill(site, capture, layout, policy).encode(layout.encoding)


def fill(site: Site, capture: Capture, layout: Layout, policy: Policy) -> str:
    """Set the policy into the frame of its layout, with the passing matter of the day."""
    when = moment(capture.timestamp)
    seed = f"{site.domain} {capture.timestamp}".encode()
    noise = hashlib.sha256(seed).digest()
    order = [item.timestamp for item in site.captures].index(capture.timestamp)
    frame = (HERE / "frames" / f"{layout.frame}.html").read_text("utf-8")
    return Template(frame).substitute(
        title=html.escape(policy.title, quote=False),
        body=BODIES[layout.body](policy.blocks),
        year=str(when.year),
        date=when.strftime("%m/%d/%Y"),
        stamp=when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        counter=str(1200 + (when.toordinal() - 729000) * 7 + noise[0]),
        nonce=noise[1:17].hex(),
        viewstate=base64.b64encode(noise * 12).decode("ascii"),
        news=inline(site.news[order % len(site.news)]),
    )


def response(site: Site, capture: Capture) -> tuple[list[tuple[str, str]], bytes]:
    """Return the HTTP headers of a capture and its payload as it is stored."""
    layout = capture.layout or site.layout
    headers = [
        ("Date", format_datetime(moment(capture.timestamp), usegmt=True)),
        ("Server", site.server),
    ]
    if capture.outcome == "redirect":
        headers.append(("Location", capture.location))
        where = html.escape(capture.location)
        body = f'<html><head><title>Moved</title></head><body><a href="{where}">here</a></body>'
        payload = f"{body}</html>\n".encode("ascii")
    elif capture.outcome == "http_error":
        payload = b"<html><head><title>Service Unavailable</title></head><body></body></html>\n"
    else:
        payload = page_bytes(site, capture, layout)
    headers.append(("Content-Type", layout.content_type))
    if capture.coding == "gzip":
        payload = gzip_stored(payload)
        headers.append(("Content-Encoding", "gzip"))
    if capture.coding == "chunked":
        payload = chunked(payload)
        headers.append(("Transfer-Encoding", "chunked"))
    else:
        headers.append(("Content-Length", str(len(payload))))
    return headers, payload


def stored(site: Site, capture: Capture) -> tuple[list[tuple[str, str]], bytes]:
    """Return headers and payload, those of the earlier capture if this one repeats it."""
    if not capture.same_as:
        return response(site, capture)
    earlier = next(item for item in site.captures if item.timestamp == capture.same_as)
    headers, payload = response(site, earlier)
    date = format_datetime(moment(capture.timestamp), usegmt=True)
    return [("Date", date), *headers[1:]], payload


def payload_digest(payload: bytes) -> str:
    """Return the value of ``WARC-Payload-Digest``."""
    digest = hashlib.sha1(payload, usedforsecurity=False).digest()
    return f"sha1:{base64.b32encode(digest).decode('ascii')}"


def write_capture(writer: WARCWriter, site: Site, capture: Capture) -> None:
    """Write one response or revisit record."""
    url = address(site, capture)
    headers, payload = stored(site, capture)
    status = HTTPStatus(capture.status)
    http = StatusAndHeaders(f"{status.value} {status.phrase}", headers, protocol="HTTP/1.1")
    named = {
        "WARC-Record-ID": record_id(capture.outcome, capture.timestamp, url),
        "WARC-Date": warc_date(capture.timestamp),
    }
    if capture.outcome == "revisit":
        record = writer.create_revisit_record(
            url,
            payload_digest(payload),
            refers_to_uri=url,
            refers_to_date=warc_date(capture.same_as),
            http_headers=http,
            warc_headers_dict=named,
        )
    else:
        record = writer.create_warc_record(
            url,
            "response",
            payload=io.BytesIO(payload),
            length=len(payload),
            http_headers=http,
            warc_headers_dict=named,
        )
    writer.write_record(record)


def write_info(writer: WARCWriter) -> None:
    """Write the warcinfo record at the head of the archive."""
    fields = (
        "software: data/demo/make_demo.py\r\n"
        "format: WARC File Format 1.1\r\n"
        "description: invented privacy policies for demonstration\r\n"
    ).encode("ascii")
    headers = StatusAndHeaders(
        "",
        [
            ("WARC-Type", "warcinfo"),
            ("WARC-Record-ID", record_id("warcinfo", CREATED, WARC)),
            ("WARC-Filename", WARC),
            ("WARC-Date", warc_date(CREATED)),
        ],
        protocol=RecordBuilder.WARC_1_1,
    )
    writer.write_record(
        writer.create_warc_record(
            "",
            "warcinfo",
            warc_headers=headers,
            payload=io.BytesIO(fields),
            length=len(fields),
        )
    )


def make_warc() -> bytes:
    """Return the archive, its records in the order of their dates."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version=WARC_VERSION)
    write_info(writer)
    every = [(capture.timestamp, site, capture) for site in SITES for capture in site.captures]
    for _, site, capture in sorted(every, key=lambda entry: entry[0]):
        write_capture(writer, site, capture)
    return out.getvalue()


def make_domains() -> bytes:
    """Return the list of domains with the addresses of their policies."""
    lines = ["# DOMAIN POLICY_URL [POLICY_URL ...]; every site is invented", ""]
    lines += [" ".join([site.domain, *site.urls]) for site in SITES]
    return "\n".join([*lines, ""]).encode()


def make_expected() -> bytes:
    """Return the truth about every capture of a listed address."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for site in SITES:
        for capture in site.captures:
            if capture.outcome != "home":
                table.writerow(
                    (
                        site.domain,
                        listed(site, capture),
                        capture.timestamp,
                        address(site, capture),
                        capture.status,
                        capture.version,
                        capture.outcome,
                        capture.note,
                    )
                )
    return out.getvalue().encode()


def members(data: bytes) -> list[bytes]:
    """Return the content of each gzip member, one for each record of the archive."""
    found = []
    while data:
        reader = zlib.decompressobj(wbits=31)
        found.append(reader.decompress(data))
        data = reader.unused_data
    return found


def differs(path: Path, content: bytes) -> bool:
    """Tell whether the file holds anything but ``content``.

    Archives are compared record by record, since zlib may compress differently elsewhere.
    """
    if not path.is_file():
        return True
    held = path.read_bytes()
    if held == content or path.suffix != ".gz":
        return held != content
    try:
        return members(held) != members(content)
    except zlib.error:
        return True


def main(arguments: list[str] | None = None) -> int:
    """Write the files, or compare them with those on disk."""
    parser = argparse.ArgumentParser(description="write the demo archive")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args(arguments)
    contents = {WARC: make_warc(), DOMAINS: make_domains(), EXPECTED: make_expected()}
    if not options.check:
        for name, content in contents.items():
            (HERE / name).write_bytes(content)
        return 0
    stale = [name for name, content in contents.items() if differs(HERE / name, content)]
    if stale:
        print(f"differs from what make_demo.py writes: {', '.join(stale)}", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
