"""What is asked of a Dask worker: one shard. Light, because workers load it; the work is done in a
child of theirs, by `pipelines.shards.text_shards`."""

import hashlib
import os
import pickle
import re
import subprocess
import sys
from collections import deque
from collections.abc import Container, Iterator
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import astuple, dataclass
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

_MAKE = "from pipelines.shards.text_shards import make_in_child; make_in_child()"
_SAY_MAKER = "from pipelines.shards.text_shards import maker; print(maker(), end='')"


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds a page (seconds, megabytes, bytes), and the least score of a policy."""

    seconds: float
    megabytes: int
    maxsize: int
    threshold: float


@dataclass(frozen=True, slots=True)
class Job:
    """One shard to make: of all of a WARC file, or of some pages that a crawl kept in it.

    `source` is a path or an address that fsspec opens, `state` what tells that it was changed;
    `pages` the offsets and served addresses of kept pages, None for all records. `folder` is where
    the shard belongs; `maker` what has to make it, see `maker`.
    """

    source: str
    state: str
    pages: tuple[tuple[int, str], ...] | None
    limits: Limits
    folder: str
    maker: str

    @property
    def shard(self) -> str:
        """The shard's name: what it was made of, and by what."""
        kind = "warc" if self.pages is None else "pages"
        made_of = repr((self.source, self.state, self.pages, astuple(self.limits), self.maker))
        stem = re.sub(r"\.warc(\.gz)?$", "", PurePosixPath(self.source).name)
        digest = hashlib.sha256(made_of.encode(errors="surrogateescape")).hexdigest()[:16]
        return f"{kind}-{_safe(stem)[:60]}-{digest}-{_safe(self.maker)}.parquet"


class ShardFailed(Exception):
    """A shard could not be made; the message says why. It may be tried again."""


class Unreadable(Exception):
    """A file that is no WARC file, or cannot be opened; the message says why."""


def make_in_task(job: Job) -> None:
    """Make a shard in a Dask worker; Unreadable or ShardFailed says why there is none.

    In a child, because a Dask worker may start no processes that can be killed page by page. The
    child ends when the worker does.
    """
    with subprocess.Popen(
        [sys.executable, "-c", _MAKE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=_environment(),
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(pickle.dumps(job))
        child.stdin.flush()  # not closed: that would tell the child that we are gone
        said = child.stdout.read()
    if not said:
        raise ShardFailed(f"the process that made it ended with {child.returncode}")
    if (error := pickle.loads(said)) is not None:
        raise error


def maker_in_task() -> str:
    """Return what a Dask worker would make shards with; CalledProcessError if it cannot."""
    command = [sys.executable, "-c", _SAY_MAKER]
    return subprocess.run(
        command, env=_environment(), stdout=subprocess.PIPE, text=True, check=True
    ).stdout


def made_by(
    client: Any, jobs: list[Job], there: Container[str]
) -> Iterator[tuple[Job, Exception | None]]:
    """Make the shards that are not there by a Dask client; yield each with why there is none.

    In the order of the jobs, so that what comes of them does not depend on who was first. As many
    tasks are under way as keep all workers busy; each is released as it is done. Ends early if the
    scheduler is gone.
    """
    rest, under_way = iter(jobs), deque[tuple[Job, Any]]()
    error: Exception | None
    while True:
        with suppress(OSError):  # a scheduler that is gone
            room = 2 + 3 * sum(client.nthreads().values()) - len(under_way)
            for job in islice(rest, max(0, room)):
                make = job.shard not in there
                future = client.submit(make_in_task, job, key=job.shard) if make else None
                under_way.append((job, future))
        if not under_way:
            for job in islice(rest, 1):  # who merges would take what came for all
                yield job, ShardFailed("the scheduler is gone")
            return
        job, future = under_way.popleft()
        try:
            error = None
            if future is not None:
                future.result()
        except CancelledError:
            yield job, ShardFailed("the scheduler is gone")
            return
        except Exception as reason:  # whatever the task or the cluster came to
            error = reason
        yield job, error
        if future is not None:
            future.release()


def _environment() -> dict[str, str]:
    """Let a child find what this process finds."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "-", name).strip("-.") or "unnamed"
