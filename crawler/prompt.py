"""The prompt of `scrapy sql`, with completion, colours and a memory of its own."""

from collections.abc import Iterator

import duckdb
from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.completion import Completer, WordCompleter
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory
from prompt_toolkit.lexers import PygmentsLexer
from pygments.lexers.sql import SqlLexer
from scrapy.utils.project import data_path

_NAMES = """
    SELECT DISTINCT name FROM (
        SELECT table_name AS name FROM duckdb_columns() WHERE NOT internal
        UNION ALL SELECT column_name FROM duckdb_columns() WHERE NOT internal
        UNION ALL SELECT function_name FROM duckdb_functions()
        WHERE function_name ~ '^[a-z]\\w+$'
        UNION ALL SELECT upper(keyword_name) FROM duckdb_keywords()
        WHERE keyword_category = 'reserved')
    ORDER BY name"""


def ask(db: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Yield what is typed, up to a semicolon each; end with Ctrl-D or `exit`."""
    session: PromptSession[str] = PromptSession(
        "sql> ",
        lexer=PygmentsLexer(SqlLexer),
        completer=completer(db),
        complete_while_typing=False,
        history=FileHistory(data_path("sql_history")),
        multiline=Condition(lambda: not _is_whole(get_app().current_buffer.text)),
        prompt_continuation="...> ",
    )
    print("Ends with a semicolon. Tab completes; Ctrl-D leaves; SHOW TABLES; lists what there is.")
    while True:
        try:
            asked = session.prompt().strip()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if asked.rstrip("; ").lower() in ("exit", "quit"):
            return
        if asked:
            yield asked


def completer(db: duckdb.DuckDBPyConnection) -> Completer:
    """Return what completes the names of the corpus and the words of DuckDB's SQL."""
    names = [name for (name,) in db.execute(_NAMES).fetchall()]
    return WordCompleter(names, ignore_case=True)


def _is_whole(typed: str) -> bool:
    """Whether Enter ends what is typed."""
    return not typed.strip() or typed.rstrip().endswith(";") or typed.strip() in ("exit", "quit")
