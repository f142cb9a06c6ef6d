"""What every archive can do for the crawl: be asked for an index page and for a capture.

An archive builds addresses and reads replies; it makes no requests. All requests go through
Scrapy's downloader.
"""

import re
from abc import ABC, abstractmethod
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings

from crawler import settings as project
from crawler.errors import NotAnIndexReply
from crawler.outcomes import Listing
from crawler.records import Capture, IndexPage, Reply, Target

_UNSAFE = re.compile(r"[^!-~]|[#\[\]\"<>\\^`{|}]")
_REPLAY = re.compile(r"(\d{1,14})(?:[a-z]{2}_)?/(.+)", re.DOTALL)
_FEWEST_ROWS = 1000
AT_ONCE = 0.001  # seconds; without any, a connection is not free again for the next request
WAYBACK_SNAPSHOTS = "https://web.archive.org/web/"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Archive(ABC):
    """An archive with an index of captures and a replay of their original bytes."""

    name: str
    page_size: int = 0  # rows of an index page, where one can say how many
    index_slot: str
    page_slot: str
    replay_prefix: str
    title: str = "the Wayback Machine"  # as a document names it
    snapshots: str | None = WAYBACK_SNAPSHOTS  # how the addresses begin where others see captures
    home_url: str | None = None  # answers 404 if there is no such archive; None: nothing to ask
    damage: str | None = None  # why its index cannot be whole, where that is known
    by_crawl: bool = False  # an index for each crawl, and no replay of an address at about a time
    is_remote: bool = True  # whether it is asked over a network, and may refuse
    delays: tuple[float, float]  # seconds between index queries, and between pages

    def __init__(self, settings: BaseSettings) -> None:
        self.connections = settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")

    @property
    def host(self) -> str:
        """Where its pages are; archives of one host share what it allows."""
        return urlsplit(self.replay_prefix).netloc or self.name

    def show(self, title: str) -> None:
        """Name the archive in documents, and lead to its own replay.

        What is on this machine holds copies of captures that others see at the Wayback Machine.
        """
        if not is_here(self.replay_prefix):
            self.title, self.snapshots = title, self.replay_prefix

    @abstractmethod
    def index_url(
        self, target: Target, since: str | None, until: str | None, resume_key: str | None
    ) -> str:
        """Return the address of a page of the index of `target`'s captures.

        `since` and `until` are 14-digit timestamps, inclusive; `resume_key` is the key of the
        page before, verbatim.
        """

    def home(self, domain: str) -> Target:
        """Return the target with which pages of `home_index_url` and `site_index_url` are read.

        Its address is that of the home page; what a row is about says the row (`original`).
        """
        return Target(domain, f"http://{domain}/", archive=self.name)

    def home_index_url(self, domain: str, resume_key: str | None = None) -> str:
        """Return the address of a page of the index of a site's home page.

        Where the archive can thin them, these are the first captures of each month (and status),
        redirects and errors too; otherwise all captures.
        """
        return self.index_url(self.home(domain), None, None, resume_key)

    def site_index_url(self, domain: str, words: str, resume_key: str | None) -> str | None:
        """Return the address of a page of the index of a whole site; None: there is no such query.

        The rows are those of the host and all its subdomains (of a domain with a port: of that
        host and port) whose urlkey, after the site's own name, holds a match of the regular
        expression `words`. It is in lower case, as urlkeys are, and of what Java and Python have
        in common. The rows are of all time and of any status. `resume_key` is that of the page
        before, which may have had no rows. The last row of a page may come again, and rows with
        its urlkey and second be missing. An archive that ignores the filter gives all of the site;
        one with an index for each crawl (`by_crawl`) a page of each, which may not be all.
        """
        return None

    def site_key_after(self, failed: str | None) -> str | None:
        """Return the resume key of what is left of a site's index where the page of a key failed.

        None: nothing, because only that page could tell.
        """
        return None

    def near_index_url(self, target: Target, timestamp: str, turn: int) -> str | None:
        """Return the address of a page of the index of `target`'s captures, near a time if any.

        To be asked in turns (0, 1, ...) until there are captures; None: there are no more turns.
        With one index all captures come in the first, with one for each crawl those of a crawl.
        """
        return self.index_url(target, None, None, None) if turn == 0 else None

    @abstractmethod
    def read_index(self, reply: Reply, target: Target) -> IndexPage:
        """Read an index page; raises NotAnIndexReply for a reply that is none."""

    def download_slots(self) -> dict[str, dict[str, Any]]:
        """Return the DOWNLOAD_SLOTS that keep to this archive's rates."""
        index, page = self.delays
        return {
            self.index_slot: {"concurrency": 1, "delay": index, "jitter": 0},
            self.page_slot: {"concurrency": self.connections, "delay": page, "jitter": 0},
        }

    def last_second(self, page: IndexPage) -> str | None:
        """Return the timestamp at the end of a page, if rows with it may be missing from the next.

        They have to be asked for by themselves.
        """
        return None

    def ask_for_less(self) -> bool:
        """Ask for half as many rows at a time from now on; False if that would be few."""
        if self.page_size < 2 * _FEWEST_ROWS:
            return False
        self.page_size //= 2
        return True

    def withheld(self, reply: Reply) -> Listing | None:
        """Return whether an index reply says that the archive keeps this site back."""
        told = reply.headers.get("x-archive-wayback-runtime-error", "").encode() + reply.body[:9999]
        if b"AdministrativeAccessControl" in told or reply.status == 451:
            return Listing.EXCLUDED
        return Listing.ROBOTS if b"RobotAccessControl" in told else None

    def index_trouble(self, reply: Reply, target: Target) -> str | None:
        """Return the cause, in a word, why an index reply should be asked for again."""
        if self.withheld(reply) is not None:
            return None
        if reply.status == 429:
            return "rate_limited"
        if reply.status != 200:
            return f"http_{reply.status}"
        try:
            self.read_index(reply, target)
        except NotAnIndexReply:
            return "not_an_index_page"
        return None

    def capture_url(self, capture: Capture) -> str:
        """Return the address that replays a capture of the index."""
        return self.replay_url(capture.timestamp, capture.original)

    def replay_url(self, timestamp: str, original: str) -> str:
        """Return the address that replays a capture's original bytes (`id_`)."""
        return f"{self.replay_prefix}{timestamp}id_/{escaped(original)}"

    def serving(self, url: str) -> "Archive":
        """Return the archive whose replay answers at `url`: this one, if it is one archive."""
        return self

    def parse_replay_url(self, url: str) -> tuple[str, str] | None:
        """Return timestamp and original address of a replay address; None if it is not one.

        The scheme does not count (http and https of one archive are one), nor does the modifier;
        an original that is percent-encoded as a whole is decoded.
        """
        prefix = self.replay_prefix.split("://", 1)[-1]
        rest = url.split("://", 1)[-1]
        if not rest.startswith(prefix):
            return None
        match = _REPLAY.fullmatch(rest, len(prefix))
        if match is None:
            return None
        original = match[2]
        if re.match(r"https?%3a", original, re.IGNORECASE):
            original = unquote(original)
        return match[1], original


