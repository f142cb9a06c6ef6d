"""One allowance for crawls on many machines: the Dask scheduler keeps it, crawls ask it for rights.

On the scheduler's machine it is an ordinary `crawler.allowance.Allowance`, with its pauses and its
memory. A right is leased for a second (LEASE) and counts as used at the end of it, so that no
minute has more requests than allowed, wherever rights are used, and however late; one that came
too late, or whose crawl was lost, lapses. Rights are leased one by one, so that a refusal holds
back everybody from the next request on; that takes milliseconds (`tests/benchmarks/leases.py`).
"""

import asyncio
import logging
from functools import cache
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from distributed import Client, SchedulerPlugin

from crawler.allowance import LEASE, Allowance
from crawler.errors import SchedulerLost

if TYPE_CHECKING:
    from distributed import Scheduler

logger = logging.getLogger(__name__)

ANSWER_SECONDS = 10.0  # for which the scheduler is waited for
ASK_AGAIN = 5.0  # seconds, where it has not answered
PATIENCE = 600.0  # seconds without an answer after which a crawl ends


class Leases(SchedulerPlugin):  # type: ignore[misc]
    """The scheduler's part: answers what `LeasedAllowance` asks."""

    name = "leases"
    idempotent = True

    def start(self, scheduler: "Scheduler") -> None:
        """Take the questions."""
        scheduler.handlers |= {"take_right": take_right, "note_refusal": note_refusal}


async def take_right(
    path: str, host: str, pause: float, kind: str, rate: float | None
) -> tuple[float, int]:
    """Return what `Allowance.take` does, and how often the pace is halved."""
    allowance = _allowance(path, host, pause)
    wait = await asyncio.to_thread(allowance.take, kind, rate, LEASE)
    return wait, allowance.halvings


async def note_refusal(path: str, host: str, pause: float, asked: float) -> tuple[float, bool]:
    """Return what `Allowance.refused` does."""
    return await asyncio.to_thread(_allowance(path, host, pause).refused, asked)


class LeasedAllowance:
    """What one archive allows, as `Allowance`, which is at `path` on the scheduler's machine.

    Blocking; call it in a thread.
    """

    def __init__(self, scheduler: str, path: Path, host: str, pause: float) -> None:
        self.scheduler = scheduler
        self.path = path
        self.halvings = 0
        self._about = {"path": str(path), "host": host, "pause": pause}
        self._unanswered: float | None = None  # since when

    def take(self, kind: str, rate: float | None) -> float:
        """See `Allowance.take`; SchedulerLost if there is no answer for long."""
        began = monotonic()
        try:
            wait, self.halvings = self._ask("take_right", kind=kind, rate=rate)
        except OSError:
            return ASK_AGAIN
        if wait <= 0 and monotonic() - began > LEASE:
            return 0.01  # it has lapsed on its way
        return float(wait)

    def refused(self, asked: float) -> tuple[float, bool]:
        """See `Allowance.refused`; SchedulerLost if there is no answer for long."""
        while True:
            try:
                seconds, is_new = self._ask("note_refusal", asked=asked)
                return seconds, is_new
            except OSError:  # the others have to know
                sleep(ASK_AGAIN)

    def _ask(self, question: str, **given: Any) -> Any:
        try:
            client = _client(self.scheduler)
            asked = getattr(client.scheduler, question)
            answer = client.sync(asked, **self._about, **given, callback_timeout=ANSWER_SECONDS)
            if answer is None:  # as a scheduler that was begun anew does
                raise OSError("it does not lease rights")
        except OSError as error:
            logger.warning("%s: %s", self.scheduler, error or "no answer")
            _forget(self.scheduler)
            self._unanswered = self._unanswered or monotonic()  # a pause may have been long
            if monotonic() - self._unanswered > PATIENCE:
                raise SchedulerLost(f"{self.scheduler} does not answer any more") from None
            raise
        self._unanswered = None
        return answer


@cache
def _allowance(path: str, host: str, pause: float) -> Allowance:
    return Allowance(Path(path), host, pause)


_clients: dict[str, Client] = {}
_opening = Lock()


def _client(scheduler: str) -> Client:
    """Return this process's connection to a scheduler."""
    with _opening:
        known = _clients.get(scheduler)
        if known is None or known.status != "running":
            _clients[scheduler] = Client(
                scheduler, set_as_default=False, timeout=ANSWER_SECONDS, name="crawl"
            )
        return _clients[scheduler]


def _forget(scheduler: str) -> None:
    """Let the next question make a new connection."""
    with _opening:
        client = _clients.pop(scheduler, None)
    if client is not None:
        client.close(timeout=0)
