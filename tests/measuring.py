"""What a process costs: seconds, memory, time until there is something to read."""

import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass
class Cost:
    """Seconds in all, and until the first result; seconds of processors; the most memory, in MB.

    `peak` is that of a process and all that it started, what they share counted once (PSS, where
    the system tells; else RSS); `main` is the process' own (RSS).
    """

    seconds: float = 0.0
    first: float | None = None
    cpu: float = 0.0
    peak: float = 0.0
    main: float = 0.0


def measured(
    process: "subprocess.Popen[str] | subprocess.Popen[bytes]",
    is_begun: Callable[[], bool] = lambda: False,
    others: tuple[int, ...] = (),
) -> Cost:
    """Wait for a process that has just been started; `others` are processes that work for it."""
    started, cost, done = time.monotonic(), Cost(), threading.Event()
    busy: dict[int, float] = {}

    def sample() -> None:
        while not done.wait(0.1):
            if cost.first is None and is_begun():
                cost.first = time.monotonic() - started
            try:
                cost.main = max(cost.main, psutil.Process(process.pid).memory_info().rss / 2**20)
            except psutil.Error:
                continue
            members = [m for pid in (process.pid, *others) for m in family(pid)]
            cost.peak = max(cost.peak, sum(map(memory, members)))
            busy.update((m.pid, spent) for m in members if (spent := processor_seconds(m)))

    thread = threading.Thread(target=sample)
    thread.start()
    said, _ = process.communicate()
    done.set()
    thread.join()
    cost.seconds, cost.cpu = time.monotonic() - started, sum(busy.values())
    if process.returncode:
        raise SystemExit(f"{process.args!r} failed: {said!r}")
    return cost


def family(pid: int) -> list[psutil.Process]:
    """A process and all that it has started, those that are there now."""
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []


def memory(process: psutil.Process) -> float:
    """Megabytes of a process, its share of what it shares; 0 if it is gone."""
    try:
        info = process.memory_full_info()
    except psutil.Error:
        return 0.0
    return float(getattr(info, "pss", info.rss)) / 2**20


def processor_seconds(process: psutil.Process) -> float:
    """Seconds of processors that a process has taken; 0 if it is gone."""
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return times.user + times.system


def size(*places: Path) -> int:
    """Bytes of files and of all files in folders."""
    files = [f for place in places for f in (place.rglob("*") if place.is_dir() else [place])]
    return sum(file.stat().st_size for file in files if file.is_file())
