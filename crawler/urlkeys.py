"""Sort-friendly keys of addresses (SURT), by which an archive's index is ordered and asked."""

import re

import urlcanon


def urlkey(url: str) -> str:
    """Return the SURT key of an address as CDX servers print it.

    `http://www.Example.com:80/Privacy?b=2&a=1` gives `com,example)/privacy?a=1&b=2`: scheme,
    `www.`, default port, case and session ids do not count. Canonicalization is urlcanon's
    "aggressive" one, the IIPC's port of the Wayback Machine's rules.
    """
    parsed = urlcanon.parse_url(url)
    urlcanon.aggressive(parsed)
    surt: str = parsed.surt().decode("utf-8", "replace")
    key = re.sub(r"^[a-z][a-z0-9+.-]*://\(", "", surt, count=1)
    return re.sub(r",(:\d+)?\)", lambda port: f"{port[1] or ''})", key, count=1)
