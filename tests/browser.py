"""Pages in a real browser without a window: what they log, what they ask for, and what is on them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def browser_path() -> str | None:
    """Return the browser that is installed here, if there is one."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


@contextmanager
def browser() -> Iterator[Any]:
    """Start the browser with a new, empty profile; skips the test where there is none."""
    path = browser_path()
    if path is None:
        pytest.skip("no Chromium or Chrome is installed")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser")
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=path, args=list(FLAGS))
        yield found
        found.close()


class Opened:
    """An open page, with what went wrong on it and every address that it asked for."""

    def __init__(self, started: Any, **options: Any) -> None:
        self.context = started.new_context(**options)
        self.page = self.context.new_page()
        self.troubles: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.troubles.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("dialog", lambda dialog: self.troubles.append(f"dialog: {dialog.message}"))
        self.context.on("request", lambda request: self.asked.append(request.url))

    def go(self, path: Path, mark: str = "") -> Opened:
        """Open a file, at a place in it, and wait until it has drawn itself."""
        self.page.goto(path.as_uri() + mark)
        self.page.wait_for_selector("html[data-ready]", state="attached")
        return self

    def texts(self, selector: str) -> list[str]:
        """Return the visible text of every element."""
        found: list[str] = self.page.locator(selector).all_inner_texts()
        return found