def escaped(address: str) -> str:
    """Return an address with all percent-encoded that must not stand in another's path."""
    return _UNSAFE.sub(lambda char: quote(char[0], safe=""), address)


def delay(settings: BaseSettings, name: str, archive_url: str) -> float:
    """Return the seconds between requests at the rate (requests a minute) that a setting gives.

    An archive on this machine (a loopback address) is slowed down only by a rate that was typed.
    """
    at_once = is_here(archive_url) and not _typed(settings, name)
    return AT_ONCE if at_once else 60 / settings.getfloat(name)


def named_delays(
    name: str, settings: BaseSettings, index_url: str, page_url: str
) -> tuple[float, float]:
    """Return the seconds between index queries and between pages of an archive that has a name.

    The rates are those of ARCHIVE_RATES; for a name that was not typed, the project's own, but for
    what is on this machine. `page_url` is "" if pages can be anywhere.
    """
    given = settings.getdict("ARCHIVE_RATES")
    rates = {**project.ARCHIVE_RATES, **given}[name]
    typed = _typed(settings, "ARCHIVE_RATES") and name in given
    index, page = (
        AT_ONCE if is_here(url) and not typed else 60 / float(rate)
        for url, rate in zip((index_url, page_url), rates, strict=True)
    )
    return index, page


def is_here(url: str) -> bool:
    """Whether an address is on this machine."""
    return urlsplit(url).hostname in _LOOPBACK


def _typed(settings: BaseSettings, name: str) -> bool:
    return (settings.getpriority(name) or 0) > SETTINGS_PRIORITIES["project"]
