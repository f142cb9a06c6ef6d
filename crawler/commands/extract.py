"""`scrapy extract`: the document of a saved page, made as the crawl makes it."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.exceptions import UsageError

from crawler import command, timestamps
from crawler.domains import parse_domain, parse_policy_url
from crawler.errors import InputError
from crawler.records import Capture, Document, Loss, Memento
from crawler.urlkeys import urlkey
from pipelines.versioning.versions import document, untraced

if TYPE_CHECKING:
    import argparse

NOWHERE = "http://page.invalid/"


class Command(command.Command):
    """Reads pages from files; writes documents to files or to standard output."""

    requires_crawler_process = False

    def syntax(self) -> str:
        """How it is called."""
        return "[options] FILE... | --warc PATTERN --shards FOLDER"

    def short_desc(self) -> str:
        """One line for `scrapy -h`."""
        return "Make the document of a saved page (HTML or PDF), or explain it"

    def add_options(self, parser: "argparse.ArgumentParser") -> None:
        """Add the command's options."""
        super().add_options(parser)
        add = parser.add_argument
        add("--url", metavar="U", help="the page's address; its links are relative to it")
        add("--timestamp", metavar="T", help="when it was archived: 14 digits, UTC")
        add("--domain", metavar="D", help="the site (default: the address' host)")
        add("-o", dest="folder", metavar="DIR", type=Path, help="write DIR/NAME.md for each file")
        add("--explain", action="store_true", help="print how the text came about instead")
        add(
            "--warc",
            metavar="PATTERN",
            help="of all pages in WARC files, into the corpus: a path or address with * and ?",
        )
        add("--shards", metavar="FOLDER", help="where a Parquet file for each WARC file is kept")
        add("--scheduler", metavar="ADDRESS", help="a Dask scheduler: its workers do it")

    def work(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Extract each file; exit with 1 if one gave no text, 2 for what was typed wrong.

        A document has its header if both address and timestamp are given: without them there is
        nothing to be said about where it came from.
        """
        assert self.settings is not None
        if opts.warc is not None:
            self.exitcode = self._extract_warcs(args, opts)
            return
        if opts.shards is not None or opts.scheduler is not None:
            raise UsageError("--shards and --scheduler belong to --warc", print_help=False)
        if not args:
            raise UsageError("extract takes the names of files", print_help=False)
        capture = _capture(opts.url, opts.timestamp, opts.domain)
        files = _files(args, opts.folder)
        traced = opts.url is not None and opts.timestamp is not None
        self.settings.set("EXTRACT_WORKERS", 1, priority="command")
        work = self._explain if opts.explain else self._extract
        self.exitcode = asyncio.run(work(files, capture, traced, opts.folder))

    def _extract_warcs(self, args: list[str], opts: "argparse.Namespace") -> int:
        from crawler.cluster.bulk import extract_warcs

        assert self.settings is not None
        of_files = opts.url, opts.timestamp, opts.domain, opts.folder, opts.explain or None
        if args or any(given is not None for given in of_files):
            raise UsageError(
                "--warc takes one pattern, in quotes, no files, and no options of theirs",
                print_help=False,
            )
        if opts.shards is None:
            raise UsageError("--warc needs --shards: a folder or an address", print_help=False)
        return extract_warcs(self.settings, opts.warc, opts.shards, opts.scheduler)

    async def _extract(
        self, files: list[Path], capture: Capture, traced: bool, out: Path | None
    ) -> int:
        from pipelines.stages import ExtractPipeline, JudgePipeline

        assert self.settings is not None
        extract = ExtractPipeline.from_settings(self.settings)
        judge = JudgePipeline.from_settings(self.settings)
        status = 0
        try:
            for file in files:
                page = file.read_bytes()
                memento = Memento(capture, capture.timestamp, capture.original, (), page)
                result = judge.process_item(await extract.process_item(memento))
                if isinstance(result, Loss):
                    reason = ", ".join(filter(None, (result.outcome, result.detail)))
                    print(f"{file}: {reason}", file=sys.stderr)
                    status = 1
                elif out is None:
                    sys.stdout.write(_document(result, traced))
                else:
                    name = out / f"{file.stem}.md"
                    name.write_text(_document(result, traced), encoding="utf-8", newline="")
        finally:
            await extract.close_spider()
        return status

    async def _explain(
        self, files: list[Path], capture: Capture, traced: bool, out: Path | None
    ) -> int:
        from pipelines.explain import explain
        from pipelines.stages import ExtractPipeline

        assert self.settings is not None
        pool = ExtractPipeline.from_settings(self.settings).pool
        threshold = self.settings.getfloat("POLICY_THRESHOLD")
        status = 0
        try:
            for file in files:
                print(file)
                page = file.read_bytes()
                try:
                    lines = await pool.run(explain, page, None, capture.original, threshold)
                except Exception as error:  # of a hostile page; the next may be well
                    lines, status = [f"{type(error).__name__}: {error}"], 1
                print("\n".join(f"  {line}" for line in lines))
        finally:
            await pool.close()
        return status


def _document(made: Document, traced: bool) -> str:
    title, body = made.text.extracted.title, made.text.extracted.body
    if not traced:
        return untraced(title, body)
    capture = made.capture
    return document(capture.domain, capture.timestamp, capture.original, title, body)


def _capture(url: str | None, timestamp: str | None, domain: str | None) -> Capture:
    """Return what was said of the pages; InputError names the option that is wrong."""
    try:
        option, value = "--url", url
        address = parse_policy_url(url) if url is not None else NOWHERE
        option, value = "--timestamp", timestamp
        timestamps.parse(timestamp if timestamp is not None else "19700101000000")
        option, value = "--domain", domain
        site = parse_domain(domain if domain is not None else urlsplit(address).netloc)
    except ValueError as error:
        raise InputError(f"{option} {value}: {error}") from None
    return Capture(
        archive="files",
        domain=site,
        policy_url=address,
        urlkey=urlkey(address),
        timestamp=timestamp or "19700101000000",
        original=address if url is not None else "",  # relative links stay as they are
        mimetype="-",
        statuscode=None,
        digest=None,
        length=None,
    )


def _files(names: list[str], folder: Path | None) -> list[Path]:
    """Return the files to read; InputError for one that is no page or two of one name."""
    from crawler.archives.warc import is_warc

    files = [Path(name) for name in names]
    for file in files:
        if not file.is_file():
            raise InputError(f"{file}: {'not a file' if file.exists() else 'no such file'}")
        try:
            of_pages = is_warc(file)
        except OSError as error:
            raise InputError(f"{file}: {error.strerror}") from None
        if of_pages:
            raise InputError(f"{file}: a WARC file; its pages are read with --warc")
    if folder is not None:
        if len({file.stem for file in files}) < len(files):
            raise InputError(f"-o {folder}: two of the files would have the same name there")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"-o {folder}: {error.strerror}") from None
    return files
