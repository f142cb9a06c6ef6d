"""The server: addresses, what stands at each, and what a page may do.

Every page is at an address that can be shared, and its data as JSON at the same address with
`.json`, described by `/openapi.json`. Nothing is written, nothing comes from anywhere else.
"""

from collections.abc import Awaitable, Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import duckdb
from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, PackageLoader, StrictUndefined
from pydantic import AfterValidator
from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from crawler import __version__
from crawler.errors import InputError
from crawler.outcomes import Outcome
from pipelines.browse import change, cite, crawl, feed, home, phrase, site, timeline, version
from pipelines.browse.rendering import as_shown, rendered
from pipelines.browse.shelf import Busy, Shelf
from pipelines.browse.stored import stored_page
from pipelines.citation.citations import bibtex, csl

STATIC = Path(__file__).parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self';"
    " connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
# Of a stored page: nothing runs, nothing is fetched, and it has no origin.
POLICY_OF_STORED = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none';"
    " base-uri 'none'; frame-ancestors 'self'; sandbox"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-DNS-Prefetch-Control": "off",  # no policy keeps a browser from looking up a link's name
}
OURS = "127.0.0.1", "localhost", "::1", "[::1]"  # this machine's names for itself
AGAIN = 3  # seconds until a page that must wait asks again
VERSION = "/sites/{domain}/versions/{key}"
CHANGE = "/sites/{domain}/changes/{key}"

router = APIRouter()


def make_app(shelf: Shelf, entries: int, host: str = OURS[0]) -> FastAPI:
    """Return the server of a corpus, whose feeds have so many entries at most.

    If `host`, to which it listens, is this machine only, it answers to no other machine's name: a
    page elsewhere may have that lead here (DNS rebinding).
    """
    app = FastAPI(title="policy-history", version=__version__, docs_url=None, redoc_url=None)
    app.state.shelf = shelf
    app.state.entries = entries
    app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_exception_handler(InputError, _not_there)
    app.add_exception_handler(Busy, _busy)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_middleware(_Heads)
    if host in OURS or host.startswith("127."):
        hosts = [host, *OURS]
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False)
    app.middleware("http")(_guarded)
    return app


def _corpus(request: Request) -> Iterator[duckdb.DuckDBPyConnection]:
    with request.app.state.shelf.open() as db:
        yield db


Corpus = Annotated[duckdb.DuckDBPyConnection, Depends(_corpus)]
Site = Annotated[str, AfterValidator(home.as_kept)]
Sought = Annotated[str, Query(max_length=1000)]


def _home(db: Corpus, site: str = "", page: Annotated[int, Query(ge=1)] = 1) -> home.Home:
    return home.home(db, site.strip()[:200], page)


def _site(db: Corpus, domain: Site, detail: bool = False) -> site.Site:
    return site.site(db, domain, detail)


def _cite(db: Corpus, domain: Site, q: str = "") -> cite.CitePage:
    return cite.cite_page(db, domain, " ".join(q.split()))


def _version(db: Corpus, domain: Site, key: str) -> version.VersionPage:
    return version.version_page(db, domain, key)


def _change(
    db: Corpus, domain: Site, key: str, since: str | None = None, substantive: bool = False
) -> change.ChangePage:
    return change.change_page(db, domain, key, since, substantive)


def _search(
    request: Request,
    db: Corpus,
    q: Sought = "",
    site: str = "",
    language: str = "",
    at: str = "",
    every: bool = False,
    page: Annotated[int, Query(ge=1)] = 1,
) -> phrase.SearchPage:
    asked = phrase.Asked(q, site, language, at, every)
    return phrase.search_page(request.app.state.shelf, db, asked, page)


def _phrase(request: Request, db: Corpus, q: Sought = "", language: str = "") -> phrase.PhrasePage:
    return phrase.phrase_page(request.app.state.shelf, db, q, language)


def _crawl(request: Request) -> crawl.CrawlPage:
    return crawl.crawl_page(request.app.state.shelf.corpus)


@router.get(f"{VERSION}/page", response_class=HTMLResponse, include_in_schema=False)
def _stored(request: Request, db: Corpus, domain: Site, key: str) -> Response:
    """The page as it was stored."""
    body = stored_page(db, request.app.state.shelf.corpus, domain, key)
    return HTMLResponse(body, headers={"Content-Security-Policy": POLICY_OF_STORED})


@router.get(f"{VERSION}.md", include_in_schema=False)
def _markdown(db: Corpus, domain: Site, key: str) -> Response:
    """The whole document, header included."""
    return Response(version.document(db, domain, key), media_type="text/markdown; charset=utf-8")


@router.get(f"{VERSION}.bib", include_in_schema=False)
def _bibtex(db: Corpus, domain: Site, key: str) -> Response:
    """How to cite a version, for biblatex."""
    cited = bibtex(domain, [(version.sighting(db, domain, key), "")])
    return Response(cited, media_type="application/x-bibtex; charset=utf-8")


