"""Fetches that wait for their turn: the most telling first, over all policies. Pure."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import count

from crawler.records import Capture, Target


class Budget:
    """What may still be fetched in a run, and what waits for it, archive by archive.

    `left` is the number of captures that may still be asked for; None for no limit. `waiting`
    counts, by archive, those that wait.
    """

    def __init__(self, left: int | None) -> None:
        self.left = left
        self.waiting: Counter[str] = Counter()
        self._order = count()
        self._rounds: dict[Target, int] = {}
        self._of_round: Counter[Target] = Counter()
        self._heaps: dict[str, list[tuple[int, int, Target, int, Capture]]] = defaultdict(list)

    def wait(self, target: Target, asks: Iterable[tuple[int, Capture]]) -> None:
        """Let a policy's captures wait, each with its priority; forget its earlier ones."""
        turn = next(self._order)
        self._rounds[target] = turn
        self.waiting[target.archive] -= self._of_round.pop(target, 0)
        for priority, capture in asks:
            entry = (-priority, next(self._order), target, turn, capture)
            heapq.heappush(self._heaps[target.archive], entry)
            self._of_round[target] += 1
            self.waiting[target.archive] += 1

    def of_round(self, target: Target) -> int:
        """Return how many of a policy's captures wait."""
        return self._of_round[target]

    def take(self, archive: str, room: int, least: int) -> list[tuple[Target, Capture, int]]:
        """Return up to `room` captures of an archive to ask for now, each with its priority.

        None has a lower priority than `least`.
        """
        heap = self._heaps[archive]
        taken: list[tuple[Target, Capture, int]] = []
        while heap and -heap[0][0] >= least and self.left != 0 and len(taken) < room:
            below, _, target, turn, capture = heapq.heappop(heap)
            if self._rounds.get(target) != turn:
                continue
            taken.append((target, capture, -below))
            self._of_round[target] -= 1
            self.waiting[archive] -= 1
            if self.left is not None:
                self.left -= 1
        return taken
