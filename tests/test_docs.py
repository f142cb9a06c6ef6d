"""The docs say what the code does, and the notebooks still run."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import requires

import pytest

from tests import docs
from tests.crawling import DEMO, ROOT, Crawl


def test_the_readme_and_the_data_dictionary_are_as_the_code_makes_them() -> None:
    check = [sys.executable, "-m", "cogapp", "-P", "--check", "README.md", "data/README.md"]
    done = subprocess.run(check, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_picture_shows_the_summary_of_the_demo() -> None:
    shown = re.sub(r"<[^>]+>", "", docs.PICTURE.read_text()).replace("&#160;", " ")
    for line in docs.crawled()[1].splitlines():
        assert line.strip() in shown


def test_the_figure_in_the_readme_is_that_of_the_report_on_the_demo() -> None:
    assert docs.AROUND_GDPR.read_text() == docs.around_gdpr()


def test_our_settings_are_in_the_readme_with_their_defaults() -> None:
    readme = (ROOT / "README.md").read_text()
    tree = ast.parse((ROOT / "crawler" / "settings.py").read_text())
    ours = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    prefixes = (
        "POLICY",
        "DUCKDB",
        "STORE",
        "WAYBACK",
        "CDX",
        "LISTING",
        "ARCHIVE",
        "COMMONCRAWL",
        "MEMENTO",
        "EXTRACT",
        "ATOM",
        "DISCOVER",
    )
    for name in (name for name in ours if name.startswith(prefixes)):
        (row,) = [line for line in readme.splitlines() if f"`{name}`" in line and "| " in line]
        if isinstance(ours[name], ast.Constant):
            value = ast.literal_eval(ours[name])
            assert (f"{value:g}" if type(value) is float else str(value)) in row.split("|")[2]


def test_the_notebooks_print_what_is_kept_in_them(demo_corpus_for_notebooks: None) -> None:
    run = [sys.executable, "notebooks/run.py", "--check"]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def demo_corpus_for_notebooks(crawl: Crawl) -> Iterator[None]:
    made = ROOT / "data" / "demo.duckdb"
    existed = made.exists()
    if not existed:
        crawl.run(domains=DEMO / "domains.txt", archive=DEMO / "demo.warc.gz")
        made.write_bytes(crawl.corpus.read_bytes())
    yield
    if not existed:
        made.unlink()


def test_run_time_dependencies_have_no_strong_copyleft() -> None:
    named = requires("policy-history") or []
    run_time = {re.split(r"[<>=\[; ]", name)[0].lower() for name in named if "extra ==" not in name}
    assert not run_time & {"surt", "html2text", "pywb", "pymupdf"}
    readme = re.sub(r"[._]", "-", (ROOT / "README.md").read_text().lower())
    assert {name for name in run_time if re.sub(r"[._]", "-", name) not in readme} == set()