@router.get(f"{VERSION}.csl.json", include_in_schema=False)
def _csl(db: Corpus, domain: Site, key: str) -> Response:
    """How to cite a version, as CSL-JSON."""
    cited = csl(domain, [(version.sighting(db, domain, key), "")])
    return Response(cited, media_type="application/vnd.citationstyles.csl+json")


@router.get("/changes.atom", include_in_schema=False)
def _all_changes(request: Request, db: Corpus) -> Response:
    """The newest changes of all sites, for feed readers."""
    return _atom(request, db, None, request.url_for("home_page"))


@router.get("/sites/{domain}.atom", include_in_schema=False)
def _site_changes(request: Request, db: Corpus, domain: Site) -> Response:
    """The newest changes of a site, for feed readers."""
    return _atom(request, db, domain, request.url_for("site_page", domain=domain))


def _atom(
    request: Request, db: duckdb.DuckDBPyConnection, domain: str | None, page: URL
) -> Response:
    state = f"{request.app.state.shelf.made_of} {request.url}"  # as long as it is the same
    tag = {"ETag": f'"{sha256(state.encode()).hexdigest()}"', "Cache-Control": "no-cache"}
    if request.headers.get("If-None-Match") == tag["ETag"]:
        return Response(status_code=304, headers=tag)
    entries = request.app.state.entries
    written = feed.atom(db, domain, entries, str(request.url), str(page))
    return Response(written, headers=tag, media_type="application/atom+xml")


def _page(path: str, template: str, data: Callable[..., Any], model: Any, json: str) -> None:
    """Serve a page, and its data as JSON."""

    def as_json(found: Annotated[Any, Depends(data)]) -> Any:
        return found

    def as_html(request: Request, found: Annotated[Any, Depends(data)]) -> Response:
        return templates.TemplateResponse(request, template, {"it": found})

    router.get(json, response_model=model, name=template.removesuffix(".html"))(as_json)
    name = f"{template.removesuffix('.html')}_page"
    router.get(path, response_class=HTMLResponse, include_in_schema=False, name=name)(as_html)


_page("/", "home.html", _home, home.Home, "/index.json")
_page("/search", "search.html", _search, phrase.SearchPage, "/search.json")
_page("/phrases", "phrases.html", _phrase, phrase.PhrasePage, "/phrases.json")
_page("/crawl", "crawl.html", _crawl, crawl.CrawlPage, "/crawl.json")
_page(VERSION, "version.html", _version, version.VersionPage, f"{VERSION}.json")
_page(CHANGE, "change.html", _change, change.ChangePage, f"{CHANGE}.json")
_page("/sites/{domain}/cite", "cite.html", _cite, cite.CitePage, "/sites/{domain}/cite.json")
_page("/sites/{domain}", "site.html", _site, site.Site, "/sites/{domain}.json")


async def _not_there(request: Request, error: Exception) -> Response:
    """Answer who named what is not there, or asked what cannot be understood."""
    return _sorry(request, 404 if "domain" in request.path_params else 400, str(error))


async def _busy(request: Request, error: Exception) -> Response:
    return _sorry(request, 503, str(error))


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _sorry(request, error.status_code, str(error.detail))


async def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return _sorry(request, 422, "; ".join(f"{e['loc'][-1]}: {e['msg']}" for e in error.errors()))


def _sorry(request: Request, status: int, said: str) -> Response:
    headers = {"Retry-After": str(AGAIN)} if status == 503 else None
    if request.url.path.endswith(".json"):
        return JSONResponse({"detail": said}, status, headers)
    given = {"said": said, "status": status, "again": AGAIN}
    return templates.TemplateResponse(
        request, "sorry.html", given, status_code=status, headers=headers
    )


async def _guarded(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    """Say what a page may do: nothing but what is here."""
    response = await answer(request)
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.update(HEADERS)
    return response


class _Heads:
    """Answers a HEAD as a GET, of which the server sends no body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        await self.app(scope, receive, send)


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pipelines.browse"), autoescape=True, undefined=StrictUndefined
    )
    environment.globals.update(
        draw=timeline.draw,
        sizes=timeline,
        rendered=rendered,
        Seen=home.Seen,
        meanings={str(outcome): outcome.meaning for outcome in Outcome},
        version=__version__,
    )
    environment.tests["web"] = lambda address: address.startswith(("https://", "http://"))
    environment.filters["day"] = lambda moment: f"{moment:%Y-%m-%d}"
    environment.filters["minute"] = lambda moment: f"{moment:%Y-%m-%d %H:%M}"
    environment.filters["as_shown"] = as_shown
    environment.filters["number"] = lambda value: f"{value:,}"
    return environment


templates = Jinja2Templates(env=_environment())
