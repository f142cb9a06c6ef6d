"""`scrapy reextract`: all texts again from the pages that were kept, without the archive."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler import command
from crawler.cluster.sharding import check_no_plan
from crawler.errors import InputError
from crawler.records import Capture, Document, Loss, Memento, PageAddress
from pipelines.batches import batches

if TYPE_CHECKING:
    import argparse

    from pipelines.storage.store import Store

_PAGES_AT_ONCE = 100  # in memory
KINDS = {
    "same": "with the same text as before",
    "changed": "with another text",
    "gained": "with a text for the first time",
    "lost": "without a text now",
    "none": "without a text, as before",
}

Kept = tuple[Capture, str, str, PageAddress]


class Command(command.Command):
    """Reads every kept page, extracts and judges it anew, and swaps all texts at once."""

    requires_crawler_process = False

    def short_desc(self) -> str:
        """One line for `scrapy -h`."""
        return "Make all texts again from the kept pages, after an upgrade"

    def add_options(self, parser: "argparse.ArgumentParser") -> None:
        """Add the command's options."""
        super().add_options(parser)
        add = parser.add_argument
        add("--scheduler", metavar="ADDRESS", help="a Dask scheduler: its workers do it")
        add(
            "--shards",
            metavar="FOLDER",
            help="where its workers put what they have made, until all is there (default: a folder "
            "beside the corpus)",
        )

    def work(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Run to the end; killed and started again, it goes on where it was."""
        from pipelines.storage.store import Store

        assert self.settings is not None
        if args:
            raise UsageError("reextract takes no arguments", print_help=False)
        if opts.shards is not None and opts.scheduler is None:
            raise UsageError("--shards belongs to --scheduler", print_help=False)
        path = Path(self.settings["DUCKDB_PATH"])
        if not path.exists():
            raise InputError(f"DUCKDB_PATH={path}: no such file")
        check_no_plan(path)
        store = Store(path)
        try:
            _check_pages(store, path)
            if opts.scheduler is None:
                self._finish(store, asyncio.run(self._run(store, path)))
            else:
                self._run_on_cluster(store, path, opts.scheduler, opts.shards)
        finally:
            store.close()

    async def _run(self, store: "Store", path: Path) -> int:
        """Make the texts on this machine; return how many pages could not be read."""
        from tqdm import tqdm

        from pipelines.extraction.extractors import READER
        from pipelines.stages import ExtractPipeline, JudgePipeline
        from pipelines.storage.publication import folder_of
        from pipelines.storage.reextraction import Reextraction

        assert self.settings is not None
        extract = ExtractPipeline.from_settings(self.settings)
        judge = JudgePipeline.from_settings(self.settings)
        reextraction = Reextraction(store)
        pages = reextraction.kept_pages(READER)
        unreadable = 0

        async def again(kept: Kept) -> Document | Loss | None:
            try:
                memento = await asyncio.to_thread(_memento, folder_of(path, "pages"), kept)
            except (OSError, ValueError) as error:
                print(f"{kept[0].timestamp} {kept[0].original}: {error}", file=sys.stderr)
                return None
            return judge.process_item(await extract.process_item(memento))

        try:
            with tqdm(total=len(pages), desc="pages", unit="", disable=None) as bar:
                for part in batches(pages, _PAGES_AT_ONCE):
                    results = await asyncio.gather(*map(again, part))
                    unreadable += results.count(None)
                    made = [result for result in results if result is not None]
                    await asyncio.to_thread(reextraction.stage, made, READER)
                    bar.update(len(part))
        finally:
            await extract.close_spider()
        return unreadable

    def _run_on_cluster(
        self, store: "Store", path: Path, scheduler: str, folder: str | None
    ) -> None:
        """Let Dask workers make the texts; nothing is swapped before all are there."""
        from crawler.cluster.bulk import reextract_files, remove_shards, shard_folder
        from crawler.cluster.scheduler import workers_at
        from pipelines.storage.publication import folder_of
        from pipelines.storage.reextraction import Reextraction

        assert self.settings is not None
        shards = shard_folder(folder or str(folder_of(path.resolve(), "texts")))
        pages = folder_of(path.resolve(), "pages")
        with workers_at(scheduler) as client:
            failed, unreadable = reextract_files(store, self.settings, client, pages, shards)
        if failed:
            print(f"{failed:,} files failed and are named above; the texts stay as they were")
            print("the same command goes on where it was")
            self.exitcode = 1
            return
        names = Reextraction(store).shards()
        self._finish(store, unreadable)
        remove_shards(shards, names)

    def _finish(self, store: "Store", unreadable: int) -> None:
        """Swap all texts, and say what changed."""
        from pipelines.extraction.extractors import READER
        from pipelines.storage.histories import update_histories
        from pipelines.storage.reextraction import Reextraction

        assert self.settings is not None
        reextraction = Reextraction(store)
        imported = reextraction.imported_texts()
        for part in batches(imported, self.settings.getint("STORE_BATCH")):
            reextraction.make_again(part)
        report = reextraction.swap(READER)
        update_histories(store.db, self.settings.getint("EXTRACT_WORKERS"))
        print(f"{sum(report.values()):,} pages extracted with {READER}")
        if imported:
            print(f"{len(imported):,} imported texts made again from their Markdown")
        for kind, meaning in KINDS.items():
            print(f"  {report.get(kind, 0):>9,} {meaning}")
        if left := reextraction.not_kept():
            print(f"  {left:>9,} pages are not kept; their texts stay as they were")
        if unreadable:
            print(f"  {unreadable:>9,} pages could not be read; their texts stay as they were")
            self.exitcode = 1


def _check_pages(store: "Store", path: Path) -> None:
    """InputError if there are no kept pages to read, and nothing was imported."""
    from pipelines.storage.publication import folder_of

    counts = "SELECT count(page_file), count(source) FROM captures"
    kept, imported = store.db.execute(counts).fetchall()[0]
    if imported and not kept:
        return
    if not kept:
        raise InputError(
            f"DUCKDB_PATH={path}: no page of it is kept (KEEP_PAGES); texts of "
            "`scrapy extract --warc` are made again by that command"
        )
    if not folder_of(path, "pages").is_dir():
        raise InputError(f"{folder_of(path, 'pages')}: no such folder; the kept pages were there")


def _memento(folder: Path, kept: Kept) -> Memento:
    """Read a kept page back as the memento it was; OSError or ValueError if it is not there."""
    from pipelines.storage.pages import read_page

    capture, timestamp, url, address = kept
    headers, body = read_page(folder, address)
    return Memento(capture, timestamp, url, headers, body, address)
