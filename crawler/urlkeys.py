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


def site_range(domain: str) -> tuple[str, str]:
    """Return the range (from, to before) of the urlkeys of a site: host, and all its subdomains.

    A domain with a port is that host and port only; so is one that has no subdomains of its own
    (an IP address, or `www.com`, whose key is that of all of `com`).
    """
    host = _host_key(domain)
    has_subdomains = "," in host and ":" not in host
    # `)` ends a host, `*` follows it; `,` begins a subdomain, `-` follows it
    return f"{host})", f"{host}-" if has_subdomains else f"{host}*"


def site_words(domain: str, words: str) -> str:
    """Return a regular expression that matches the whole urlkeys of a site that hold `words`.

    What the site itself is called does not count, so that `privacy.example` is not all about
    privacy; the names of its subdomains do.
    """
    return rf"{_host_key(domain).replace('.', '[.]')}[,)].*(?:{words}).*"


def _host_key(domain: str) -> str:
    return urlkey(f"http://{domain}/").partition(")")[0]
