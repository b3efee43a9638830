"""Picture of the head of a report for the README: python docs/make_report_picture.py RUN.

Needs Playwright and an installed Chromium.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

OUT = Path(__file__).parent / "images" / "report.png"


def main(run: Path) -> None:
    """Write what a reader sees first."""
    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1240, "height": 900}, color_scheme="light")
        page.goto((run / "report.html").resolve().as_uri())
        page.screenshot(path=OUT)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
