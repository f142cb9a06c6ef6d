"""What every archive can do for the crawl: be asked for an index page and for a capture.

An archive builds addresses and reads replies; it makes no requests. All requests go through
Scrapy's downloader.
"""

import re
from abc import ABC, abstractmethod
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from crawler.errors import NotAnIndexReply
from crawler.outcomes import Listing
from crawler.records import IndexPage, Reply, Target

_UNSAFE = re.compile(r"[^!-~]|[#\[\]\"<>\\^`{|}]")
_REPLAY = re.compile(r"(\d{1,14})(?:[a-z]{2}_)?/(.+)", re.DOTALL)
_FEWEST_ROWS = 1000
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Archive(ABC):
    """An archive with an index of captures and a replay of their original bytes."""

    name: str
    page_size: int
    index_slot: str
    page_slot: str
    replay_prefix: str
    home_url: str | None = None  # answers 404 if there is no such archive; None: nothing to ask
    damage: str | None = None  # why its index cannot be whole, where that is known

    @abstractmethod
    def index_url(
        self, target: Target, since: str | None, until: str | None, resume_key: str | None
    ) -> str:
        """Return the address of a page of the index of `target`'s captures.

        `since` and `until` are 14-digit timestamps, inclusive; `resume_key` is the key of the
        page before, verbatim.
        """

    @abstractmethod
    def read_index(self, reply: Reply, target: Target) -> IndexPage:
        """Read an index page; raises NotAnIndexReply for a reply that is none."""

    @abstractmethod
    def download_slots(self) -> dict[str, dict[str, Any]]:
        """Return the DOWNLOAD_SLOTS that keep to this archive's rates."""

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

    def replay_url(self, timestamp: str, original: str) -> str:
        """Return the address that replays a capture's original bytes (`id_`)."""
        safe = _UNSAFE.sub(lambda char: quote(char[0], safe=""), original)
        return f"{self.replay_prefix}{timestamp}id_/{safe}"

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


def paced_slots(
    archive_url: str, slots: tuple[str, str], rates: tuple[float, float], connections: int
) -> dict[str, dict[str, Any]]:
    """Return DOWNLOAD_SLOTS for an index slot and a page slot, at `rates` requests a minute.

    An archive on this machine (a loopback address) is not slowed down.
    """
    local = urlsplit(archive_url).hostname in _LOOPBACK
    index_rate, page_rate = (60_000.0, 60_000.0) if local else rates
    return {
        slots[0]: {"concurrency": 1, "delay": 60 / index_rate, "jitter": 0},
        slots[1]: {"concurrency": connections, "delay": 60 / page_rate, "jitter": 0},
    }
