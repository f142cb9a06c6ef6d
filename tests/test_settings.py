"""The pace toward archives, and what a Scrapy user finds in the settings."""

from scrapy.settings import Settings

from crawler import settings as project
from crawler.archives import open_archives


def project_settings(**changed: object) -> Settings:
    settings = Settings()
    settings.setmodule(project)
    settings.update(changed)
    return settings


def requests_a_minute(slot: dict[str, float]) -> float:
    assert slot["jitter"] == 0
    return 60 / slot["delay"]


def test_the_wayback_machine_is_asked_at_80_percent_of_its_limits() -> None:
    slots = open_archives("wayback", project_settings())[0].download_slots()
    assert requests_a_minute(slots["wayback-cdx"]) == 24
    assert requests_a_minute(slots["wayback-page"]) == 480
    assert slots["wayback-cdx"]["concurrency"] == 1
    assert slots["wayback-page"]["concurrency"] <= 4


def test_rates_are_settings() -> None:
    changed = project_settings(WAYBACK_CDX_RATE=6, WAYBACK_PAGE_RATE=30)
    slots = open_archives("wayback", changed)[0].download_slots()
    assert [requests_a_minute(slot) for slot in slots.values()] == [6, 30]


def test_other_servers_than_those_on_this_machine_are_paced_too() -> None:
    slots = open_archives("https://archive.example/coll", project_settings())[0].download_slots()
    assert [requests_a_minute(slot) for slot in slots.values()] == [200, 320]


def test_a_live_429_pauses_for_at_least_a_minute_by_default() -> None:
    assert project_settings().getfloat("ARCHIVE_PAUSE") >= 60


def test_nothing_listens_on_a_port() -> None:
    settings = project_settings()
    assert not settings.getbool("TELNETCONSOLE_ENABLED")
    assert not settings.getbool("REMOTE_CONTROL_ENABLED")
