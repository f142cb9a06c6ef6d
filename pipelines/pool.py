"""A pool of worker processes whose tasks have a time limit and a memory limit.

The standard library's executor cannot stop a task that runs. Here each worker has an executor of
its own, so that a page that hangs in C code is ended by killing its process; the pool lives on.
"""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from importlib import import_module
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import TypeVar

T = TypeVar("T")

PRELOADED = "pipelines.preloaded"
_TASKS = 2  # of a worker: while it does one, the next is there already


class WorkerDied(Exception):
    """A worker process ended while it worked on a task (killed, or crashed in C code)."""


class ProcessPool:
    """Runs functions in `workers` processes; a task waits for a free one.

    `seconds` limits each task, `megabytes` the address space of each worker (where the system can
    limit it). Must be used from one asyncio loop.
    """

    def __init__(self, workers: int, seconds: float, megabytes: int) -> None:
        self.size = workers
        self.seconds = seconds
        self.megabytes = megabytes
        self._workers = [_Worker(megabytes) for _ in range(workers)]
        self._room = asyncio.Semaphore(_TASKS * workers)

    async def run(self, function: Callable[..., T], *args: object) -> T:
        """Return `function(*args)` from a worker.

        Raises TimeoutError when it takes too long, WorkerDied when its process ends again and
        again, MemoryError when it takes too much, and whatever the function raises. `function` and
        its arguments must be picklable.
        """
        deaths = 0
        while True:
            async with self._room:
                worker = min(self._workers, key=lambda worker: worker.tasks)
                worker.tasks += 1
                try:
                    return await worker.run(function, args, self.seconds)
                except WorkerDied:  # perhaps not of this task: all end with who forked them
                    deaths += 1
                    if deaths > self.size:
                        raise
                finally:
                    worker.tasks -= 1

    async def close(self) -> None:
        """End the workers; what they work on raises WorkerDied."""
        for worker in self._workers:
            worker.is_closed = True
        await asyncio.gather(*(asyncio.to_thread(worker.kill) for worker in self._workers))


class _Worker:
    """One process, made anew after it had to be killed. Its tasks take turns."""

    def __init__(self, megabytes: int) -> None:
        self.megabytes = megabytes
        self.executor: ProcessPoolExecutor | None = None
        self.pid: int | None = None
        self.tasks = 0
        self.is_closed = False
        self._turn = asyncio.Lock()

    async def run(self, function: Callable[..., T], args: tuple[object, ...], seconds: float) -> T:
        while True:
            if self.executor is None:
                async with self._turn:
                    if self.executor is None:
                        await self._begin(function)
            executor = self.executor
            assert executor is not None
            task = _submitted(executor, function, args)
            async with self._turn:  # in the order of submission
                if executor is self.executor:  # else the process was ended for the task before
                    return await self._result(task, seconds)

    async def _begin(self, function: object) -> None:
        """Start the process."""
        if self.is_closed:
            raise WorkerDied("the pool is closed")
        self.executor = ProcessPoolExecutor(
            1, mp_context=_context(), initializer=_set_up_worker, initargs=(self.megabytes,)
        )
        try:
            self.pid = await asyncio.wrap_future(_start(self.executor, function))
        except (BrokenProcessPool, EOFError) as error:  # EOFError: who forks workers ended
            await asyncio.to_thread(self.kill)
            raise WorkerDied(str(error)) from None

    async def _result(self, task: "Future[T]", seconds: float) -> T:
        """Wait for the task whose turn it is."""
        try:
            return await asyncio.wait_for(asyncio.wrap_future(task), seconds)
        except TimeoutError:
            await asyncio.to_thread(self.kill)
            raise
        except MemoryError:
            await asyncio.to_thread(self.kill)  # what it holds would starve the next task
            raise
        except BrokenProcessPool as error:
            await asyncio.to_thread(self.kill)
            raise WorkerDied(str(error)) from None

    def kill(self) -> None:
        executor, pid = self.executor, self.pid
        self.executor = self.pid = None
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if executor is not None:
            executor.shutdown(wait=True, cancel_futures=True)


def _submitted(
    executor: ProcessPoolExecutor, function: Callable[..., T], args: tuple[object, ...]
) -> "Future[T]":
    try:
        return executor.submit(function, *args)
    except RuntimeError as error:  # it is broken, or being shut down
        failed: Future[T] = Future()
        failed.set_exception(error)
        return failed


def _context() -> BaseContext:
    """Return how workers start: on Linux from one process that has all loaded, so they share it.

    Elsewhere each loads its own: libraries of other systems do not bear being forked.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    for limit in ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"):
        os.environ.setdefault(limit, "131072")  # glibc's own, or it grows with the largest page
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOADED])
    return context


def start_loading() -> None:
    """Start the process that workers are forked from, which loads what they need; do not wait."""
    if _context().get_start_method() == "forkserver":
        from multiprocessing import forkserver

        with _without_ctrl_c():
            forkserver.ensure_running()


def _start(executor: ProcessPoolExecutor, function: object) -> "Future[int]":
    """Start a worker that never sees Ctrl-C."""
    with _without_ctrl_c():
        return executor.submit(_pid, function)


@contextlib.contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Block the signal while processes are started, which inherit that."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # as it starts, it would unblock the signal again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _pid(function: object) -> int:
    """Return this process's id; taking `function` imports its module outside of time limits."""
    return os.getpid()


def _set_up_worker(megabytes: int) -> None:
    """Load what reads pages, outside of time limits; limit the worker's address space.

    Leaves Ctrl-C to the parent, and ends when the parent is gone.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import_module(PRELOADED)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on every system
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 2**20, megabytes * 2**20))


def _follow(parent: BaseProcess) -> None:
    """End this process with its parent: after kill -9 nobody else would."""
    parent.join()
    os._exit(1)
