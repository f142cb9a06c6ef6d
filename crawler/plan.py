"""Before step 5: what fetching would cost. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from crawler import timestamps
from crawler.records import KnownCapture
from crawler.selection import Select, choose
from crawler.selection.version_search import DAY, Rules

# Of 23 real policies in five years (tests/benchmarks/version_search.py): 214 changes, 960 fetches.
CHANGES_A_YEAR = 1.9
FETCHES_A_VERSION = 4.0


@dataclass(slots=True)
class Plan:
    """What a crawl of one archive would cost.

    `captures` are those known, `fetches` those to be asked for, from here on; `queries` is how
    often the index is asked; `unlisted` policies could not be listed to the end.
    """

    policies: int = 0
    unlisted: int = 0
    captures: int = 0
    fetches: float = 0.0
    queries: int = 0

    def hours(self, query_seconds: float, page_seconds: float) -> float:
        """Return how long it takes with these pauses; queries and pages are asked for at once."""
        return max(self.queries * query_seconds, self.fetches * page_seconds) / 3600


def expected_fetches(known: Sequence[KnownCapture], rule: Select, search: Rules) -> float:
    """Return how many captures of a policy are still to be fetched.

    Exact but for what fails, and for `versions`, which nobody knows before: as many as policies of
    that age have taken, and no more than there are different digests.
    """
    choice = choose(known, rule, search=search, reporting=True)
    if rule is not Select.VERSIONS or choice.report is None or not choice.fetch:
        return len(choice.fetch)
    first, last = (timestamps.parse(known[i].capture.timestamp) for i in (0, -1))
    versions = 1 + CHANGES_A_YEAR * ((last - first) / DAY) / 365.25
    digests = len({m.capture.digest or m.capture.capture_id for m in known})
    in_all = min(FETCHES_A_VERSION * versions, digests)
    return max(in_all - choice.report.fetches, len(choice.fetch))
