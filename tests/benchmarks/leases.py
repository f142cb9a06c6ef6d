"""What it costs to ask a Dask scheduler for the right to send a request.

    python tests/benchmarks/leases.py --crawls 8 --rate 500

Printed: how many rights a minute were given to so many processes together, for how many were
asked, how long an answer took, and what share of a core the scheduler's process took.
"""

import argparse
import multiprocessing
import statistics
import tempfile
import time
from pathlib import Path

import psutil
from distributed import LocalCluster

from crawler.cluster.leases import LeasedAllowance, Leases

Told = tuple[int, list[float]]


def crawl(
    scheduler: str,
    path: Path,
    rate: float | None,
    seconds: float,
    told: "multiprocessing.Queue[Told]",
) -> None:
    """Ask as one crawl does, for so long; tell how often there was a right, and all answers' ms."""
    allowance = LeasedAllowance(scheduler, path, "archive", 60)
    allowance.take("other", None)  # connected
    taken, took, end = 0, [], time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.perf_counter()
        wait = allowance.take("page", rate)
        took.append(1000 * (time.perf_counter() - began))
        taken += wait <= 0
        time.sleep(min(wait, 1.0))
    told.put((taken, took))


def main() -> None:
    """Let some processes ask at once."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--crawls", type=int, default=8)
    parser.add_argument("--rate", type=float, help="a minute; without, as fast as it goes")
    parser.add_argument("--seconds", type=float, default=60.0)
    given = parser.parse_args()
    spawn = multiprocessing.get_context("spawn")
    told = spawn.Queue()
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalCluster(n_workers=0, dashboard_address=":0") as cluster,
        cluster.get_client() as client,
    ):
        client.register_plugin(Leases())
        asked = cluster.scheduler_address, Path(folder) / "allowance.sqlite"
        arguments = (*asked, given.rate, given.seconds, told)
        crawls = [spawn.Process(target=crawl, args=arguments) for _ in range(given.crawls)]
        before = psutil.Process().cpu_times()
        for process in crawls:
            process.start()
        results = [told.get() for _ in crawls]
        after = psutil.Process().cpu_times()
        for process in crawls:
            process.join()
    took = sorted(one for _, every in results for one in every)
    cpu = after.user + after.system - before.user - before.system
    print(f"rights   {60 * sum(n for n, _ in results) / given.seconds:,.0f} a minute")
    print(f"asked    {60 * len(took) / given.seconds:,.0f} times a minute")
    print(f"answers  {statistics.median(took):.1f} ms, 95 % in {took[len(took) * 95 // 100]:.1f}")
    print(f"process  {cpu / given.seconds:.1%} of a core")


if __name__ == "__main__":
    main()
