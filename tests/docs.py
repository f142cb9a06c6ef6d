"""What the README and the data dictionary show, made from the code and from a run on the demo.

Called by cog (`make docs`); `tests/test_docs.py` checks that the files still say the same.
"""

import atexit
import io
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path

import duckdb
from rich.console import Console
from rich.text import Text

from crawler.discovery.evidence import Kind as AddressKind
from crawler.discovery.evidence import Route
from crawler.outcomes import Listing, Outcome
from pipelines.storage import schema
from pipelines.versioning.changes import Kind
from pipelines.versioning.lineage import Evidence
from tests.crawling import DEMO, Crawl

COMMAND = "scrapy crawl policies -a domains=data/demo/domains.txt -a archive=data/demo/demo.warc.gz"
PICTURE = DEMO / "output.svg"
AROUND_GDPR = DEMO / "gdpr.svg"
FIRST_VERSIONS = """SELECT domain, archived_on, captures, words, left(title, 36) AS title
FROM policies ORDER BY first_seen LIMIT 10"""


@cache
def crawled() -> tuple[Crawl, str]:
    """Run the main job on the demo archive; return it and its summary."""
    crawl = Crawl(Path(tempfile.mkdtemp()) / "demo")
    atexit.register(shutil.rmtree, crawl.folder.parent)
    done = crawl.run(domains=DEMO / "domains.txt", archive=DEMO / "demo.warc.gz")
    crawl.scrapy("clusters")
    return crawl, re.sub(r"after \d\d:\d\d", "after 00:02", done.stdout)


@cache
def corpus() -> duckdb.DuckDBPyConnection:
    """The corpus of the demo archive."""
    return duckdb.connect(crawled()[0].corpus, read_only=True)


def summary() -> None:
    """Print the summary of the run on the demo archive."""
    print(f"```\n{crawled()[1]}```")


def query(sql: str, width: int = 110) -> None:
    """Print a query and what it gives on the demo corpus."""
    print(f"```sql\n{sql.strip()}\n```\n\n```\n{answer(sql, width)}```")


def shell(line: str, lines: int = 1000) -> None:
    """Print a command and the first lines of what it prints, in a folder with the demo corpus."""
    real = line.replace("data/demo.duckdb", str(crawled()[0].corpus))
    program, *arguments = shlex.split(real.replace("data/demo/", f"{DEMO}/"))
    ours = [sys.executable, "-m", program] if program == "scrapy" else [program]
    done = subprocess.run(
        [*ours, *arguments],
        cwd=crawled()[0].folder,
        env=crawled()[0].environment(),
        capture_output=True,
        text=True,
        timeout=280,
    )
    said = re.sub(r"after \d\d:\d\d", "after 00:02", done.stdout or done.stderr).splitlines()
    shown = [line.rstrip() for line in said[:lines]] + ["…"] * (len(said) > lines)
    print("```\n$ " + line + "\n" + "\n".join(shown) + "\n```")


def answer(sql: str, width: int) -> str:
    """Return the answer of a query as DuckDB draws it."""
    drawn = io.StringIO()
    with redirect_stdout(drawn):
        corpus().sql(sql).show(max_width=width, max_rows=40)
    return drawn.getvalue().strip() + "\n"


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Print a Markdown table."""
    for row in (head, ("---",) * len(head), *rows):
        print("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |")


def outcomes() -> None:
    """Print the closed list of outcomes."""
    table(("outcome", "meaning"), [(f"`{o.value}`", o.meaning) for o in Outcome])


def listings() -> None:
    """Print the closed list of ways in which a listing ends."""
    table(("status", "meaning"), [(f"`{status.value}`", status.meaning) for status in Listing])


def kinds() -> None:
    """Print the kinds of changes."""
    table(("kind", "meaning"), [(f"`{kind.value}`", kind.meaning) for kind in Kind])


def evidence() -> None:
    """Print why an address belongs to a policy."""
    table(("evidence", "meaning"), [(f"`{e.value}`", e.meaning) for e in Evidence])


def routes() -> None:
    """Print how an address of a site comes to be known."""
    table(("route", "meaning"), [(f"`{route.value}`", route.meaning) for route in Route])


def addresses() -> None:
    """Print what an address can be to its site."""
    table(("kind", "meaning"), [(f"`{kind.value}`", kind.meaning) for kind in AddressKind])


def dictionary() -> None:
    """Print every table with its columns."""
    for part in (*schema.VIEWS, *schema.TABLES):
        print(f"## `{part.name}`\n\n{part.row} Key: {part.key}.\n")
        rows = [(f"`{c.name}`", c.type.split(" ")[0], c.meaning) for c in part.columns]
        table(("column", "type", "meaning"), rows)
        print()


def recipes() -> None:
    """Print every recipe with its answer on the demo corpus."""
    for recipe in sorted((DEMO.parent / "recipes").glob("*.sql")):
        title, _, sql = recipe.read_text().partition("\n")
        print(f"### {title.removeprefix('-- ')}\n\n`data/recipes/{recipe.name}`\n")
        query(sql, 130)
        print()


def picture() -> None:
    """Write the picture of `make demo` that opens the README."""
    console = Console(record=True, width=102, file=io.StringIO())
    console.print(Text(f"$ {COMMAND}", style="bold"))
    console.print(Text(crawled()[1]))
    console.print(Text(answer(FIRST_VERSIONS, 102)))
    drawn = console.export_svg(title="make demo", unique_id="demo")
    PICTURE.write_text(re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL))


def around_gdpr() -> str:
    """Return the demo's policies before and after the GDPR, drawn."""
    folder = crawled()[0].folder / "report"
    if not folder.exists():
        crawled()[0].scrapy("report", folder)
    return (folder / "law_2018-05-25_gdpr_european_union.svg").read_text()


if __name__ == "__main__":
    picture()
    AROUND_GDPR.write_text(around_gdpr())
