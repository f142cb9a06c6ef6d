"""Texts in bulk, for the commands: the shards of many WARC files, made here or by Dask workers, and
merged by this one process."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from scrapy.settings import BaseSettings

from crawler.cluster.scheduler import workers_at
from crawler.cluster.sharding import check_no_plan
from crawler.errors import InputError, not_installed

if TYPE_CHECKING:
    from distributed import Client

    from pipelines.shards.merging import Named
    from pipelines.shards.shard_jobs import Job, Limits
    from pipelines.storage.store import Store

MOST_NAMED = 10


def limits(settings: BaseSettings) -> "Limits":
    """Return what bounds a page."""
    from pipelines.shards.shard_jobs import Limits

    return Limits(
        settings.getfloat("EXTRACT_TIMEOUT"),
        settings.getint("EXTRACT_MEMORY"),
        settings.getint("DOWNLOAD_MAXSIZE"),
        settings.getfloat("POLICY_THRESHOLD"),
    )


def shard_folder(given: str) -> str:
    """Return a folder of shards as any machine knows it; InputError if it is none."""
    fs, path = _located("--shards", given)
    from pipelines.shards.text_shards import name_of  # it is installed

    if fs.isfile(path):
        raise InputError(f"--shards {given}: not a folder")
    return name_of(fs, path.rstrip("/"))


def shards(
    jobs: "list[Job]", client: "Client | None", settings: BaseSettings
) -> "Iterator[tuple[Job, Exception | None]]":
    """Yield each job when its shard is there or cannot be made, with the reason; shows a bar."""
    from tqdm import tqdm

    from pipelines.shards.shard_jobs import made_by
    from pipelines.shards.text_shards import made_here, shards_in
    from pipelines.stages import ExtractPipeline

    if client is None:
        made = made_here(jobs, ExtractPipeline.from_settings(settings).pool)
    else:
        made = made_by(client, jobs, shards_in(jobs[0].folder) if jobs else ())
    yield from tqdm(made, total=len(jobs), desc="files", unit="", disable=None)


def reextract_files(
    store: "Store", settings: BaseSettings, client: "Client", pages: Path, folder: str
) -> tuple[int, int]:
    """Put aside the texts of all kept pages, a task for each of their files.

    Returns how many files failed, and how many pages could not be read.
    """
    from pipelines.extraction.extractors import READER
    from pipelines.shards import merging
    from pipelines.shards.shard_jobs import Job, Unreadable
    from pipelines.shards.text_shards import fetched, maker
    from pipelines.storage.reextraction import Reextraction

    by_file: dict[str, list[tuple[int, str]]] = {}
    for _, _, url, address in Reextraction(store).kept_pages(READER):
        by_file.setdefault(address.file, []).append((address.offset, url))
    bounds = limits(settings)
    jobs = [
        Job(str(pages / file), "", tuple(of_file), bounds, folder, maker())
        for file, of_file in by_file.items()
    ]
    failed = unreadable = 0
    for job, error in shards(jobs, client, settings):
        assert job.pages is not None
        if error is None:
            with fetched(job) as file:
                page_file = Path(job.source).name
                merging.merge_pages(store, job.shard, file, page_file, READER)
                named = merging.unusable(store, file)
            unreadable += len(named)
            _name(job, named)
            continue
        print(f"{job.source}: {reason(error)}", file=sys.stderr)
        if isinstance(error, Unreadable):
            unreadable += len(job.pages)
        else:
            failed += 1
    return failed, unreadable


def remove_shards(folder: str, names: list[str]) -> None:
    """Remove shards of which the corpus has everything, and their folder if it is empty then."""
    from pipelines.shards.text_shards import located

    fs, path = located(folder)
    for name in names:
        if fs.exists(f"{path}/{name}"):
            fs.rm_file(f"{path}/{name}")
    if fs.isdir(path) and not fs.ls(path):
        fs.rmdir(path)


def extract_warcs(settings: BaseSettings, pattern: str, folder: str, scheduler: str | None) -> int:
    """Make texts of all pages of WARC files and add them to the corpus; return the exit status."""
    from pipelines.extraction.extractors import READER
    from pipelines.storage.histories import update_histories
    from pipelines.storage.store import Store

    began = monotonic()
    check_no_plan(Path(settings["DUCKDB_PATH"]))
    jobs = _jobs(pattern, shard_folder(folder), limits(settings))
    try:
        fs, path = _located("--shards", folder)
        fs.makedirs(path, exist_ok=True)
    except Exception as error:  # file systems have errors of their own
        raise InputError(f"--shards {folder}: {error}") from None
    with workers_at(scheduler) if scheduler is not None else nullcontext() as client:
        store = Store(Path(settings["DUCKDB_PATH"]), None, settings.getfloat("PUBLISH_SECONDS"))
        try:
            store.take_reader(READER)
            counts, damaged = _extract_warcs(store, jobs, client, settings)
            update_histories(store.db, settings.getint("EXTRACT_WORKERS"))
        finally:
            store.close()
    texts = counts.pop("text", 0)
    pages = texts + sum(counts.values())
    print(f"{len(jobs):,} files, {pages:,} pages in {monotonic() - began:,.0f} s")
    print(f"  {texts:>9,} with the text of a policy")
    for outcome, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        print(f"  {count:>9,} {outcome}")
    if damaged:
        print(f"  {damaged:>9,} files failed or are damaged; they are named above")
    return 1 if damaged else 0


def _extract_warcs(
    store: "Store", jobs: "list[Job]", client: "Client | None", settings: BaseSettings
) -> tuple[Counter[str], int]:
    """Merge shards as they come; return the pages by outcome, and how many files are not whole."""
    from crawler.archives.warc import LocalWarc
    from pipelines.shards import merging
    from pipelines.shards.text_shards import fetched

    archive = LocalWarc([], settings)
    store.note_archives([(archive.name, archive.title, archive.snapshots)])
    counts: Counter[str] = Counter()
    damaged = 0
    for job, error in shards(jobs, client, settings):
        if error is None:
            with fetched(job) as file:
                merging.merge_captures(store, job.shard, file)
                counts.update(merging.outcomes(store, file))
                named = merging.unusable(store, file)
            store.publication.publish_if_due()
            damaged += any(url is None for _, url, _ in named)
            _name(job, named)
        else:
            damaged += 1
            print(f"{job.source}: {reason(error)}", file=sys.stderr)
    return counts, damaged


def reason(error: Exception) -> str:
    """Return in a line why there is no shard."""
    from pipelines.inert import marked

    said = " ".join(str(error).split())[:500]
    known = type(error).__name__ in ("Unreadable", "ShardFailed")
    return marked(said if known else f"{type(error).__name__}: {said}")


def _name(job: "Job", named: "list[Named]") -> None:
    """Name the records of a file that could not be used."""
    from pipelines.inert import marked

    for offset, url, why in named[:MOST_NAMED]:
        where = f", byte {offset:,}, {marked(url[:200])}" if url is not None else ""
        print(f"{job.source}{where}: {marked(why)}", file=sys.stderr)
    if len(named) > MOST_NAMED:
        print(f"{job.source}: {len(named) - MOST_NAMED:,} more such records", file=sys.stderr)


def _jobs(pattern: str, folder: str, bounds: "Limits") -> "list[Job]":
    """Return a job for each file that a pattern names; InputError if it names none."""
    from pipelines.shards.shard_jobs import Job
    from pipelines.shards.text_shards import maker, name_of

    fs, path = _located("--warc", pattern)
    try:
        found = fs.glob(path, detail=True)
    except Exception as error:  # file systems have errors of their own
        raise InputError(f"--warc {pattern}: {error}") from None
    files = {name: about for name, about in found.items() if about["type"] == "file"}
    if not files:
        hint = f"a folder; name its files, as in '{pattern}/*.warc.gz'" if found else "no such file"
        raise InputError(f"--warc {pattern}: {hint}")
    return [
        Job(name_of(fs, name), _state(about), None, bounds, folder, maker())
        for name, about in sorted(files.items())
    ]


def _state(about: dict[str, object]) -> str:
    """Return what tells that a file was changed, as far as its file system says it."""
    changed = (about.get(name) for name in ("ETag", "mtime", "LastModified", "last_modified"))
    return f"{about.get('size')} {next((c for c in changed if c is not None), '')}"


def _located(option: str, given: str) -> tuple[Any, str]:
    """Return file system and path of what was typed; InputError if nothing here opens it."""
    try:
        from pipelines.shards.text_shards import located
    except ModuleNotFoundError as error:
        raise not_installed("work in shards", error, "cluster") from None
    try:
        return located(given)
    except (ImportError, ValueError, OSError) as error:
        raise InputError(f"{option} {given}: {error}") from None
