"""What the crawls of shards say of themselves is added up."""

import json
import re
import time
from pathlib import Path

import pytest

from crawler.cluster import shard_progress
from crawler.cluster.shard_progress import ShardProgress
from crawler.cluster.sharding import Shard
from pipelines.storage.publication import status_file


def shards(folder: Path) -> list[Shard]:
    made = [Shard(name, folder / name, ["a.com"], "") for name in ("0", "1", "2")]
    for shard in made:
        shard.folder.mkdir()
    return made


def says(shard: Shard, started_at: str, settled: int, chosen: int) -> None:
    said = {"started_at": started_at, "settled": settled, "chosen": chosen}
    part = shard.folder / "part"
    part.write_text(json.dumps(said))
    part.replace(status_file(shard.corpus))


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
    says(made[0], "yesterday", 4, 4)
    with ShardProgress(made):
        says(made[0], "now", 1000, 4000)
        for _ in range(500):
            if said := capsys.readouterr().err:
                break
            time.sleep(0.01)
    assert re.match(r"1,000 of 4,000 captures, [\d.]+/s, \d+:\d+ left\n", said)


def test_what_a_lost_machine_left_does_not_keep_the_rest_from_view(tmp_path: Path) -> None:
    broken, other, _ = made = shards(tmp_path)
    status_file(broken.corpus).write_bytes(b"")
    progress = ShardProgress(made)
    says(other, "now", 2, 3)
    assert progress.counts() == (2, 3)
