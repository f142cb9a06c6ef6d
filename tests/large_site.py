"""A site with millions of rows in the Wayback Machine's index, made up as they are asked for."""

import heapq
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.imitation import Captured, Imitation
from tests.test_archive_trouble import page
from tests.wayback_dialect import Query

_NUMBER = re.compile(r"/a/(\d{7})/")
_STORY = b"<html><head><title>Story</title></head><body><p>Once upon a time.</p></body></html>"


@dataclass
class LargeSite(Imitation):
    """`large.example`: 100,000 addresses, on the host and five subdomains, with 50 captures each.

    One address in `policy_every` ends in `/privacy` and has a policy. `captures` are others, such
    as those of the home page. Rows that a filter on the urlkey leaves out are never made; without
    `can_filter`, all are sent.
    """

    addresses: int = 100_000
    captures_each: int = 50
    policy_every: int = 5000

    def rows(self, query: Query) -> Iterable[list[str]]:
        return heapq.merge(super().rows(query), self._made(query), key=lambda row: row[:2])

    def near(self, key: str) -> Sequence[Captured]:
        number = self._number(key)
        if number is None or self._key(number) != key:
            return self.captures
        url, text = self._url(number), page("policy") if self._is_policy(number) else _STORY
        return [Captured(stamp, url, text) for stamp in self._stamps()]

    def _made(self, query: Query) -> Iterator[list[str]]:
        stamps = self._stamps()
        for number in range(self._number(query.start[0]) or 0, self.addresses):
            key = self._key(number)
            if query.may_have(key):
                url = self._url(number)
                for stamp in stamps:
                    yield [key, stamp, url, "text/html", "200", f"D{number}", "1000"]

    def _number(self, key: str) -> int | None:
        found = _NUMBER.search(key)
        return int(found[1]) if found else None

    def _key(self, number: int) -> str:
        host = ",".join(["example,large", *self._subdomain(number)])
        return f"{host})/a/{number:07}/{'privacy' if self._is_policy(number) else 'story'}"

    def _url(self, number: int) -> str:
        host = ".".join([*self._subdomain(number), "large.example"])
        return f"https://{host}/a/{number:07}/{'privacy' if self._is_policy(number) else 'story'}"

    def _subdomain(self, number: int) -> list[str]:
        tenth = number * 10 // self.addresses
        return [f"s{tenth}"] if tenth >= 5 else []

    def _is_policy(self, number: int) -> bool:
        return number % self.policy_every == 0

    def _stamps(self) -> list[str]:
        return [f"{2000 + n // 4}{n % 4 * 3 + 1:02}15120000" for n in range(self.captures_each)]
