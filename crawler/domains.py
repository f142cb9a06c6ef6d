"""Step 1: the domain list a person wrote, into targets."""

import csv
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import idna
from w3lib.url import safe_url_string

from crawler.errors import InputError
from crawler.records import Target
from crawler.urlkeys import urlkey

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_LIST_FILE = re.compile(r"[^\s,]*([/\\][^,]*|\.(txt|csv|tsv|lst|list))", re.IGNORECASE)

csv.field_size_limit(2**31 - 1)  # a long line is reported as what is wrong with it

Line = tuple[int, list[str]]


def read_targets(argument: str) -> list[Target]:
    """Return the targets of `-a domains=`: a file, or domain names separated by commas.

    A file has a line per site, `DOMAIN [POLICY_URL ...]`, with `#` comments; or it is a CSV with a
    header `domain,policy_url`. Raises InputError that names every bad line with its number.
    """
    if not argument.strip():
        raise InputError("domains is empty: give a file or names separated by commas")
    path = Path(argument)
    if os.path.isdir(argument):
        raise InputError(f"domains={argument}: is a folder; give a file")
    if not os.path.isfile(argument):
        if "://" not in argument and _LIST_FILE.fullmatch(argument):
            raise InputError(f"domains={argument}: no such file")
        names = re.split(r"[,\r\n]", argument)
        return parse_targets(enumerate(names, 1), source="domains", unit="name")
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise InputError(f"{argument}, line {line}: not UTF-8") from None
    except OSError as error:
        raise InputError(f"domains={argument}: {error.strerror}") from None
    return parse_targets(enumerate(content.splitlines(), 1), source=argument)


def parse_targets(
    lines: Iterable[tuple[int, str]], *, source: str, unit: str = "line"
) -> list[Target]:
    """Parse numbered lines of a domain list; the first line tells whether it is a CSV.

    Domains and hosts are lower case and in their ASCII (punycode) form. Lines that name the same
    policy again (as an archive's index tells addresses apart) are taken once, in the first form.
    """
    targets: list[Target] = []
    bad: list[str] = []
    seen: set[tuple[str, str | None]] = set()
    named: set[str] = set()
    for number, fields in _fields(lines, source):
        try:
            domain = parse_domain(fields[0])
            urls = [parse_policy_url(url) for url in fields[1:]]
        except ValueError as error:
            bad.append(f"{source}, {unit} {number}: {error}")
            continue
        named.add(domain)
        for url in urls:
            if (key := (domain, urlkey(url))) not in seen:
                seen.add(key)
                targets.append(Target(domain, url, number))
        if not urls and (domain, None) not in seen:
            seen.add((domain, None))
            targets.append(Target(domain, None, number))
    if bad:
        csv_too = "; a CSV begins with the line domain,policy_url" if unit == "line" else ""
        form = f"each {unit} is DOMAIN POLICY_URL ..., with spaces between{csv_too}"
        raise InputError("\n".join([*bad, form]))
    if not targets:
        raise InputError(f"{source}: names no domain")
    with_url = {target.domain for target in targets if target.policy_url}
    return [t for t in targets if t.policy_url or t.domain not in with_url]


def parse_domain(text: str) -> str:
    """Return a site's name: host in lower-case ASCII, with its port unless it is 80 or 443.

    A scheme before it and a `/` after it are taken off. ValueError says what is wrong.
    """
    parts = urlsplit(text if "://" in text else f"//{text}")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None:
        raise ValueError(f"{text!r} is not a domain name")
    if parts.scheme not in ("", "http", "https"):
        raise ValueError(f"{text!r} has the scheme {parts.scheme}, not http or https")
    try:
        port = parts.port
    except ValueError:
        raise ValueError(f"{text!r} has a port that is not a number up to 65535") from None
    host = _ascii_host(parts.hostname or "", text)
    return host if port in (None, 80, 443) else f"{host}:{port}"


def parse_policy_url(text: str) -> str:
    """Return an http(s) address as it was typed, with its host in lower-case ASCII.

    Spaces and non-ASCII characters are percent-encoded, a fragment is cut off.
    """
    parts = urlsplit(text)
    if parts.scheme.lower() not in ("http", "https"):
        raise ValueError(f"{text!r} is not an address that starts with http:// or https://")
    if parts.username is not None:
        raise ValueError(f"{text!r} holds a user name")
    if text[-1] in ",;":
        raise ValueError(f"{text!r} ends with {text[-1]!r}")
    host = _ascii_host(parts.hostname or "", text)
    try:
        netloc = host if parts.port is None else f"{host}:{parts.port}"
    except ValueError:
        raise ValueError(f"{text!r} has a port that is not a number up to 65535") from None
    plain = parts._replace(scheme=parts.scheme.lower(), netloc=netloc, fragment="")
    return safe_url_string(plain._replace(path=plain.path or "/").geturl())


def _ascii_host(host: str, text: str) -> str:
    """Return a host name in ASCII; underscores, which real hosts have, are let through."""
    try:
        ascii_host = host.lower() if host.isascii() else idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        raise ValueError(f"{text!r} is not a domain name that can be encoded (IDNA)") from None
    labels = ascii_host.rstrip(".").split(".")
    if len(labels) < 2 or len(ascii_host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise ValueError(f"{text!r} is not a domain name")
    return ascii_host.rstrip(".")


def _fields(lines: Iterable[tuple[int, str]], source: str) -> Iterator[Line]:
    """Yield the fields of each line that holds some: domain first, then addresses."""
    content = ((n, line) for n, line in lines if line.strip() and not line.lstrip().startswith("#"))
    first = next(content, None)
    if first is None:
        return
    header = [cell.strip().lower() for cell in next(csv.reader([first[1]]))]
    if "domain" in header:
        domain = header.index("domain")
        url = header.index("policy_url") if "policy_url" in header else len(header)
        for number, line in content:
            cells = next(csv.reader([line]))
            padded = cells + [""] * (max(domain, url) + 1 - len(cells))
            yield number, [padded[domain].strip() or "(nothing)", *padded[url].split()]
        return
    for number, line in (first, *content):
        yield number, re.split(r"\s#", line, maxsplit=1)[0].split()
