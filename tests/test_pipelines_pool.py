"""A pool of processes that outlives tasks which hang, crash or eat too much."""

import asyncio
import multiprocessing
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from pipelines.pool import ProcessPool, WorkerDied

T = TypeVar("T")


def add(one: int, other: int) -> int:
    """A task that gives a result."""
    return one + other


def process() -> int:
    """A task that says which process it runs in."""
    return os.getpid()


def refuse(why: str) -> None:
    """A task that raises."""
    raise LookupError(why)


def hang() -> None:
    """A task that does not end."""
    time.sleep(600)


def crash_once(mark: Path) -> str:
    if not mark.exists():
        mark.touch()
        crash()
    return "done"


def crash() -> None:
    """A task whose process ends."""
    os._exit(3)


def devour(megabytes: int) -> int:
    """A task that takes memory."""
    return len(bytearray(megabytes * 2**20))


def nothing_to_pickle() -> Callable[[], None]:
    """A task whose result cannot be sent back."""
    return lambda: None


def using(
    work: Callable[[ProcessPool], Awaitable[T]],
    *,
    workers: int = 1,
    megabytes: int = 2048,
) -> T:
    """Do some work with a pool, end the pool, and see that no process is left."""

    async def run() -> T:
        pool = ProcessPool(workers, 60, megabytes)
        try:
            return await work(pool)
        finally:
            await pool.close()

    try:
        return asyncio.run(run())
    finally:
        assert multiprocessing.active_children() == []


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_results_and_exceptions_come_back_and_the_worker_is_kept() -> None:
    async def work(pool: ProcessPool) -> None:
        first = await pool.run(process)
        assert await pool.run(add, 2, 3) == 5
        with pytest.raises(LookupError, match="no such page"):
            await pool.run(refuse, "no such page")
        with pytest.raises(Exception, match="pickle"):
            await pool.run(nothing_to_pickle)
        assert await pool.run(process) == first != os.getpid()
        assert is_running(first)

    using(work)


def test_more_tasks_than_workers_are_all_done() -> None:
    async def work(pool: ProcessPool) -> list[int]:
        return await asyncio.gather(*(pool.run(add, number, 1) for number in range(50)))

    assert using(work, workers=2) == list(range(1, 51))


def test_a_task_that_hangs_is_killed_and_the_pool_lives_on() -> None:
    async def work(pool: ProcessPool) -> None:
        hanging = await pool.run(process)
        pool.seconds = 0.5
        with pytest.raises(TimeoutError):
            await pool.run(hang)
        pool.seconds = 60
        assert not is_running(hanging)
        assert await pool.run(add, 2, 3) == 5

    using(work)


def test_a_task_that_hangs_holds_up_only_the_one_that_waits_behind_it() -> None:
    async def work(pool: ProcessPool) -> None:
        await asyncio.gather(pool.run(process), pool.run(process))
        pool.seconds = 3
        hanging = asyncio.ensure_future(pool.run(hang))
        await asyncio.sleep(0)
        pool.seconds = 60
        others = [asyncio.ensure_future(pool.run(add, n, n)) for n in range(5)]
        while sum(other.done() for other in others) < 4:
            assert not hanging.done()
            await asyncio.sleep(0.01)
        with pytest.raises(TimeoutError):
            await hanging
        assert await asyncio.gather(*others) == [0, 2, 4, 6, 8]

    using(work, workers=2)


def test_a_task_whose_process_is_killed_from_outside_is_done_by_another(tmp_path: Path) -> None:
    async def work(pool: ProcessPool) -> None:
        assert await pool.run(crash_once, tmp_path / "crashed") == "done"

    using(work)


def test_a_process_that_ends_fails_its_task_alone_and_the_pool_lives_on() -> None:
    async def work(pool: ProcessPool) -> None:
        with pytest.raises(WorkerDied):
            await pool.run(crash)
        assert await pool.run(add, 2, 3) == 5

    using(work)


def test_a_task_that_waits_behind_one_that_ends_its_process_is_done_by_the_next() -> None:
    async def work(pool: ProcessPool) -> None:
        crashing = asyncio.ensure_future(pool.run(crash))
        others = [asyncio.ensure_future(pool.run(add, n, n)) for n in range(5)]
        with pytest.raises(WorkerDied):
            await crashing
        assert await asyncio.gather(*others) == [0, 2, 4, 6, 8]

    using(work)


def test_tasks_that_come_while_a_process_is_ended_are_done_by_the_next() -> None:
    async def work(pool: ProcessPool) -> None:
        await pool.run(process)
        pool.seconds = 0.2
        hanging = asyncio.ensure_future(pool.run(hang))
        await asyncio.sleep(0)
        pool.seconds = 60
        pool._room = asyncio.Semaphore(10_000)  # so that they come at any moment of its end
        others = []
        while not hanging.done():
            others.append(asyncio.ensure_future(pool.run(add, len(others), 1)))
            await asyncio.sleep(0.001)
        assert isinstance(hanging.exception(), TimeoutError)
        assert await asyncio.gather(*others) == list(range(1, len(others) + 1))

    using(work)


def test_a_closed_pool_starts_no_process_for_what_still_waits() -> None:
    async def work(pool: ProcessPool) -> None:
        await pool.run(process)
        hanging = [asyncio.ensure_future(pool.run(hang)) for _ in range(3)]
        await asyncio.sleep(0.1)
        await pool.close()
        for ended in await asyncio.gather(*hanging, return_exceptions=True):
            assert isinstance(ended, WorkerDied)
        assert multiprocessing.active_children() == []

    using(work)


def test_a_task_that_takes_too_much_memory_fails_alone_and_the_pool_lives_on() -> None:
    async def work(pool: ProcessPool) -> None:
        assert await pool.run(devour, 10) == 10 * 2**20
        with pytest.raises((MemoryError, WorkerDied)):
            await pool.run(devour, 4096)
        assert await pool.run(add, 2, 3) == 5

    using(work, megabytes=1024)


def test_a_pool_that_is_never_used_starts_no_process() -> None:
    async def work(pool: ProcessPool) -> list[object]:
        return list(multiprocessing.active_children())

    assert using(work, workers=4) == []
