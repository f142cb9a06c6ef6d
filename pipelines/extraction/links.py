"""Addresses as browsers resolve and write them, and never an archive's."""

import re
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser

_ARCHIVED = re.compile(
    r"/(?:[\w.-]+/){0,2}(\d{4,14})(?:[a-z]{2}_)?/"
    r"((?:https?|ftp):/?/?.+|(?:https?|ftp)%3A.+|mailto:.+|www\.[\w-]+\..+)",
    re.I,
)
_ARCHIVES = re.compile(
    r"(?:^|\.)(?:archive\.org|archive-it\.org|arquivo\.pt|webarchive\.\w+)$", re.I
)
LONGEST = 2000  # characters of an address
_SPECIAL = frozenset(("http", "https", "ftp"))
_IN_PATH = "%!$&'()*+,;=:@/~[]|\\^-._"
_IN_QUERY = _IN_PATH + "?`{}"


def resolve(base: str, href: str) -> str:
    """Return the absolute address of a link, as a browser's `href` property gives it.

    A link into an archive's replay becomes the address that was archived.
    """
    href = re.sub(r"[\t\r\n]", "", href.strip("\x00\x01\x1f \f\t\r\n"))
    try:
        address = unarchived(urljoin(base, _slashes(href)))
        parts = urlsplit(address)
        if parts.scheme not in _SPECIAL or not parts.netloc:
            return quote(address if parts.scheme else urljoin(base, href), safe=_IN_QUERY + "#")
        return urlunsplit(
            (
                parts.scheme,
                parts.netloc.lower().removesuffix(":80" if parts.scheme == "http" else ":443"),
                quote(parts.path, safe=_IN_PATH) or "/",
                quote(parts.query, safe=_IN_QUERY.replace("'", "")),
                quote(parts.fragment, safe=_IN_QUERY.replace("`", "")),
            )
        )
    except ValueError:  # an address that is none, such as http://[
        return href


def unarchived(url: str) -> str:
    """Return the address that was archived, for an address in an archive's replay."""
    parts = urlsplit(url)
    match = _ARCHIVED.match(urlunsplit(parts._replace(scheme="", netloc="")))
    if match is None or (len(match[1]) < 14 and not _ARCHIVES.search(parts.hostname or "")):
        return url
    inner = match[2].replace("%3A", ":", 1).replace("%3a", ":", 1)
    if inner.lower().startswith("mailto:"):
        return inner
    return re.sub(r"^(\w+):/*", r"\1://", inner if ":" in inner[:6] else f"http://{inner}")


def _slashes(href: str) -> str:
    r"""Browsers read `\` as `/` in web addresses."""
    scheme = href.partition(":")[0].lower()
    if scheme in _SPECIAL or not re.match(r"[a-z][a-z0-9+.-]*:", href, re.I):
        head, sep, tail = href.partition("?")
        return head.replace("\\", "/") + sep + tail
    return href


def canonical_of(page: LexborHTMLParser, base: str) -> str | None:
    """Return the address that a page says it should be known by (RFC 6596); None if it says none.

    Longer addresses than any server takes are none.
    """
    for link in page.css("link[rel~=canonical i][href]"):
        address = resolve(base, link.attributes["href"] or "")
        if address.startswith(("http://", "https://")) and len(address) <= LONGEST:
            return address
    return None


def base_of(page: LexborHTMLParser, url: str) -> str:
    """Return the address that a page's links are relative to: `<base>`, else its own."""
    for base in page.css("base[href]"):
        if href := base.attributes["href"]:
            return resolve(url, href)
    return url
