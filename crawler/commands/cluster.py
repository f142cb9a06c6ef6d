"""`scrapy cluster crawl`: a crawl over several machines, and its results in one corpus."""

import json
import logging
import os
import shutil
import sys
from collections import Counter
from time import monotonic
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import UsageError
from scrapy.utils.conf import arglist_to_dict

from crawler import command
from crawler.errors import InputError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from distributed import Client

    from crawler.arguments import Arguments
    from crawler.cluster.sharding import Plan, Shard
    from pipelines.storage.store import Store


class Command(command.Command):
    """Divides the sites, lets Dask's workers crawl them, and merges what they have found."""

    requires_crawler_process = False

    def syntax(self) -> str:
        """How it is called."""
        return "crawl -a domains=FILE --scheduler ADDRESS --shards N [options]"

    def short_desc(self) -> str:
        """One line for `scrapy -h`."""
        return "Crawl on several machines, with Dask"

    def long_desc(self) -> str:
        """What `-h` says."""
        return (
            "Takes the arguments of `scrapy crawl policies` but `budget`. Each shard of sites is "
            "crawled by itself, on whatever worker of the Dask scheduler, all with one allowance, "
            "and comes into the corpus when it is done. The same command goes on where an earlier "
            "one was ended."
        )

    def add_options(self, parser: "argparse.ArgumentParser") -> None:
        """Add the command's options."""
        super().add_options(parser)
        add = parser.add_argument
        add("-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE")
        add("--scheduler", metavar="ADDRESS", help="a Dask scheduler's, such as tcp://host:8786")
        add("--shards", metavar="N", help="how many parts the sites are divided into")

    def work(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Crawl; exit with 2 for bad input, 1 if a shard failed or its crawl was not whole."""
        from crawler.arguments import parse_arguments
        from crawler.cluster.scheduler import workers_at
        from pipelines.storage.store import Store

        assert self.settings is not None
        began = monotonic()
        if args != ["crawl"]:
            raise UsageError("cluster has one command: crawl", print_help=False)
        count = _count(opts.shards)
        if opts.scheduler is None:
            raise InputError("--scheduler is missing: the address of a Dask scheduler")
        try:
            given = arglist_to_dict(opts.spargs)
        except ValueError:
            raise UsageError("Invalid -a value, use -a NAME=VALUE", print_help=False) from None
        if "budget" in given:
            raise InputError("budget: not with shards, because what is most telling is in any")
        arguments = parse_arguments(given, self.settings)
        with workers_at(opts.scheduler) as client:
            store = Store(self.settings["DUCKDB_PATH"])
            plan = _opened(store, arguments, count)
            end = store.close
            try:
                done = Crawl(store, plan, arguments)
                done.run(client, _options(given, opts))
                workers = self.settings.getint("EXTRACT_WORKERS")
                print(*done.end(workers, monotonic() - began), sep="\n")
            except InputError:
                end = store.publication.abandon  # what came in waits in the copy for who goes on
                raise
            finally:
                end()
        if not done.left:
            done_with = plan.folder.with_name(f"{plan.folder.name}.part")
            plan.folder.rename(done_with)  # half of a folder of shards could not be gone on with
            shutil.rmtree(done_with)
        self.exitcode = 0 if done.is_whole else 1


class Crawl:
    """What becomes of the shards of a plan; the one who writes the corpus."""

    def __init__(self, store: "Store", plan: "Plan", arguments: "Arguments") -> None:
        from pipelines.stages import versions

        self.store = store
        self.plan = plan
        self.ended: dict[str, dict[str, Any]] = {}
        store.run_id = plan.name
        if not store.db.execute("FROM runs WHERE run_id = ?", [plan.name]).fetchall():
            store.begin_run(arguments.given, versions())
        store.note_archives([(a.name, a.title, a.snapshots) for a in arguments.archives])

    @property
    def left(self) -> "list[Shard]":
        """The shards that did not come in."""
        return [shard for shard in self.plan.shards if shard.name not in self.ended]

    @property
    def is_whole(self) -> bool:
        """Whether all shards came in and were crawled as they should."""
        return not self.left and all(end["status"] == 0 for end in self.ended.values())

    def run(self, client: "Client", options: "Sequence[str]") -> None:
        """Let the shards be crawled, and merge each as it ends."""
        import duckdb
        from tqdm import tqdm

        from crawler.cluster.leases import Leases
        from crawler.cluster.shard_progress import ShardProgress

        client.register_plugin(Leases())
        with ShardProgress(self.plan.shards):
            for shard, end in self._ends(client, options):
                try:
                    if "run_id" not in end:
                        says = end["says"] or f"its crawl ended with status {end['status']}"
                        raise InputError(says)
                    self._merge(shard)
                except (InputError, OSError, duckdb.Error) as error:
                    tqdm.write(f"shard {shard.folder.name} failed: {error}", file=sys.stderr)
                    self._check_writable()
                    continue
                self.ended[shard.name] = end
                tqdm.write(self._came(shard, end["status"]), file=sys.stderr)

    def _check_writable(self) -> None:
        """InputError if the corpus cannot be written any more, as after a commit to a full disk."""
        import duckdb

        try:
            self.store.db.execute("FROM corpus")
        except duckdb.Error as error:
            raise InputError(f"DUCKDB_PATH={self.store.path}: {error}") from None

    def end(self, workers: int, seconds: float) -> list[str]:
        """Write what follows from all shards, in so many processes; return the summary's lines."""
        from crawler.extensions.progress import summary
        from pipelines.storage.histories import update_histories
        from pipelines.summary import corpus_summary

        update_histories(self.store.db, workers)
        runs = [end["run_id"] for end in self.ended.values()]
        counts = self._counts(runs)
        self.store.end_run(counts)
        counts["corpus"] = corpus_summary(self.store.db, runs)
        lines = summary(counts, "ended" if self.left else "finished", seconds)
        if self.left:
            names = ", ".join(shard.folder.name for shard in self.left)
            lines.append(f"shards that are not in: {names}; the same command goes on with them")
        return lines

    def _ends(
        self, client: "Client", options: "Sequence[str]"
    ) -> "Iterator[tuple[Shard, dict[str, Any]]]":
        """Yield the shards as their crawls end, with what `crawl_shard` returns."""
        from distributed import as_completed
        from tqdm import tqdm

        from crawler.cluster.shard_crawl import crawl_shard

        given = options, os.getcwd()
        crawls = {  # never the result of a task that another client's end has cancelled
            client.submit(crawl_shard, shard, *given, key=f"{shard.name}-{client.id}"): shard
            for shard in self.plan.shards
        }
        for future in as_completed(list(crawls), loop=client.loop):
            shard = crawls.pop(future)
            if future.status == "finished":
                yield shard, future.result()
            elif future.status == "error":
                yield shard, {"says": f"its task: {future.exception()!r}"}
            else:
                tqdm.write("the scheduler is gone", file=sys.stderr)
                logging.getLogger("distributed").disabled = True  # it says so at length
                return
            future.release()

    def _came(self, shard: "Shard", status: int) -> str:
        """Say that a shard came in, and where to look if its crawl was not whole."""
        rest = "" if status == 0 else f", not whole; see {shard.folder / 'log.txt'}"
        count = f"{len(self.ended)} of {len(self.plan.shards)}"
        return f"shard {shard.folder.name} is in ({count}){rest}"

    def _merge(self, shard: "Shard") -> None:
        from pipelines.shards.site_shards import merge

        merge(self.store, shard.corpus, shard.name, shard.sites, shard.stamp)
        self.store.publication.publish_if_due()

    def _counts(self, runs: list[str]) -> dict[str, Any]:
        """Return what runs did, together."""
        counts: Counter[str] = Counter()
        damaged: dict[str, None] = {}  # of WARC files, of which each shard says the same
        rows = self.store.db.execute(
            "SELECT counts FROM runs WHERE run_id IN (SELECT unnest(?::VARCHAR[]))", [runs]
        ).fetchall()
        for (said,) in rows:
            figures = json.loads(said or "{}")
            counts.update({k: v for k, v in figures.items() if isinstance(v, int)})
            damaged |= dict.fromkeys(figures.get("warc/damaged", []))
        return {**counts, "warc/damaged": list(damaged)}


def _opened(store: "Store", arguments: "Arguments", count: int) -> "Plan":
    """Return the plan; InputError if the corpus or the folder of shards is another crawl's."""
    from crawler.cluster.sharding import open_plan
    from crawler.domains import read_targets
    from pipelines.extraction.extractors import READER
    from pipelines.storage.publication import folder_of

    try:
        store.take_reader(READER)
        targets = read_targets(arguments.given["domains"])
        folder = folder_of(store.path.absolute(), "shards")
        return open_plan(store, folder, arguments.given, targets, count)
    except BaseException:
        store.publication.discard()
        raise


def _count(given: str | None) -> int:
    if given is None:
        raise InputError("--shards is missing: how many parts the sites are divided into")
    if not (given.isascii() and given.isdecimal() and 0 < int(given) < 100_000):
        raise InputError(f"--shards {given}: not a number from 1 to 99999")
    return int(given)


def _options(given: dict[str, str], opts: "argparse.Namespace") -> list[str]:
    """Return the options of a shard's crawl that are those of all."""
    options = ["-L", opts.loglevel] if opts.loglevel else []
    for name, value in given.items():
        if name != "domains":
            options += ["-a", f"{name}={value}"]
    for setting in opts.set:
        options += ["-s", setting]
    return options
