"""A browser with the report of a small run; without Chromium these tests are skipped."""

import shutil
from pathlib import Path

import pytest

from made_run import hostile_run, shared_run
from radiome.report.build import build_report

playwright = pytest.importorskip(
    "playwright.sync_api", reason="browser tests need the Python package playwright"
)

#: Where distributions put it; the tests take no browser that Playwright downloads.
_NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser():
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium is installed: apt-get install chromium")
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def report(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("browser") / "run"
    shutil.copytree(shared_run(), folder, ignore=shutil.ignore_patterns("work", "cases", "models"))
    return build_report(folder)


@pytest.fixture(scope="session")
def hostile_report(tmp_path_factory) -> Path:
    return build_report(hostile_run(tmp_path_factory.mktemp("attack")))


@pytest.fixture
def visit(browser):
    """Open a page; at the end nothing may have been logged and nothing asked of a network."""
    contexts, complaints, requests = [], [], []

    def opened(path: Path, *, width: int = 1280, dark: bool = False):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda told: complaints.append(f"{told.type}: {told.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
    assert all(url.startswith(("file:", "data:", "blob:")) for url in requests), requests
    assert sum(url.startswith("file:") for url in requests) == len(contexts)
