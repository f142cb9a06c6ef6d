"""What the crawls of shards say of themselves is added up."""

import json
import re
from pathlib import Path

import pytest

from crawler import shard_progress
from crawler.extensions.status import status_file
from crawler.shard_progress import ShardProgress
from crawler.sharding import Shard


def shards(folder: Path) -> list[Shard]:
    made = [Shard(name, folder / name, ["a.com"], "") for name in ("0", "1", "2")]
    for shard in made:
        shard.folder.mkdir()
    return made


def says(shard: Shard, started_at: str, settled: int, chosen: int) -> None:
    said = {"started_at": started_at, "settled": settled, "chosen": chosen}
    status_file(shard.corpus).write_text(json.dumps(said))


def test_crawls_of_this_run_are_added_up(tmp_path: Path) -> None:
    ended, killed, new = shards(tmp_path)
    says(ended, "yesterday", 50, 50)
    says(killed, "yesterday", 20, 50)
    progress = ShardProgress([ended, killed, new])
    assert progress.counts() == (0, 0)
    says(killed, "today", 5, 30)
    says(new, "today", 1, 7)
    assert progress.counts() == (6, 37)


def test_where_there_is_no_terminal_lines_say_how_far_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shard_progress, "LINE_SECONDS", 0.01)
    made = shards(tmp_path)
    with ShardProgress(made) as progress:
        says(made[0], "now", 1000, 4000)
        while not (said := capsys.readouterr()).err:
            assert progress.counts() == (1000, 4000)
    assert re.match(r"1,000 of 4,000 captures, [\d.]+/s, \d+:\d+ left\n", said.err)
    assert said.out == ""
