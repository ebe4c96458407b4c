"""The documentation builds without a warning, every rule has its page, and pages ask nothing of the network."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from portcheck import pack
from portcheck.cli import portcheck as group
from portcheck.config import Config
from portcheck.prices import load
from portcheck.report import FORMATS
from portcheck.strategy import FEW
from tests.commands import ROOT
from tests.pages import blocks
from tools.docs.markdown import block, plain, table

pytest.importorskip("mkdocs")

LOADED = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src", "object": "data"}
"""Elements that make a browser fetch something, with the attribute that says what."""


class Page(HTMLParser):
    """The links, anchors and fetched resources of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.anchors.update(values[name] for name in ("id", "name") if name in values)
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if tag in LOADED and LOADED[tag] in values and values.get("rel") != "canonical":
            self.loaded.append(values[LOADED[tag]])


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built documentation."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}


def test_every_rule_has_its_page_and_its_line_in_the_index(site: Path) -> None:
    ids = [rule.id for rule in pack.load().rules]
    assert sorted(path.stem for path in (site / "rules").glob("PC*.html")) == sorted(ids)
    listed = re.findall(r'<td><a href="(PC\d{3})\.html">', (site / "rules" / "index.html").read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(ids)


def test_a_block_that_is_a_file_shows_its_name(site: Path) -> None:
    for path in (ROOT / "docs").rglob("*.md"):
        page = (site / path.relative_to(ROOT / "docs")).with_suffix(".html").read_text(encoding="utf-8")
        names = [block.marks["file"] for block in blocks(path) if "file" in block.marks]
        assert [name for name in names if f"<p>In <code>{name}</code>:</p>" not in page] == []


def test_links_and_anchors_lead_somewhere(site: Path, pages: dict[Path, Page]) -> None:
    broken = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            # The page for wrong addresses is served from anywhere, so its links are those of a server.
            if parts.scheme or parts.netloc or path.name == "404.html":
                continue
            goal = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            known = goal in pages or (goal.is_file() and not parts.fragment)
            if not known or (parts.fragment and unquote(parts.fragment) not in pages[goal].anchors):
                broken.append(f"{path.relative_to(site)}: {link}")
    assert not broken


def test_the_script_of_the_theme_can_select_every_heading(pages: dict[Path, Page]) -> None:
    own = {path.name: page.anchors for path, page in pages.items() if path.name != "404.html"}
    assert not [f"{name}: {anchor}" for name, anchors in own.items() for anchor in anchors if anchor[:1].isdigit()]


def test_no_page_fetches_anything_from_elsewhere(site: Path, pages: dict[Path, Page]) -> None:
    foreign = [f"{path.name}: {url}" for path, page in pages.items() for url in page.loaded if urlsplit(url).netloc]
    sheets = [
        path.name for path in site.rglob("*.css") if re.search(r"url\([\"']?(https?:)?//", path.read_text("utf-8"))
    ]
    assert foreign + sheets == []


def test_numbers_in_prose_are_those_in_force() -> None:
    """What a page says in words next to its generated tables."""
    known = load()
    effort = " ".join((ROOT / "docs" / "effort.md").read_text(encoding="utf-8").split())
    shim = (ROOT / "docs" / "porting" / "shim.md").read_text(encoding="utf-8")
    assert f"at most {known.model.most:g} count" in effort
    assert f"price is for {known.size.lines:,.0f} lines of source within reach" in effort
    assert f"from {known.size.least:g} to {known.size.most:g} times" in effort
    assert f"no more than {FEW:.0%} of the places" in shim
    shares = known.model.shares
    assert shares["device-move"] > 0.5 and 0.4 < shares["device-literal"] < 0.6
    assert shares["env"] < 0.3 and shares["library:optional"] < 0.05


def test_the_figures_of_the_estimate_are_those_of_the_last_fit() -> None:
    figures = load().figures
    text = (ROOT / "docs" / "effort.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^\| (r[^|]+) \| ([\d. |]+) \|$", text, re.MULTILINE))
    rows = {"rank correlation with real lines": "spearman", "real figure within the range": "coverage"}
    over = {"files that were touched": "touched", "whole repository": "repository"}
    for label, figure in rows.items():
        for where, key in over.items():
            fitted, left_out = (float(number) for number in shown[f"{label}, {where}"].split(" | "))
            # The page and the record are rounded from the same numbers, not one from the other.
            assert fitted == pytest.approx(figures[f"{figure}-{key}"], abs=0.011)
            assert left_out == pytest.approx(figures[f"{figure}-{key}-left-out"], abs=0.011)
    assert f"each of {figures['points']:.0f} repositories" in text


def test_every_command_option_and_key_is_on_its_page(site: Path) -> None:
    commands = HTMLText((site / "commands.html").read_text(encoding="utf-8")).text
    keys = HTMLText((site / "configuration.html").read_text(encoding="utf-8")).text
    assert [name for name in group.commands if f"portcheck {name}" not in commands] == []
    options = {name for command in group.commands.values() for option in command.params for name in option.opts}
    assert [name for name in options if name.startswith("--") and name not in commands] == []
    assert [name for name in Config._fields if name != "output" and name.replace("_", "-") not in keys] == []


def test_every_format_is_explained_and_shown() -> None:
    text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    assert [name for name in FORMATS if f"| `{name}` |" not in text] == []


def test_text_of_rules_is_no_markup() -> None:
    markdown = pytest.importorskip("markdown")
    hostile = (
        "<script>x</script> *a* _b_ __c__ `d` [e](f) ![g](h) # i | j &lt; &amp; ~~k~~ <!-- l --> http://m {n} \\ 1"
    )
    made = markdown.markdown(table(["a"], [[plain(hostile)]]) + "\n" + plain(f"1. {hostile}"), extensions=["tables"])
    text = HTMLText(made).text
    assert text.count(hostile) == 2
    assert set(re.findall(r"<(\w+)", made)) == {"table", "thead", "tbody", "tr", "th", "td", "p"}


def test_code_of_rules_stays_between_its_fences() -> None:
    markdown = pytest.importorskip("markdown")
    code = 'x = """\n```\n````\n</code><script>\n~~~~~\n"""'
    made = markdown.markdown(block(code, "python"), extensions=["fenced_code"])
    assert HTMLText(made).text.strip() == code
    assert re.findall(r"<(\w+)", made) == ["pre", "code"]


class HTMLText(HTMLParser):
    """The text of a page as a reader sees it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(text)

    def handle_data(self, data: str) -> None:
        self.text += data
