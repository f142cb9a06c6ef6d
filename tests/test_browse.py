"""`scrapy browse` as a person with a browser finds it."""

import asyncio
import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace
from typing import ClassVar
from urllib.parse import urlsplit

import feedparser
import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page
from selectolax.lexbor import LexborHTMLParser

from crawler.errors import InputError
from pipelines.browse import shelf
from pipelines.browse.app import make_app, templates
from pipelines.browse.crawl import crawl_page
from pipelines.browse.rendering import as_shown, rendered
from pipelines.browse.site import key
from tests.browsing import browsed, chromium
from tests.crawling import Crawl
from tests.imitation import Captured, imitate
from tests.test_archive_trouble import QUICK

SITE = "northpantry.example"
EVIL = "evil.example"
EVIL_URL = "http://evil.example/privacy"
CLAUSES = " ".join(
    f"We collect your name and share it with partner number {n}; we never sell your data."
    for n in range(40)
)
TRAPS = """
<script>fetch("ATTACKER/script")</script>
<meta http-equiv="refresh" content="1; url=ATTACKER/refresh">
<img src="ATTACKER/img.png" onerror="fetch('ATTACKER/onerror')">
<svg onload="fetch('ATTACKER/onload')"><a xlink:href="javascript:fetch('ATTACKER/link')">x</a></svg>
<iframe src="ATTACKER/frame"></iframe><object data="ATTACKER/object"></object>
<form action="ATTACKER/form"><button autofocus onfocus="fetch('ATTACKER/focus')">b</button></form>
<link rel="stylesheet" href="ATTACKER/style.css"><link rel="prefetch" href="ATTACKER/prefetch">
<style>@import "ATTACKER/import.css"; body { background: url(ATTACKER/background) }</style>
<a id="bad" href="javascript:fetch('ATTACKER/javascript')">our partners</a>
<details open ontoggle="fetch('ATTACKER/toggle')"><summary>s</summary></details>
"""


class Attacker(BaseHTTPRequestHandler):
    """Notes who asks."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(204)
        self.end_headers()

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def attacker() -> Iterator[str]:
    """The address of a server that hostile pages want to be asked."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Attacker)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def evil_page(more: str, attacker: str) -> bytes:
    words = f"<p>{CLAUSES} {more} &lt;script&gt;fetch('{attacker}/text')&lt;/script&gt;</p>"
    title = "&lt;img src=x onerror=alert(1)&gt; Privacy Policy"
    return (
        f"<html><head><title>{title}</title></head><body><h1>Privacy Policy</h1>"
        f"{TRAPS.replace('ATTACKER', attacker)}{words}"
        f"<p>[click](javascript:fetch('{attacker}/markdown')) **bold** {CLAUSES}</p></body></html>"
    ).encode()


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory, attacker: str) -> Iterator[str]:
    """The address of a corpus of hostile pages."""
    crawl = Crawl(tmp_path_factory.mktemp("evil"))
    captures = [
        Captured("20150501000000", EVIL_URL, evil_page("once", attacker), digest="one"),
        Captured(
            "20170501000000", EVIL_URL, evil_page("twice and for ever", attacker), digest="two"
        ),
    ]
    with imitate(captures) as archive:
        given = {"WAYBACK_BASE_URL": archive.address, **QUICK}
        done = crawl.run(domains=f"{EVIL} {EVIL_URL}", select="all", settings=given)
    assert done.returncode == 0, done.stderr
    assert crawl.outcomes() == {"text": 2}
    with browsed(crawl) as address:
        yield address


@pytest.fixture(scope="module")
def served(demo: Crawl) -> Iterator[str]:
    """The address of the demo corpus."""
    with browsed(demo) as address:
        yield address


