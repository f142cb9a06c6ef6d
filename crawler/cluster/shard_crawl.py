"""The crawl of a shard on a Dask worker: an ordinary `scrapy crawl` in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from distributed import get_worker

from crawler.cluster.sharding import Shard

LOOK_SECONDS = 0.5  # how often a crawl is looked after
LOCK_PATIENCE = 600.0  # seconds to wait for a crawl of the same shard on a machine that was lost
TAKEN_SECONDS = 5.0  # between two attempts
TAKEN = "another process writes it; wait for its end"
TAIL = 5  # lines of the log that tell why a crawl failed


def crawl_shard(shard: Shard, options: Sequence[str], project: str) -> dict[str, Any]:
    """Crawl a shard to its end; return its exit `status` and run (`run_id`).

    `says` has the last lines of its log instead, if it did not come to an end. `options` are those
    of `scrapy crawl`, `project` is the folder to run it in. A crawl goes on from what the shard's
    corpus has, and ends with this process or when nobody waits for the result any more. One that
    has come to its end is not begun again.
    """
    ended = shard.folder / "ended.json"
    if ended.exists():
        found: dict[str, Any] = json.loads(ended.read_text(encoding="utf-8"))
        return found
    began = monotonic()
    while True:
        status, run_id = _crawl(shard, options, project)
        says = _tail(shard.folder / "log.txt")
        if not says.endswith(TAKEN) or monotonic() - began > LOCK_PATIENCE:
            break
        sleep(TAKEN_SECONDS)
    if status not in (0, 1) or not _came_to_its_end(shard.corpus, run_id):
        how = f"killed by signal {-status}; its log ends:\n" if status < 0 else ""
        return {"status": status, "says": how + says}
    result = {"status": status, "run_id": run_id}
    part = shard.folder / "ended.part"
    part.write_text(json.dumps(result), encoding="utf-8")
    part.replace(ended)
    return result


def _crawl(shard: Shard, options: Sequence[str], project: str) -> tuple[int, str]:
    """Run a crawl; return its exit status and the identity of its run."""
    from pipelines.storage.store import new_run_id

    run_id = f"{new_run_id()}-{shard.folder.name}"  # others may begin in the same microsecond
    settings = {
        "DUCKDB_PATH": shard.corpus,
        "RUN_ID": run_id,
        "END_WITH_INPUT": True,
        "ALLOWANCE_SCHEDULER": get_worker().scheduler.address,
    }
    command = [sys.executable, "-m", "scrapy", "crawl", "policies", *options]
    command += ["-a", f"domains={shard.domains}"]
    for name, value in settings.items():
        command += ["-s", f"{name}={value}"]
    with (
        (shard.folder / "log.txt").open("ab") as log,
        subprocess.Popen(
            command, cwd=project, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            while process.poll() is None:
                if _is_cancelled():
                    process.kill()
                sleep(LOOK_SECONDS)
        finally:
            process.kill()
    return process.returncode, run_id


def _is_cancelled() -> bool:
    """Whether the task is no longer wanted; Dask lets it run to its end all the same."""
    worker = get_worker()
    task = worker.state.tasks.get(worker.get_current_task())
    return task is None or task.state == "cancelled"


def _came_to_its_end(corpus: Path, run_id: str) -> bool:
    """Whether a run ended by itself: exit status 1 is that of a crash, too."""
    from crawler.errors import InputError
    from pipelines.storage.corpus import reading

    try:
        with reading(corpus) as db:
            found = db.execute("SELECT finished_at FROM runs WHERE run_id = ?", [run_id])
            return any(finished for (finished,) in found.fetchall())
    except InputError:
        return False


def _tail(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, file.seek(0, 2) - 4000))
        lines = file.read().decode(errors="replace").splitlines()
    return "\n".join(lines[-TAIL:])
