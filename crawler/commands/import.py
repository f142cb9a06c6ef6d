"""`scrapy import`: what other corpora have, beside what a crawl has found."""

import asyncio
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler import command
from crawler.cluster.sharding import check_no_plan
from crawler.errors import InputError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from pipelines.imports.found import Imported, Unusable
    from pipelines.imports.importing import Report


class Command(command.Command):
    """Reads a folder or a git repository, and adds its texts to the corpus."""

    requires_crawler_process = False

    def syntax(self) -> str:
        """How it is called."""
        return "[options] SOURCE"

    def short_desc(self) -> str:
        """One line for `scrapy -h`."""
        return "Add the documents of another corpus: a tree of Markdown, or a git history"

    def long_desc(self) -> str:
        """What `-h` says."""
        return (
            "SOURCE is a folder of documents as `scrapy export` and the Princeton-Leuven corpus "
            "have them, a git repository of such documents, or a repository of versions of Open "
            "Terms Archive; what it holds tells which."
        )

    def add_options(self, parser: "argparse.ArgumentParser") -> None:
        """Add the command's options."""
        super().add_options(parser)
        add = parser.add_argument
        add("--name", help="what captures.source calls it: import:NAME (default: the folder's)")
        add(
            "--domain-from",
            metavar="DECLARATIONS",
            type=Path,
            help="for Open Terms Archive, which names services: the folder of its declarations, or "
            "a CSV service,policy_url[,domain]",
        )

    def work(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Import; killed and started again, it passes over what is there."""
        if len(args) != 1:
            raise UsageError("import takes one folder", print_help=False)
        from pipelines.imports.source import open_source

        path = Path(args[0])
        name = opts.name or path.resolve().name.removesuffix(".git")
        if not (name.isprintable() and 0 < len(name) <= 100):
            raise InputError(f"--name {name!r}: not up to 100 printable characters")
        with ExitStack() as stack:
            kind, found = open_source(stack, path, f"import:{name}", opts.domain_from)
            print(f"{path}: {kind}", flush=True)
            report = asyncio.run(self._run(found, f"import:{name}"))
        _print(report)
        self.exitcode = 0 if report.documents else 1

    async def _run(self, found: "Iterator[Imported | Unusable]", source: str) -> "Report":
        assert self.settings is not None
        from tqdm import tqdm

        from pipelines.extraction.extractors import READER
        from pipelines.imports.importing import import_all
        from pipelines.stages import ExtractPipeline
        from pipelines.storage.histories import update_histories
        from pipelines.storage.store import Store

        publish = self.settings.getfloat("PUBLISH_SECONDS")
        check_no_plan(Path(self.settings["DUCKDB_PATH"]))
        store = Store(self.settings["DUCKDB_PATH"], None, publish)
        pool = ExtractPipeline.from_settings(self.settings).pool
        report = None
        try:
            store.take_reader(READER)
            shown = tqdm(found, desc="documents", unit="", disable=None)
            batch = self.settings.getint("STORE_BATCH")
            report = await import_all(store, pool, iter(shown), source, batch)
            update_histories(store.db)
        finally:
            await pool.close()
            if report is not None and not report.documents:
                store.publication.discard()
            else:
                store.close()
        return report


def _print(report: "Report") -> None:
    """Say what was done; the names of files are of somebody else."""
    from pipelines.inert import marked

    print(f"{report.documents:,} documents read")
    print(f"  {report.new:>9,} captures with their texts are new")
    print(f"  {report.filled:>9,} captures known before have a text now")
    print(f"  {report.unusable:>9,} files cannot be used")
    for file in report.named:
        print("    " + marked(f"{file.name}: {file.reason}"))
    if report.unusable > len(report.named):
        print(f"    and {report.unusable - len(report.named):,} more")
