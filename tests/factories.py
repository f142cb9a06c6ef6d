"""Records for the unit tests, with everything that a test does not care about filled in."""

from typing import Any

from scrapy.settings import Settings

from crawler.archives import Archive, open_archives
from crawler.outcomes import Outcome
from crawler.records import Capture, Document, Extracted, KnownCapture, Reply, Target, Text
from pipelines.reading import make_text

POLICY = "http://example.com/privacy"
TARGET = Target("example.com", POLICY, archive="wayback")


def archive(argument: str = "wayback") -> Archive:
    """An archive with the project's own settings."""
    settings = Settings()
    settings.setmodule("crawler.settings")
    (opened,) = open_archives(argument, settings)
    return opened


def capture(timestamp: str = "20150129034904", **fields: Any) -> Capture:
    """A capture of the policy of example.com: a page with status 200."""
    given = {
        "archive": "wayback",
        "domain": "example.com",
        "policy_url": POLICY,
        "urlkey": "com,example)/privacy",
        "original": POLICY,
        "mimetype": "text/html",
        "statuscode": 200,
        "digest": f"DIGEST{timestamp}",
        "length": 1000,
    }
    return Capture(timestamp=timestamp, **{**given, **fields})


def known(timestamp: str, outcome: Outcome = Outcome.PENDING, **fields: Any) -> KnownCapture:
    """A capture of which `outcome` is known; a text is its own unless `served_exactly` says no."""
    exact = fields.pop("served_exactly", True)
    words = fields.pop("fingerprint", "words" if outcome is Outcome.TEXT else None)
    return KnownCapture(capture(timestamp, **fields), outcome, words, exact)


def reply(url: str, status: int = 200, body: bytes = b"", **headers: str) -> Reply:
    """What an archive answered; `memento_datetime=...` is the header Memento-Datetime."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(url, status, named, body)


def text(words: str, title: str = "Privacy") -> Text:
    """A text that says these words."""
    return make_text(Extracted(title, words, "by hand"))


def document(of: Capture, words: str, **served: str) -> Document:
    """A fetched capture with its text; by default it was served itself."""
    timestamp = served.get("timestamp", of.timestamp)
    return Document(of, timestamp, served.get("url", of.original), text(words))
