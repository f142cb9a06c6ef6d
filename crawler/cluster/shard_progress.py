"""How far a crawl in shards is: what the crawl of each shard says beside its corpus, added up."""

import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any, Self

from tqdm import tqdm

from crawler.cluster.sharding import Shard
from crawler.extensions.progress import LINE_SECONDS, how_far
from crawler.extensions.status import SECONDS
from pipelines.storage.publication import status_file


class ShardProgress:
    """A bar on a terminal, a line every half minute elsewhere, as long as it is entered.

    Its total grows while policies are listed. What crawls said before is not counted.
    """

    def __init__(self, shards: Sequence[Shard]) -> None:
        self._files = [status_file(shard.corpus) for shard in shards]
        self._earlier = self._said()
        self._ended = Event()
        self._thread = Thread(target=self._look, name="progress")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        on_terminal, began, ended = sys.stderr.isatty(), monotonic(), False
        tqdm.monitor_interval = 0  # its thread would outlive the program's modules
        with tqdm(desc="captures", unit="", dynamic_ncols=True, disable=not on_terminal) as bar:
            while not ended:
                ended = self._ended.wait(SECONDS if on_terminal else LINE_SECONDS)
                settled, chosen = self.counts()
                if on_terminal:
                    bar.total = chosen
                    bar.update(settled - bar.n)
                    bar.refresh()
                elif settled and not ended:
                    tqdm.write(how_far(settled, chosen, monotonic() - began), file=sys.stderr)

    def counts(self) -> tuple[int, int]:
        """Return how many captures the crawls have settled, and how many they have chosen."""
        said = [now for run, now in self._said().items() if run not in self._earlier]
        return sum(now["settled"] for now in said), sum(now["chosen"] for now in said)

    def _said(self) -> dict[tuple[Path, str], dict[str, Any]]:
        """Return what each crawl says, by its file and its beginning."""
        found = {}
        for file in self._files:
            with suppress(OSError, ValueError):  # it has not begun, or its machine was lost
                now = json.loads(file.read_bytes())
                found[file, now["started_at"]] = now
        return found
