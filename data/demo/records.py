"""What the demo archive knows of a site, of its layout and of one capture."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """How a site dresses its pages: the frame file, the style of the body, the bytes."""

    frame: str
    body: str
    encoding: str = "utf-8"
    content_type: str = "text/html"


@dataclass(frozen=True)
class Capture:
    """One record of the archive.

    ``url`` is empty for the site's first policy address. ``same_as`` is the timestamp of
    the capture whose stored bytes are repeated, for revisits and for unchanged pages.
    ``coding`` is ``gzip``, ``chunked`` or empty.
    """

    timestamp: str
    outcome: str
    note: str = ""
    version: str = ""
    status: int = 200
    url: str = ""
    location: str = ""
    same_as: str = ""
    coding: str = ""
    layout: Layout | None = None


@dataclass(frozen=True)
class Site:
    """One line of ``domains.txt`` with the captures that belong to it.

    ``news`` holds the lines that change around the policy, one after the other. ``home``
    is the title and the text of the home page.
    """

    text: str
    domain: str
    urls: tuple[str, ...]
    layout: Layout
    server: str
    news: tuple[str, ...]
    captures: tuple[Capture, ...]
    home: tuple[str, str] = ("", "")


def page(
    timestamp: str,
    version: str,
    note: str = "",
    *,
    url: str = "",
    same_as: str = "",
    coding: str = "",
    layout: Layout | None = None,
) -> Capture:
    """Return a capture of the policy in the wording of ``version``."""
    return Capture(
        timestamp,
        "text",
        note,
        version,
        url=url,
        same_as=same_as,
        coding=coding,
        layout=layout,
    )


def revisit(timestamp: str, same_as: str, version: str, note: str = "", url: str = "") -> Capture:
    """Return a revisit record that refers to the capture at ``same_as``."""
    note = note or f"revisit of {same_as}"
    return Capture(timestamp, "revisit", note, version, url=url, same_as=same_as)


def redirect(
    timestamp: str, location: str, note: str, *, url: str = "", status: int = 301
) -> Capture:
    """Return a redirect to ``location``."""
    return Capture(timestamp, "redirect", note, status=status, url=url, location=location)


def failure(timestamp: str, status: int, note: str) -> Capture:
    """Return an answer with an error status."""
    outcome = "not_found" if status in (404, 410) else "http_error"
    return Capture(timestamp, outcome, note, status=status)


def home(timestamp: str, url: str, layout: Layout | None = None) -> Capture:
    """Return a capture of a home page, which ``expected.csv`` leaves out."""
    return Capture(timestamp, "home", url=url, layout=layout)
