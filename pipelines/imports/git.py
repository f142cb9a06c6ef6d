"""A git repository, bare or not, read through git's own streams; nothing of it is executed."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Self

from crawler.errors import InputError

_COMMIT = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_CHUNK = 1 << 16


class Repository:
    """A repository, open to be read. InputError if git is not there or cannot read it."""

    def __init__(self, path: Path) -> None:
        inside = path / ".git"
        self.path = inside if inside.exists() else path
        self._stack = ExitStack()
        self._objects: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Check that it has a history, and open its objects."""
        try:
            done = subprocess.run(
                self._command("rev-parse", "--verify", "--quiet", "HEAD^{commit}"),
                capture_output=True,
                env=_environment(),
            )
        except FileNotFoundError:
            raise InputError("git: no such program; to import a repository needs it") from None
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().partition("\n")[0]
            raise InputError(f"{self.path}: {said or 'a git repository without a commit'}")
        self._objects = self._start("cat-file", "--batch", stdin=subprocess.PIPE)
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of it."""
        self._stack.close()

    def names(self) -> Iterator[str]:
        """Yield the names of the files of the last commit."""
        listing = self._start("ls-tree", "-r", "-z", "--name-only", "HEAD")
        yield from map(_name, _records(_out(listing)))

    def commits(self, *patterns: str) -> Iterator[tuple[str, dict[str, str]]]:
        """Yield each commit, the last first, with the files it adds or changes: name and object.

        Merges change nothing that other commits do not.
        """
        ids = self._start("rev-list", "HEAD")
        changes = self._start(
            *("diff-tree", "--stdin", "--root", "-r", "-z", "--raw", "--no-renames"),
            *("--diff-filter=AM", "--", *patterns),
            stdin=ids.stdout,
        )
        commit, files = "", dict[str, str]()
        records = _records(_out(changes))
        for record in records:
            if _COMMIT.fullmatch(record):
                if files:
                    yield commit, files
                commit, files = record.decode(), {}
                continue
            _, mode, _, blob, _ = record.decode().split(" ")
            name = _name(next(records))
            if mode.startswith("100"):
                files[name] = blob
        if files:
            yield commit, files
        if changes.wait() or ids.wait():
            raise InputError(f"{self.path}: git cannot read all of its history")

    def read(self, object_id: str, largest: int) -> bytes:
        """Return an object's content; ValueError if it is missing, or larger than `largest`.

        InputError if git has ended: what is left to read is not missing.
        """
        assert self._objects is not None
        assert self._objects.stdin is not None
        out = _out(self._objects)
        try:
            self._objects.stdin.write(f"{object_id}\n".encode())
            self._objects.stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None
        said = self._some(out.readline()).split()
        if len(said) != 3:
            raise ValueError("the repository does not have its content")
        left = int(said[2])
        if left > largest:
            while left > 0:
                left -= len(self._some(out.read(min(left, _CHUNK))))
            out.read(1)
            raise ValueError(f"is larger than {largest:,} bytes")
        content = out.read(left)
        self._some(out.read(1))
        return content

    def _some(self, read: bytes) -> bytes:
        """Return what was read; InputError if it is nothing, because git has ended."""
        if not read:
            raise self._ended()
        return read

    def _ended(self) -> InputError:
        return InputError(f"{self.path}: git ended before all was read")

    def remote(self) -> str | None:
        """Return the address that it was cloned from, if that is one on the web."""
        command = self._command("config", "--get", "remote.origin.url")
        found = subprocess.run(command, capture_output=True, env=_environment()).stdout
        url = found.decode(errors="replace").strip().removesuffix(".git")
        return url if re.fullmatch(r"https://[\w.-]+(/[\w.-]+)+", url) else None

    def _start(
        self, *arguments: str, stdin: IO[bytes] | int | None = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            self._command(*arguments),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
        self._stack.callback(_end, process)
        return process

    def _command(self, *arguments: str) -> list[str]:
        return ["git", f"--git-dir={self.path}", "-c", "safe.directory=*", *arguments]


def is_repository(path: Path) -> bool:
    """Whether a folder is a git repository, or the checkout of one."""
    is_bare = (path / "HEAD").is_file() and (path / "objects").is_dir()
    return (path / ".git").exists() or is_bare


def _environment() -> dict[str, str]:
    """Return the environment without git's variables; what is missing is not fetched."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    quiet = {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}
    return {**others, **quiet, "GIT_NO_REPLACE_OBJECTS": "1", "LC_ALL": "C"}


def _out(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdout is not None
    return process.stdout


def _records(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield what stands between NULs."""
    rest = b""
    while chunk := stream.read1(_CHUNK):  # type: ignore[attr-defined]
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole


def _name(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(BrokenPipeError):  # it has ended, and left what was written to it
                stream.close()
    process.kill()
    process.wait()
