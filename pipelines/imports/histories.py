"""Documents of a git history: the reference corpus, or what `scrapy export --format git` wrote."""

from collections.abc import Iterator

from pipelines.imports.documents import LARGEST, read_document
from pipelines.imports.found import Imported, Unusable
from pipelines.imports.git import Repository


def read_histories(repository: Repository, source: str) -> Iterator[Imported | Unusable]:
    """Yield the document of each version: of each commit, every `.md` file it adds or changes.

    What a document's header says counts, not the commit's date. A `.csv` of the same name that the
    commit changes too is its table of captures.
    """
    for commit, files in repository.commits("*.md", "*.csv"):
        for name, blob in files.items():
            if not name.endswith(".md") or name == "README.md":
                continue
            called = f"{commit[:12]}:{name}"
            table = files.get(f"{name.removesuffix('.md')}.csv")
            try:
                content = repository.read(blob, LARGEST)
                captures = repository.read(table, LARGEST) if table else None
                yield read_document(called, content, source, captures)
            except ValueError as error:
                yield Unusable(called, str(error))
