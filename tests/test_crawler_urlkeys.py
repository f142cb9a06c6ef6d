"""Keys of addresses: as pywb's CDX server prints them, but for what is said here."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pywb.utils.canonicalize import canonicalize

from crawler.urlkeys import urlkey

ORDINARY = [
    "http://example.com/",
    "http://example.com",
    "https://www.example.com/privacy",
    "http://www2.Example.COM:80/Privacy/",
    "https://example.com:443/privacy",
    "http://www.example.com:8080/privacy",
    "http://example.com./privacy",
    "http://example.com/privacy?b=2&a=1",
    "http://example.com/privacy?",
    "http://example.com?x=1",
    "http://example.com/A?B=C&b=c",
    "http://example.com/a b/a%20b",
    "http://example.com/%7Euser/%E4%B8%AD",
    "http://example.com//a//../b/./c",
    "http://example.com/p?q=a+b&r=a%2Bb",
    "http://example.com/index.php?PHPSESSID=0123456789abcdef0123456789abcdef&x=1",
    "http://bücher.example/über",
    "http://example.co.uk/legal/privacy.html#part",
    "https://help.instagram.com/519522125107875?helpref=page_content",
]


@pytest.mark.parametrize("url", ORDINARY)
def test_an_ordinary_address_has_the_key_that_pywb_gives_it(url: str) -> None:
    assert urlkey(url) == canonicalize(url)


@pytest.mark.parametrize(
    ("url", "ours", "pywbs"),
    [
        ("http://192.0.2.7:8000/x", "192.0.2.7:8000)/x", "7,2,0,192:8000)/x"),
        (
            f"http://example.com/p;jsessionid={'0123456789abcdef' * 2}",
            "com,example)/p",
            f"com,example)/p;jsessionid={'0123456789abcdef' * 2}",
        ),
        ("http://example.com/p?a=1&&b=2", "com,example)/p?a=1&b=2", "com,example)/p?&a=1&b=2"),
    ],
)
def test_urlcanon_differs_in_ip_addresses_session_ids_in_paths_and_empty_parameters(
    url: str, ours: str, pywbs: str
) -> None:
    assert (urlkey(url), canonicalize(url)) == (ours, pywbs)


PATHS = st.text("abcXYZ019-_.~", min_size=1, max_size=12)


@given(PATHS, st.sampled_from(["http://", "https://", "HTTP://www."]))
def test_scheme_www_and_case_do_not_count(path: str, start: str) -> None:
    assert urlkey(f"{start}Example.com/x{path}") == urlkey(f"http://example.com/X{path.upper()}")


@given(st.text())
def test_every_address_has_a_key(rest: str) -> None:
    assert urlkey(f"http://example.com/{rest}").startswith("com,example)/")
    assert urlkey(f"http://{rest}")
