"""Fetches that wait for their turn: the most telling first, over all policies. Pure."""

import heapq
from collections.abc import Iterable
from itertools import count

from crawler.records import Capture, Target


class Budget:
    """What may still be fetched in a run, and what waits for it.

    `left` is the number of captures that may still be asked for; None for no limit.
    """

    def __init__(self, left: int | None) -> None:
        self.left = left
        self._order = count()
        self._rounds: dict[Target, int] = {}
        self._heap: list[tuple[int, int, Target, int, Capture]] = []

    def wait(self, target: Target, asks: Iterable[tuple[int, Capture]]) -> None:
        """Let a policy's captures wait, each with its priority; forget its earlier ones."""
        turn = next(self._order)
        self._rounds[target] = turn
        for priority, capture in asks:
            heapq.heappush(self._heap, (-priority, next(self._order), target, turn, capture))

    def take(self, room: int | None, least: int) -> list[tuple[Target, Capture, int]]:
        """Return up to `room` captures to ask for now, of at least this priority, with it."""
        taken: list[tuple[Target, Capture, int]] = []
        while self._heap and -self._heap[0][0] >= least and self.left != 0:
            if room is not None and len(taken) >= room:
                break
            below, _, target, turn, capture = heapq.heappop(self._heap)
            if self._rounds.get(target) != turn:
                continue
            taken.append((target, capture, -below))
            if self.left is not None:
                self.left -= 1
        return taken
