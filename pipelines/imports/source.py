"""What an import's source is: its content tells."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from crawler.errors import InputError
from pipelines.imports import open_terms_archive
from pipelines.imports.folder import files, read_folder
from pipelines.imports.found import Imported, Unusable
from pipelines.imports.git import Repository, is_repository
from pipelines.imports.histories import read_histories

_WARC = (".warc", ".warc.gz")


def open_source(
    stack: ExitStack, path: Path, source: str, domain_from: Path | None
) -> tuple[str, Iterator[Imported | Unusable]]:
    """Return in words what a folder holds, and its documents; InputError if it can be none.

    `source` is what the corpus calls it; `stack` closes what was opened.
    """
    if not path.is_dir():
        _check_warc(path, [path] if path.exists() else [])
        raise InputError(f"{path}: {'not a folder' if path.exists() else 'no such folder'}")
    kind, found = _open(stack, path, source, domain_from)
    if domain_from is not None and kind is not _VERSIONS:
        raise InputError(
            f"--domain-from {domain_from}: is for Open Terms Archive; {path} is {kind}"
        )
    return kind, found


_VERSIONS = "a repository of versions of Open Terms Archive; its privacy policies are read"


def _open(
    stack: ExitStack, path: Path, source: str, domain_from: Path | None
) -> tuple[str, Iterator[Imported | Unusable]]:
    if not is_repository(path):
        if any(file.suffix == ".md" for file in files(path)):
            return "a folder of documents", read_folder(path, source)
        _check_warc(path, files(path))
        raise InputError(f"{path}: neither a git repository nor a folder with .md files")
    repository = stack.enter_context(Repository(path))
    for name in repository.names():
        if open_terms_archive.is_versions(name):
            if domain_from is None:
                raise InputError(
                    f"{path}: a repository of Open Terms Archive, which names services and not "
                    "sites: give --domain-from, the folder of its declarations"
                )
            services = open_terms_archive.read_services(domain_from)
            return _VERSIONS, open_terms_archive.read_versions(repository, source, services)
        if "/" in name and name.endswith(".md"):
            kind = "a git history of documents"
            return kind, read_histories(repository, source)
    raise InputError(f"{path}: a git repository without documents (.md) in folders")


def _check_warc(path: Path, inside: Iterator[Path] | list[Path]) -> None:
    """InputError that says what to do with WARC files, if there are any."""
    if any(file.name.endswith(_WARC) for file in inside):
        raise InputError(
            f"{path}: WARC files, which a crawl reads: "
            f"scrapy crawl policies -a domains=LIST -a archive={path}"
        )
