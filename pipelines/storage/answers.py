"""What a query gives, written for people and for programs; rows are streamed but for tables."""

import csv
import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stdout
from decimal import Decimal
from io import StringIO
from typing import Any, TextIO

import duckdb

from pipelines.inert import shown

Values = Sequence[Any] | dict[str, Any]
_AT_ONCE = 1000
_WIDE = 10_000  # columns, where there is no terminal


def write_answer(
    db: duckdb.DuckDBPyConnection, sql: str, values: Values, form: str, stream: TextIO
) -> None:
    """Write what a statement gives, with `values` for its parameters.

    `form` is table, csv, json or markdown. A table is cut to the terminal's width, and to 40 rows
    there. JSON is an array of objects, one a line; what JSON has no type for is a string. Archived
    text may hold control characters: a terminal gets none of them. A statement that gives nothing
    writes nothing.
    """
    if stream.isatty():
        stream = _Terminal(stream)
    if form == "table":
        _write_table(db.sql(sql, params=values), stream)
        return
    answer = db.execute(sql, values)
    if answer.description is None:
        return
    names = [column[0] for column in answer.description]
    match form:
        case "csv":
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(names)
            writer.writerows([_cased(value) for value in row] for row in _rows(answer))
        case "json":
            _write_json(names, _rows(answer), stream)
        case "markdown":
            from tabulate import tabulate

            rows = [[_cell(value) for value in row] for row in _rows(answer)]
            head = [_cell(name) for name in names]
            stream.write(tabulate(rows, head, tablefmt="pipe", disable_numparse=True) + "\n")


class _Terminal(StringIO):
    """A terminal that gets nothing that steers it."""

    def __init__(self, terminal: TextIO) -> None:
        super().__init__()
        self.terminal = terminal

    def write(self, text: str) -> int:
        """Show a text."""
        return self.terminal.write(shown(text))


def _rows(answer: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while batch := answer.fetchmany(_AT_ONCE):
        yield from batch


def _write_table(relation: duckdb.DuckDBPyRelation | None, stream: TextIO) -> None:
    if relation is None:
        return
    on_terminal = isinstance(stream, _Terminal)
    width = shutil.get_terminal_size().columns if on_terminal else _WIDE
    drawn = StringIO()
    with redirect_stdout(drawn):  # DuckDB prints
        relation.show(max_width=width, max_rows=40 if on_terminal else _WIDE)
    stream.write(drawn.getvalue().rstrip("\n") + "\n")


def _write_json(names: list[str], rows: Iterable[tuple[Any, ...]], stream: TextIO) -> None:
    mark = "["
    for row in rows:
        given = dict(zip(names, row, strict=True))
        stream.write(f"{mark}\n{json.dumps(given, ensure_ascii=False, default=_plain)}")
        mark = ","
    stream.write("[]\n" if mark == "[" else "\n]\n")


def _cased(value: object) -> object:
    """Return a value as it is, but true and false as SQL and JSON write them."""
    return str(value).lower() if isinstance(value, bool) else value


def _plain(value: object) -> object:
    """Return what JSON has for a value of a type that it does not have."""
    return float(value) if isinstance(value, Decimal) else str(value)


def _cell(value: object) -> str:
    """Return a value as a cell of a Markdown table."""
    text = "" if value is None else str(_cased(value))
    return shown(" ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|"))
