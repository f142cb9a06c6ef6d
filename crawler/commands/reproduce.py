"""`scrapy reproduce`: builds the documents of a manifest from scratch and compares them."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError
from scrapy.utils.conf import arglist_to_dict

from crawler import command
from crawler.errors import InputError
from pipelines.versioning.versions import document

if TYPE_CHECKING:
    import argparse

    from pipelines.manifest import Entry

SEEDS = "data/seed_corpus.csv"


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a document made compares with the one expected; None where the text is not at hand.

    `f1` is of words as multisets; `similarity` is rapidfuzz's normalized Indel similarity of the
    documents or, where the text is not at hand, Dice's coefficient of their 5-grams.
    """

    identical: bool
    header: bool | None
    title: bool | None
    f1: float | None
    similarity: float


class Command(command.Command):
    """Fetches exactly the captures of a manifest, and prints a line a document."""

    def syntax(self) -> str:
        """How it is called."""
        return "[options] [MANIFEST]"

    def short_desc(self) -> str:
        """One line for `scrapy -h`."""
        return "Build the documents of a manifest from scratch and compare them"

    def long_desc(self) -> str:
        """What `-h` says."""
        return (
            f"Fetches exactly the captures that MANIFEST (default: {SEEDS}) names, makes their "
            "documents and compares them; exit status 1 if one falls below the threshold."
        )

    def add_options(self, parser: "argparse.ArgumentParser") -> None:
        """Add the command's options."""
        super().add_options(parser)
        add = parser.add_argument
        add(
            "-a",
            dest="spargs",
            action="append",
            default=[],
            metavar="archive=ARCHIVE",
            help="the archive, as for `scrapy crawl policies` (default wayback)",
        )
        add(
            "--against",
            metavar="DIR",
            type=Path,
            help="folder with the expected documents, DOMAIN_TIMESTAMP.md",
        )
        add(
            "--threshold",
            metavar="X",
            type=float,
            default=0.99,
            help="least similarity of each document (default 0.99)",
        )
        add("--save", metavar="DIR", type=Path, help="write the documents made there")

    def work(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Crawl into a corpus of its own, compare, set the exit status."""
        from crawler.arguments import parse_arguments
        from crawler.spiders.manifest import ManifestSpider
        from pipelines.manifest import read_manifest

        assert self.settings is not None
        assert self.crawler_process is not None
        if len(args) > 1:
            raise UsageError("reproduce takes one manifest", print_help=False)
        given = {"domains": "manifest.invalid", **arglist_to_dict(opts.spargs)}
        if len(parse_arguments(given, self.settings).archives) > 1:
            raise InputError(f"archive={given['archive']}: one archive at a time")
        entries = read_manifest(Path(args[0] if args else SEEDS))
        if opts.against is not None and not opts.against.is_dir():
            raise InputError(f"--against {opts.against}: no such folder")
        if opts.save is not None:
            try:
                opts.save.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise InputError(f"--save {opts.save}: {error.strerror}") from None
        with tempfile.TemporaryDirectory() as folder:
            corpus = Path(folder) / "reproduced.duckdb"
            for name, value in {"DUCKDB_PATH": str(corpus), "KEEP_PAGES": False}.items():
                self.crawler_process.settings.set(name, value, priority="cmdline")
            spider = type("ManifestSpider", (ManifestSpider,), {"entries": entries})
            self.crawler_process.crawl(spider, **given)
            self.crawler_process.start()
            made, lost = _results(corpus)
        if opts.save is not None:
            _save(made, opts.save)
        self.exitcode = report(entries, made, lost, opts.against, opts.threshold)


def report(
    entries: "list[Entry]",
    made: dict[tuple[str, str], str],
    lost: dict[tuple[str, str], str],
    against: Path | None,
    threshold: float,
) -> int:
    """Print a line a document; return 1 if one is missing or below the threshold."""
    below = 0
    print(f"{'identical':>9} {'header':>6} {'title':>5} {'F1':>6} {'like':>6}  document")
    for entry in entries:
        key = entry.domain, entry.timestamp
        name = f"{entry.domain}_{entry.timestamp}"
        if key not in made:
            below += 1
            print(f"{'missing':>9} {'':>6} {'':>5} {'':>6} {'':>6}  {name}: {lost.get(key, '-')}")
            continue
        found = compare(made[key], entry, _expected(against, name))
        below += found.similarity < threshold
        f1 = "-" if found.f1 is None else f"{found.f1:.4f}"
        print(
            f"{_yes(found.identical):>9} {_yes(found.header):>6} {_yes(found.title):>5} {f1:>6}"
            f" {found.similarity:6.4f}  {name}"
        )
    print(f"{len(entries) - below} of {len(entries)} documents at {threshold:g} or above")
    return 1 if below else 0


def compare(document: str, entry: "Entry", expected: str | None) -> Comparison:
    """Compare a document with its entry and, where it is at hand, with the expected text."""
    from rapidfuzz.distance import Indel

    from pipelines.manifest import entry_of, gram_similarity, word_f1

    identical = entry_of(document).sha256 == entry.sha256
    if expected is None:
        return Comparison(identical, None, None, None, gram_similarity(document, entry))
    lines, wanted = document.split("\n"), expected.split("\n")
    similarity = Indel.normalized_similarity(_folded(document), _folded(expected))
    return Comparison(
        identical, lines[0] == wanted[0], lines[2] == wanted[2], word_f1(document, expected),
        similarity,
    )  # fmt: skip


def _results(corpus: Path) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], str]]:
    """Return the documents made, and the outcomes of the captures that gave none."""
    import duckdb

    with duckdb.connect(corpus, read_only=True) as db:
        made = db.execute(  # not from `policies`: two documents may be of one version
            "SELECT domain, served_timestamp, served_url, title, body"
            " FROM captures JOIN texts USING (text_id)"
        ).fetchall()
        lost = db.execute(
            "SELECT domain, timestamp, concat_ws(', ', outcome, detail) FROM captures"
            " WHERE text_id IS NULL"
        ).fetchall()
    return {row[:2]: document(*row) for row in made}, {row[:2]: row[2] for row in lost}


def _expected(against: Path | None, name: str) -> str | None:
    if against is None or not (path := against / f"{name}.md").is_file():
        return None
    return path.read_text(encoding="utf-8")


def _save(made: dict[tuple[str, str], str], folder: Path) -> None:
    for (domain, timestamp), text in made.items():
        path = folder / f"{domain.replace(':', '_')}_{timestamp}.md"
        path.write_text(text, encoding="utf-8")


def _folded(text: str) -> str:
    return text.replace("\u00a0", " ")


def _yes(value: bool | None) -> str:
    return "-" if value is None else "yes" if value else "no"
