"""What the README and the data dictionary show, made from the code and from a run on the demo.

Called by cog (`make docs`); `tests/test_docs.py` checks that the files still say the same.
"""

import io
import re
import tempfile
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path

import duckdb
from rich.console import Console
from rich.text import Text

from crawler.outcomes import Listing, Outcome
from pipelines import schema
from pipelines.changes import Kind
from pipelines.lineage import Evidence
from tests.crawling import DEMO, Crawl

COMMAND = "scrapy crawl policies -a domains=data/demo/domains.txt -a archive=data/demo/demo.warc.gz"
PICTURE = DEMO / "output.svg"
FIRST_VERSIONS = """SELECT domain, archived_on, captures, words, left(title, 36) AS title
FROM policies ORDER BY first_seen LIMIT 10"""


@cache
def demo() -> tuple[str, "duckdb.DuckDBPyConnection"]:
    """Run the main job on the demo archive; return its summary and a copy of its corpus."""
    with tempfile.TemporaryDirectory() as folder:
        crawl = Crawl(Path(folder) / "demo")
        done = crawl.run(domains=DEMO / "domains.txt", archive=DEMO / "demo.warc.gz")
        corpus = duckdb.connect()
        corpus.execute(f"ATTACH '{crawl.corpus}' AS demo (READ_ONLY)")
        corpus.execute("COPY FROM DATABASE demo TO memory")
        corpus.execute("DETACH demo")
    return re.sub(r"after \d\d:\d\d", "after 00:02", done.stdout), corpus


def summary() -> None:
    """Print the summary of the run on the demo archive."""
    print(f"```\n{demo()[0]}```")


def query(sql: str, width: int = 110) -> None:
    """Print a query and what it gives on the demo corpus."""
    print(f"```sql\n{sql.strip()}\n```\n\n```\n{answer(sql, width)}```")


def answer(sql: str, width: int) -> str:
    """Return the answer of a query as DuckDB draws it."""
    drawn = io.StringIO()
    with redirect_stdout(drawn):
        demo()[1].sql(sql).show(max_width=width, max_rows=40)
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
    console.print(Text(demo()[0]))
    console.print(Text(answer(FIRST_VERSIONS, 102)))
    drawn = console.export_svg(title="make demo", unique_id="demo")
    PICTURE.write_text(re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL))


if __name__ == "__main__":
    picture()
