"""A search for versions in a history of which everything is known, as a run would do it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from time import perf_counter
from typing import NamedTuple

from crawler.selection.version_search import FULL, Ask, Failure, Reason, Rules, Seen, next_fetches


class Truth(NamedTuple):
    """A capture and what the archive would give: its text, or None where its page holds none."""

    timestamp: str
    digest: str | None
    text: str | None


@dataclass
class Search:
    """What is known of a history, and what it cost: the asks in their order, rounds, seconds."""

    history: Sequence[Truth]
    unplayable: Collection[int] = ()
    seen: list[Seen] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    rounds: int = 0
    seconds: float = 0.0

    def run(self, rules: Rules = FULL, most: int | None = None) -> "Search":
        """Search to the end, or until the run is broken off after `most` fetches."""
        new = self.history[len(self.seen) :]
        self.seen += [Seen(truth.timestamp, truth.digest) for truth in new]
        done = len(self.asks)
        while most is None or len(self.asks) - done < most:
            start = perf_counter()
            asks = next_fetches(self.seen, rules)
            self.seconds += perf_counter() - start
            if not asks:
                break
            self.rounds += 1
            for ask in asks[: None if most is None else most - (len(self.asks) - done)]:
                self.fetch(ask)
        return self

    def fetch(self, ask: Ask) -> None:
        """Settle one capture."""
        truth, failure = self.history[ask.capture], None
        if ask.capture in self.unplayable:
            failure = Failure.CAPTURE
        elif truth.text is None:
            failure = Failure.PAGE
        text = None if failure else truth.text
        self.seen[ask.capture] = Seen(truth.timestamp, truth.digest, text, failure)
        self.asks.append(ask)

    def count(self, reason: Reason) -> int:
        """Return how many fetches there were for a reason."""
        return sum(ask.reason is reason for ask in self.asks)


def brute_force(
    history: Sequence[Truth], unplayable: Collection[int] = ()
) -> list[tuple[int, int]]:
    """Return all changes, each as the last capture with the old text and the first with the new.

    Of the captures that the archive can play.
    """
    texts = enumerate(truth.text for truth in history)
    readable = [i for i, text in texts if text is not None and i not in unplayable]
    return [(a, b) for a, b in pairwise(readable) if history[a].text != history[b].text]
