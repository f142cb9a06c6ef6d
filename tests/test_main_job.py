"""The main job as a user runs it: the demo, the seed corpus, real captures, kill and resume."""

import csv
import signal
import time
from pathlib import Path

import pytest

from tests.crawling import DEMO, Crawl

VERSIONS = (
    "SELECT * EXCLUDE (archive, text, markdown), md5(text), md5(markdown)"
    " FROM policies ORDER BY domain, policy_url, timestamp"
)


def demo_truth() -> list[dict[str, str]]:
    with (DEMO / "expected.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    crawl = Crawl(tmp_path_factory.mktemp("demo"))
    done = crawl.run(domains=DEMO / "domains.txt", archive=DEMO / "demo.warc.gz", select="unique")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return crawl


def test_the_search_finds_the_same_versions_with_fewer_fetches(demo: Crawl, crawl: Crawl) -> None:
    done = crawl.run(domains=DEMO / "domains.txt", archive=DEMO / "demo.warc.gz")
    assert done.returncode == 0, done.stderr
    edges = "SELECT domain, policy_url, timestamp, changed_after FROM policies ORDER BY ALL"
    assert crawl.rows(edges) == demo.rows(edges)
    fetched = "SELECT count(fetched_at) FROM captures"
    assert crawl.rows(fetched) < demo.rows(fetched)
    assert "pending" not in crawl.outcomes()


def test_every_capture_of_the_demo_is_accounted_for(demo: Crawl) -> None:
    known = {(row["timestamp"], row["original"]) for row in demo_truth()}
    found = demo.rows("SELECT timestamp, original, outcome FROM captures")
    assert {row[:2] for row in found} == known
    assert len(found) == len(known)
    assert None not in {outcome for *_, outcome in found}


def test_losses_of_the_demo_have_their_causes(demo: Crawl) -> None:
    names = {"captcha": "blocked"}
    lost = ("not_found", "http_error", "soft_404", "captcha")
    expected = {
        (row["timestamp"], names.get(row["outcome"], row["outcome"]))
        for row in demo_truth()
        if row["outcome"] in lost
    }
    query = "SELECT timestamp, outcome FROM captures WHERE outcome IN (SELECT unnest(?))"
    wanted = ["not_found", "http_error", "soft_404", "blocked"]
    assert set(demo.rows(query, [wanted])) == expected


def test_captures_of_one_version_of_the_demo_have_one_text(demo: Crawl) -> None:
    text_of = {
        (timestamp, original): text_id
        for timestamp, original, text_id in demo.rows(
            "SELECT timestamp, original, text_id FROM captures WHERE text_id IS NOT NULL"
        )
    }
    texts: dict[tuple[str, str], set[str]] = {}
    for row in demo_truth():
        if row["version"] and not row["note"].startswith("hard: menu"):
            key = (row["policy_url"].rsplit("/", 1)[0], row["version"])
            texts.setdefault(key, set()).add(text_of[row["timestamp"], row["original"]])
    several = {key for key, ids in texts.items() if len(ids) > 1}
    assert several <= {("http://www.harborlightbooks.example", "v3")}
    assert len(set().union(*texts.values())) >= len(texts)


def test_a_policy_that_goes_back_to_an_earlier_text_has_three_versions(demo: Crawl) -> None:
    ids = demo.rows(
        "SELECT text_id, captures FROM policies WHERE domain = 'tidewater-auctions.example'"
        " ORDER BY timestamp"
    )
    (first, n1), (second, n2), (third, n3) = ids
    assert first == third != second
    assert (n1, n2, n3) == (3, 3, 3)


def test_old_encodings_are_read(demo: Crawl) -> None:
    japanese = "SELECT text FROM policies WHERE domain = 'hoshizora-ryokan.example' LIMIT 1"
    german = "SELECT string_agg(text, '') FROM policies WHERE domain = 'werkzeug-hansen.example'"
    assert "個人情報" in demo.rows(japanese)[0][0]
    assert {"ä", "ö", "ü", "ß"} <= set(demo.rows(german)[0][0])
    assert demo.rows("SELECT count(*) FROM texts WHERE contains(body, chr(65533))") == [(0,)]


def test_a_redirect_gives_its_text_the_date_of_the_page_it_led_to(demo: Crawl) -> None:
    (row,) = demo.rows(
        "SELECT served_timestamp, served_url, outcome FROM captures"
        " WHERE timestamp = '20180526063317'"
    )
    assert row == (
        "20180526063340",
        "https://www.northpantry.example/legal/privacy-notice",
        "text",
    )
    seen = demo.rows("SELECT count(*) FROM policies WHERE timestamp = '20180526063317'")
    assert seen == [(0,)]


def test_a_redirect_into_another_year_is_no_text(demo: Crawl) -> None:
    (row,) = demo.rows(
        "SELECT outcome, served_timestamp, text_id FROM captures WHERE timestamp = '20210112093014'"
    )
    assert row == ("wrong_capture", "20200405171522", None)


def test_a_domain_without_an_address_is_reported(demo: Crawl) -> None:
    assert demo.rows("SELECT domain FROM listings WHERE status = 'no_policy_url'") == [
        ("stillwater-fm.example",)
    ]


@pytest.mark.parametrize(
    ("days", "requests"),
    [
        (7, "16 index, 0 pages"),
        # and again for a redirect with its target, and for the policy of a site that has none
        (0, "18 index, 3 pages"),
    ],
)
def test_the_same_command_again_asks_for_what_was_lost_only_and_changes_nothing(
    demo: Crawl, days: int, requests: str
) -> None:
    before = demo.rows(VERSIONS), demo.outcomes()
    done = demo.run(
        domains=DEMO / "domains.txt",
        archive=DEMO / "demo.warc.gz",
        select="unique",
        settings={"UNPLAYABLE_DAYS": days},
    )
    assert f"requests  {requests}" in done.stdout
    assert (demo.rows(VERSIONS), demo.outcomes()) == before


def test_other_rules_choose_fewer_captures(crawl: Crawl) -> None:
    archive = DEMO / "demo.warc.gz"
    crawl.run(domains=DEMO / "domains.txt", archive=archive, select="year")
    yearly = crawl.outcomes()
    assert yearly["not_selected"] > 20
    assert sum(yearly.values()) == len(demo_truth())
    crawl.run(domains=DEMO / "domains.txt", archive=archive, select="all")
    assert "not_selected" not in crawl.outcomes()
    assert "same_digest" not in crawl.outcomes()


def test_since_and_until_bound_the_index(crawl: Crawl) -> None:
    crawl.run(domains=DEMO / "domains.txt", archive=DEMO, since="2005-03", until="2006")
    (first, last), *_ = crawl.rows("SELECT min(timestamp), max(timestamp) FROM captures")
    assert "20050301" <= first < last < "2007"


def test_a_pywb_server_gives_the_same_versions_as_its_warc(
    demo: Crawl, crawl: Crawl, pywb: str
) -> None:
    done = crawl.run(domains=DEMO / "domains.txt", archive=f"{pywb}/demo", select="unique")
    assert done.returncode == 0, done.stderr
    assert crawl.rows(VERSIONS) == demo.rows(VERSIONS)


@pytest.mark.parametrize("way", ["warc", "pywb"])
def test_the_seed_corpus_comes_out_again(
    way: str, crawl: Crawl, shared_data: Path, request: pytest.FixtureRequest
) -> None:
    seeds = shared_data / "seed-archive"
    archive: object = seeds / "seeds.warc.gz"
    if way == "pywb":
        archive = request.getfixturevalue("pywb") + "/seeds"
    done = crawl.run(domains=seeds / "domains.txt", archive=archive)
    assert done.returncode == 0, done.stderr
    made = dict(crawl.rows("SELECT domain || '_' || timestamp, markdown FROM policies"))
    expected = {
        path.stem: path.read_text(encoding="utf-8") for path in (shared_data / "seeds").glob("*.md")
    }
    assert made.keys() == expected.keys()
    for name, document in expected.items():
        header, blank, title, *_ = document.split("\n")
        assert made[name].split("\n")[:3] == [header, blank, title]
    assert crawl.outcomes()["soft_404"] == 1


def real_crawl(crawl: Crawl, shared_data: Path, **given: object) -> dict[str, object]:
    archives = [shared_data / f"real-archive-{name}.warc.gz" for name in ("dense", "sparse")]
    return {
        "domains": shared_data / "real-archive-domains.txt",
        "archive": ",".join(map(str, archives)),
        **given,
    }


def test_killed_runs_end_as_an_unbroken_one_on_real_captures(
    tmp_path: Path, shared_data: Path
) -> None:
    whole, killed = Crawl(tmp_path / "whole"), Crawl(tmp_path / "killed")
    done = whole.run(**real_crawl(whole, shared_data))
    assert done.returncode == 0, done.stderr
    assert sum(whole.outcomes().values()) == 719
    known = {"text", "same_digest", "empty", "not_policy", "not_selected"}
    assert set(whole.outcomes()) <= known

    kept = []
    for seconds in (4, 6):
        process = killed.start(**real_crawl(killed, shared_data))
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        if killed.corpus.exists():
            kept.append(killed.outcomes().get("text", 0))
    last = killed.run(**real_crawl(killed, shared_data))
    assert last.returncode == 0, last.stderr
    assert kept, "no run was killed in its middle"
    assert kept[-1] < 719
    assert killed.outcomes() == whole.outcomes()
    assert killed.rows(VERSIONS) == whole.rows(VERSIONS)