@pytest.fixture(scope="module")
def of_real_archives(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Iterator[str]:
    """The address of a corpus of real policies."""
    crawl = Crawl(tmp_path_factory.mktemp("real"))
    files = [shared_data / f"real-archive-{name}.warc.gz" for name in ("dense", "sparse")]
    done = crawl.run(
        domains=shared_data / "real-archive-domains.txt", archive=",".join(map(str, files))
    )
    assert done.returncode == 0, done.stderr
    with browsed(crawl) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless browser."""
    with chromium() as found:
        yield found


@dataclass
class Look:
    """A page in the browser, and what went wrong there."""

    page: Page
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note what the page complains of, and what it asks for elsewhere."""
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self._asked(request.url))

    def _said(self, said: ConsoleMessage) -> None:
        of_stored = said.location["url"].endswith("/page")  # what it may not do is said there
        if said.type in ("error", "warning") and not of_stored:
            self.errors.append(said.text)

    def _asked(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws") and parts.hostname != "127.0.0.1":
            self.outside.append(url)


@pytest.fixture
def look(browser: Browser) -> Iterator[Look]:
    """A page that nobody has looked at."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    found = Look(context.new_page())
    found.watch()
    yield found
    context.close()


def addresses(served: str, domain: str = SITE) -> dict[str, str]:
    """The address of each kind of page."""
    versions = httpx.get(f"{served}/sites/{domain}.json").json()["histories"][0]["versions"]
    last = versions[-1]["key"]
    return {
        "home": "/",
        "site": f"/sites/{domain}",
        "version": f"/sites/{domain}/versions/{last}",
        "change": f"/sites/{domain}/changes/{last}",
        "side by side": f"/sites/{domain}/changes/{last}?view=side",
        "search": "/search?q=personal",
        "phrase": "/phrases?q=personal",
        "cite": f"/sites/{domain}/cite?q=personal",
        "crawl": "/crawl",
    }


KINDS = ["cite", "home", "site", "version", "change", "side by side", "search", "phrase", "crawl"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("corpus", "domain"), [("served", SITE), ("of_real_archives", "tinder.com")]
)
def test_a_page_has_no_error_asks_nobody_else_and_is_accessible(
    corpus: str, domain: str, kind: str, look: Look, request: pytest.FixtureRequest
) -> None:
    served = request.getfixturevalue(corpus)
    reply = look.page.goto(served + addresses(served, domain)[kind], wait_until="networkidle")
    assert reply is not None
    assert reply.ok
    assert look.page.locator("h1").count() == 1
    assert look.errors == []
    assert look.outside == []
    found = Axe().run(look.page)
    serious = [
        (v["id"], [node["html"] for node in v["nodes"]][:3])
        for v in found.response["violations"]
        if v["impact"] in ("serious", "critical")
    ]
    assert serious == []


@pytest.mark.parametrize("kind", ["home", "site", "change", "version", "phrase", "cite"])
def test_a_page_fits_a_phone_and_the_dark(kind: str, served: str, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 375, "height": 800}, color_scheme="dark")
    page = context.new_page()
    page.goto(served + addresses(served)[kind])
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert sum(map(int, paper[4:-1].split(", "))) < 150, "the dark is dark"
    found = Axe().run(page).response["violations"]
    assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []
    context.close()


def test_home_is_light(served: str, look: Look) -> None:
    sizes: list[int] = []
    look.page.on("response", lambda reply: sizes.append(len(reply.body())))
    look.page.goto(served, wait_until="networkidle")
    assert 10_000 < sum(sizes) < 200_000


def test_the_keyboard_leads_from_home_to_a_change(served: str, look: Look) -> None:
    page = look.page
    page.goto(served)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"

    named = "(at => at.getAttribute('aria-label') || at.innerText || '')(document.activeElement)"

    def tab_to(text: str) -> None:
        for _ in range(200):
            page.keyboard.press("Tab")
            if text in page.evaluate(named):
                return
        raise AssertionError(f"no way to {text}")

    tab_to(SITE)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/sites/{SITE}")
    tab_to("version of 2016")
    page.keyboard.press("Enter")
    page.wait_for_url("**/versions/2016*")
    tab_to("what changed")
    page.keyboard.press("Enter")
    page.wait_for_url("**/changes/2016*")
    assert "2015-08-06" in page.locator("h1").inner_text()


def test_the_slider_goes_through_the_versions(served: str, look: Look) -> None:
    page = look.page
    page.goto(served + addresses(served)["change"], wait_until="networkidle")
    before = page.locator("h1").inner_text()
    page.locator("input[data-versions]").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(
        "(before) => document.querySelector('h1').innerText !== before", arg=before
    )
    assert "2018-05-26" in page.locator("h1").inner_text()
    assert "/changes/20180526" in page.url
    assert look.errors == []


def test_the_slider_keeps_the_view_and_the_way_back(served: str, look: Look) -> None:
    page = look.page
    page.goto(served + addresses(served)["side by side"], wait_until="networkidle")
    start, last = page.url, page.locator("h1").inner_text()
    page.locator("input[data-versions]").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/changes/20180526*?view=side")
    assert page.locator(".diff.side").count() == 1
    as_json = page.locator("footer a").first.get_attribute("href") or ""
    assert as_json.startswith(urlsplit(page.url).path)
    page.go_back()
    page.wait_for_function("(last) => document.querySelector('h1').innerText === last", arg=last)
    assert page.url == start


def test_a_jump_inside_a_page_does_not_load_it_again(served: str, look: Look) -> None:
    page = look.page
    page.goto(served + addresses(served)["change"], wait_until="networkidle")
    page.evaluate("window.same = true")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # to the content
    page.wait_for_timeout(300)
    assert page.url.endswith("#main")
    assert page.evaluate("window.same") is True


def test_two_versions_of_ones_choice_are_compared(served: str, look: Look) -> None:
    page = look.page
    page.goto(served + addresses(served)["change"])
    first = page.locator("select[name=since] option").last
    page.locator("select[name=since]").select_option(first.get_attribute("value"))
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**since=2013*")
    assert page.locator("h1").inner_text() == "Changed after 2015-08-06, by 2022-02-14"
    said = page.locator(".lede").inner_text()
    assert "2 versions between them" in said
    assert "ubstantive" not in said, "that is the kind of another change"


def test_reading_grades_come_into_the_timeline_and_leave_the_focus(served: str, look: Look) -> None:
    page = look.page
    page.route("**detail=true", lambda route: (time.sleep(0.5), route.continue_()))
    page.goto(f"{served}/sites/{SITE}")
    bar = page.locator("a.bar").first
    bar.focus()
    key = bar.get_attribute("href")
    page.wait_for_selector(".timeline .grade", state="attached")
    versions = page.locator("a.bar").count()
    assert page.locator(".timeline .grade").count() == versions > 1
    assert "reading grade" in page.locator(".timeline").first.text_content()
    assert page.evaluate("document.activeElement.getAttribute('href')") == key


def test_words_that_came_and_went_are_marked(served: str, look: Look) -> None:
    page = look.page
    page.goto(served + addresses(served)["change"])
    assert "22 May 2018" in page.locator("del").all_inner_texts()
    assert "1 February 2022" in page.locator("ins").all_inner_texts()


def test_a_version_shows_its_text_its_provenance_and_its_page(served: str, look: Look) -> None:
    page = look.page
    page.goto(served + addresses(served)["version"], wait_until="networkidle")
    assert "weekly boxes of vegetables" in page.locator("article").inner_text()
    assert page.locator("aside a").first.get_attribute("href") == (
        "https://web.archive.org/web/20220214100803/"
        "https%3A//www.northpantry.example/legal/privacy-notice"
    )
    page.locator("iframe").scroll_into_view_if_needed()
    frame = page.frame_locator("iframe")
    assert "weekly boxes" in frame.locator("body").inner_text()


def test_a_phrase_is_counted_by_year_and_shown_in_context(served: str, look: Look) -> None:
    page = look.page
    page.goto(f"{served}/phrases?q=%22supervisory+authority%22")
    assert "2018" in page.locator("main").inner_text()
    assert "supervisory authority" in page.locator("mark").first.inner_text().lower()


@pytest.mark.parametrize("kind", ["home", "site", "version", "change", "side by side"])
def test_a_hostile_page_does_nothing(kind: str, evil: str, look: Look) -> None:
    page = look.page
    Attacker.asked.clear()
    page.goto(evil + addresses(evil, EVIL)[kind], wait_until="networkidle")
    if page.locator("iframe").count():
        page.locator("iframe").scroll_into_view_if_needed()
        page.wait_for_timeout(1500)  # time for what would happen
        assert "partner number 3" in page.frame_locator("iframe").locator("body").inner_text()
    assert Attacker.asked == []
    assert look.outside == []
    assert (
        page.locator(
            "main script, main [onerror], main [onload], main iframe:not([sandbox=''])"
        ).count()
        == 0
    )
    assert page.locator("main a[href^='javascript']").count() == 0


def test_the_test_of_hostile_pages_can_fail(look: Look, attacker: str) -> None:
    Attacker.asked.clear()
    body = f"<!doctype html><html><body>{TRAPS.replace('ATTACKER', attacker)}"
    look.page.route("**/start", lambda route: route.fulfill(body=body, content_type="text/html"))
    look.page.goto(f"{attacker}/start")
    look.page.wait_for_timeout(2000)
    ran = {"/script", "/onerror", "/onload", "/focus", "/toggle"}
    fetched = {"/img.png", "/style.css", "/import.css", "/background", "/frame", "/object"}
    assert ran | fetched | {"/refresh"} <= {*Attacker.asked}


def test_the_stored_page_may_do_nothing_even_by_itself(evil: str, look: Look) -> None:
    Attacker.asked.clear()
    address = evil + addresses(evil, EVIL)["version"] + "/page"
    reply = look.page.goto(address, wait_until="networkidle")
    assert reply is not None
    assert "sandbox" in reply.headers["content-security-policy"].split("; ")
    look.page.wait_for_timeout(1000)
    assert look.page.url == address
    assert Attacker.asked == []


# -- without a browser -----------------------------------------------------------------------------


def test_every_page_is_json_as_its_schema_says(served: str) -> None:
    paths = httpx.get(f"{served}/openapi.json").json()["paths"]
    assert {path.rpartition("/")[2] for path in paths} >= {
        "index.json",
        "{domain}.json",
        "{key}.json",
    }
    for kind, path in addresses(served).items():
        bare, _, query = path.partition("?")
        bare = "/index" if bare == "/" else bare
        found = httpx.get(f"{served}{bare}.json?{query}")
        assert found.status_code == 200, (kind, found.text)
        assert isinstance(found.json(), dict)


def test_results_go_on_over_pages_each_once(served: str) -> None:
    asked = f"{served}/search.json?q=personal&every=true&page="
    pages = [httpx.get(f"{asked}{number}").json() for number in (1, 2)]
    seen = [(r["domain"], r["key"]) for page in pages for r in page["results"]]
    assert len(seen) == len(set(seen)) == pages[0]["versions"] > 10
    link = LexborHTMLParser(httpx.get(f"{served}/search?q=personal&every=true").text)
    (following,) = link.css('a[rel="next"]')
    assert httpx.get(f"{served}{following.attributes['href']}").status_code == 200


@pytest.mark.parametrize("path", ["/changes.atom", f"/sites/{SITE}.atom"])
def test_feeds_have_the_entries_that_scrapy_feed_writes(
    path: str, served: str, demo: Crawl, tmp_path: Path
) -> None:
    assert demo.scrapy("feed", str(tmp_path / "feeds")).returncode == 0
    file = "all.atom" if path == "/changes.atom" else path[1:]
    written = feedparser.parse((tmp_path / "feeds" / file).read_bytes())
    reply = httpx.get(served + path)
    sent = feedparser.parse(reply.content)
    assert len(sent.entries) > 1
    assert [(e.id, e.title, e.content) for e in sent.entries] == [
        (e.id, e.title, e.content) for e in written.entries
    ]
    assert sent.feed.id == written.feed.id
    again = httpx.get(served + path, headers={"If-None-Match": reply.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_pages_name_their_feeds(served: str) -> None:
    for path in ("/", f"/sites/{SITE}"):
        page = LexborHTMLParser(httpx.get(served + path).text)
        (link,) = page.css('link[rel="alternate"][type="application/atom+xml"]')
        assert httpx.get(f"{served}{link.attributes['href']}").status_code == 200


def test_a_sentence_is_cited_as_far_as_captures_show(served: str) -> None:
    versions = httpx.get(f"{served}/sites/{SITE}.json").json()["histories"][0]["versions"]
    page = LexborHTMLParser(httpx.get(f"{served}/sites/{SITE}/versions/{versions[0]['key']}").text)
    (form,) = page.css('form[action$="/cite"]')
    asked = f"{served}{form.attributes['action']}"
    sentence = "We process account and order data"
    found = httpx.get(f"{asked}.json", params={"q": sentence}).json()
    ((policy, period),) = [(p, stood) for p in found["policies"] for stood in p["periods"]]
    assert (policy["holding"], policy["versions"]) == (2, 4)
    assert period["statements"][0].startswith("present from 2018-05-26T06:33:40Z to 2022-02-14T")
    assert period["statements"][1].startswith("absent in the last capture before (2017-11-14T")
    first = next(end for end in period["ends"] if end["which"] == "first")
    assert first["address"].endswith("#:~:text=We%20process%20account%20and%20order%20data")
    shown = LexborHTMLParser(httpx.get(asked, params={"q": sentence}).text)
    assert first["address"] in [link.attributes["href"] for link in shown.css("main td a")]


def test_a_sentence_that_no_version_has_is_answered_with_what_is_like_it(served: str) -> None:
    asked = f"{served}/sites/{SITE}/cite.json"
    found = httpx.get(asked, params={"q": "We process account and odrer data"}).json()
    assert not any(policy["periods"] for policy in found["policies"])
    assert "account and order data" in found["alike"][0]["alike"]
    assert httpx.get(asked, params={"q": "…"}).json()["detail"].endswith("must have a word")


def test_examples_of_a_phrase_are_each_of_another_site(served: str) -> None:
    found = httpx.get(f"{served}/phrases.json?q=personal").json()["examples"]
    assert len({example["domain"] for example in found}) == len(found) > 3


def test_a_version_names_all_its_captures(of_real_archives: str) -> None:
    (history,) = httpx.get(f"{of_real_archives}/sites/tinder.com.json").json()["histories"]
    version = max(history["versions"], key=lambda version: version["captures"])
    page = httpx.get(f"{of_real_archives}/sites/tinder.com/versions/{version['key']}.json").json()
    assert len(page["captures"]) == version["captures"] > 5


def test_each_version_has_a_key_of_its_own_at_which_it_is_found(served: str) -> None:
    latest = httpx.get(f"{served}/index.json").json()["latest"]
    for change in latest[:3]:
        path = f"{served}/sites/{change['domain']}/changes/{change['key']}.json"
        found = httpx.get(path).json()
        assert found["new"]["first_seen"] == change["changed_before"]
    about = {
        "timestamp": "20180526063340",
        "policy_id": "http://a.example/",
        "language": "en",
        "snapshot_url": "https://web.archive.org/web/20180526063340id_/http%3A//a.example/",
        "text_id": "0" * 64,
    }
    keys = {key(SimpleNamespace(archive=archive, **about)) for archive in ("wayback", "warc")}
    assert len(keys) == 2, "two archives may have the same capture"


def test_a_site_without_a_text_shows_what_became_of_its_captures(crawl: Crawl) -> None:
    captures = [Captured(f"201{n}0501000000", EVIL_URL, b"", status=404) for n in range(3)]
    with imitate(captures) as archive:
        given = {"WAYBACK_BASE_URL": archive.address, **QUICK}
        assert crawl.run(domains=f"{EVIL} {EVIL_URL}", settings=given).returncode == 0
    with browsed(crawl) as served:
        home = LexborHTMLParser(httpx.get(served).text)
        (link,) = home.css(".heat a")
        reply = httpx.get(f"{served}{link.attributes['href']}")
        assert reply.status_code == 200
        assert "No capture of it has a text" in reply.text
        assert reply.text.count("<td>not_found</td>") == 3


def test_what_cannot_be_answered_is_said_on_a_page_and_in_json(served: str) -> None:
    later, first = (
        httpx.get(f"{served}/sites/{SITE}.json").json()["histories"][0]["versions"][n]["key"]
        for n in (-1, 0)
    )
    for path, status, heading in (
        ("/?page=none", 422, "That cannot be answered"),
        ("/search?q=data&at=2020-99-99", 400, "That cannot be answered"),
        ("/search?q=((data", 400, "That cannot be answered"),
        ("/search?q=data&site=nowhere.example", 400, "That cannot be answered"),
        ("/search?q=data&language=xx", 400, "That cannot be answered"),
        ("/search?q=" + "a" * 20_000, 422, "That cannot be answered"),
        (f"/sites/{SITE}/changes/{first}?since={later}", 404, "Not here"),
    ):
        reply = httpx.get(served + path)
        assert (reply.status_code, f"<h1>{heading}</h1>" in reply.text) == (status, True), path
    assert httpx.get(f"{served}/index.json?page=none").json()["detail"].startswith("page: ")


def test_nobody_elses_name_for_this_machine_is_answered(served: str) -> None:
    port = urlsplit(served).port
    for host, status in ((f"localhost:{port}", 200), ("evil.example", 400), (f"evil:{port}", 400)):
        assert httpx.get(f"{served}/index.json", headers={"Host": host}).status_code == status


def test_a_head_is_answered_without_a_body(served: str) -> None:
    for path in ("/", "/index.json", "/changes.atom", "/static/style.css"):
        reply = httpx.head(served + path)
        assert (reply.status_code, reply.content) == (200, b"")


def test_a_page_that_must_wait_for_the_index_asks_again_by_itself(
    demo: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_go_on = Event(), Event()

    def slow(*_: object) -> None:
        begun.set()
        may_go_on.wait(10)
        raise InputError("the folder cannot be written")

    monkeypatch.setattr(shelf, "Search", slow)
    monkeypatch.setattr(shelf, "PATIENCE", 0.1)
    app = httpx.ASGITransport(make_app(shelf.Shelf(demo.corpus), 10))

    def get(path: str) -> httpx.Response:
        async def reply() -> httpx.Response:
            async with httpx.AsyncClient(transport=app, base_url="http://127.0.0.1") as client:
                return await client.get(path)

        with ThreadPoolExecutor(1) as pool:  # the browser's loop runs in this thread
            return pool.submit(asyncio.run, reply()).result()

    reply = get("/search?q=data")
    assert begun.is_set()
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "3")
    assert '<meta http-equiv="refresh" content="3">' in reply.text
    assert get("/").status_code == 200, "other pages do not wait"
    may_go_on.set()
    while (reply := get("/search?q=data")).status_code == 503:
        time.sleep(0.05)
    assert "the folder cannot be written" in reply.text


def test_a_bracket_within_a_day_is_told_by_its_times() -> None:
    macros = templates.env.get_template("macros.html").module
    seen = [datetime(2025, 5, 22, hour, 33, 41) for hour in (0, 12)]
    said = str(macros.bracket(*seen)).replace("<time>", "").replace("</time>", "")
    assert said == "on 2025-05-22, after 00:33:41, by 12:33:41"


@pytest.mark.parametrize(("age", "running"), [(1, True), (120, False)])
def test_a_crawl_that_has_long_said_nothing_does_not_run(
    age: int, running: bool, tmp_path: Path
) -> None:
    corpus = tmp_path / "policies.duckdb"
    numbers = "chosen settled index_requests page_requests retries pauses a_minute".split()
    said = {
        "pid": os.getpid(),  # of another program by now, as far as anybody knows
        "ended": None,
        "started_at": datetime.now(UTC).isoformat(),
        "updated_at": (datetime.now(UTC) - timedelta(seconds=age)).isoformat(),
        "seconds_left": None,
        **dict.fromkeys(numbers, 0),
        **{"outcomes": {}, "archives": [], "fetching": []},
    }
    corpus.with_name("policies.duckdb.crawl.json").write_text(json.dumps(said))
    found = crawl_page(corpus).crawl
    assert found is not None
    assert found.running is running


def test_what_is_not_there_is_said_in_a_line(served: str) -> None:
    for path in (
        "/sites/nowhere.example",
        f"/sites/{SITE}/versions/20000101000000-abc",
        "/nothing",
    ):
        reply = httpx.get(served + path)
        assert reply.status_code == 404
        assert "<h1>Not here</h1>" in reply.text
    said = httpx.get(f"{served}/sites/northpantri.example.json").json()["detail"]
    assert said == (
        "northpantri.example: no capture of it in this corpus; did you mean northpantry.example?"
    )


def test_a_site_is_found_however_its_name_is_written(served: str) -> None:
    assert httpx.get(f"{served}/sites/{SITE.upper()}.json").json()["domain"] == SITE
    for name in "bücher-möller.example", "xn--bcher-mller-xfb5e.example":
        assert httpx.get(f"{served}/sites/{name}").status_code == 200
        [row] = httpx.get(f"{served}/index.json", params={"site": name}).json()["sites"]
        assert row["domain"] == "xn--bcher-mller-xfb5e.example"


def test_a_version_leads_to_what_its_archive_shows_and_to_what_the_site_sent(served: str) -> None:
    newest = httpx.get(f"{served}/sites/{SITE}.json").json()["histories"][0]["versions"][-1]["key"]
    page = LexborHTMLParser(httpx.get(f"{served}/sites/{SITE}/versions/{newest}").text)
    shown, sent = page.css("aside dd")[0].css("a")
    assert "id_/" not in (shown.attributes["href"] or "")
    assert sent.attributes["href"] == (shown.attributes["href"] or "").replace(
        f"/{newest[:14]}/", f"/{newest[:14]}id_/"
    )


def test_a_record_in_a_file_has_one_address_only() -> None:
    record = "https://data.commoncrawl.org/a/b.warc.gz#7+9/20220214100803id_/http%3A//a.example/p"
    assert as_shown(record) == record


def test_headings_of_a_text_stand_under_those_of_the_page() -> None:
    page = LexborHTMLParser(rendered("# One\n\nTwo\n===\n\n## Three\n\n###### Six"))
    assert [node.tag for node in page.css("h1, h2, h3, h4, h5, h6")] == ["h3", "h3", "h4", "h6"]


def test_nothing_can_be_written(served: str) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert httpx.request(method, served).status_code == 405


def test_every_answer_has_a_strict_policy(served: str) -> None:
    for path in addresses(served).values():
        policy = httpx.get(served + path).headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self';")
        assert "unsafe" not in policy


def test_a_page_shows_what_a_crawl_has_added(crawl: Crawl) -> None:
    from tests.crawling import DEMO

    archive = DEMO / "demo.warc.gz"
    one = f"{SITE} http://www.northpantry.example/privacy"
    assert crawl.run(domains=one, archive=archive).returncode == 0
    with browsed(crawl) as served:
        assert httpx.get(f"{served}/index.json").json()["totals"]["sites"] == 1
        assert crawl.run(domains=DEMO / "domains.txt", archive=archive).returncode == 0
        for _ in range(100):
            found = httpx.get(f"{served}/index.json").json()["totals"]["sites"]
            if found == 14:
                break
            time.sleep(0.1)
        assert found == 14


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--port", "70000"), "--port 70000: not from 0 to 65535"),
        (("-s", "DUCKDB_PATH=/nowhere/x.duckdb"), "DUCKDB_PATH=/nowhere/x.duckdb: no such file"),
    ],
)
def test_what_was_typed_wrong_is_said_in_a_line(
    arguments: tuple[str, ...], said: str, demo: Crawl
) -> None:
    if "DUCKDB_PATH" in str(arguments):
        demo = Crawl(demo.folder.parent / "none")
    done = demo.scrapy("browse", "--no-open", *arguments)
    assert done.returncode == 2
    assert said.split("/nowhere")[0] in done.stderr
    assert done.stderr.count("\n") == 1
