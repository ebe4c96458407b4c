"""The HTML report in a real browser: one file that works alone, whatever stands in the scanned files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from portcheck.model import Report, Span, Work
from portcheck.report import html, json_report, page_data, render
from tests import factories as make
from tests.browser import Opened, browser
from tests.commands import portcheck


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as started:
        yield started


@pytest.fixture
def opened(chromium: Any) -> Iterator[Opened]:
    """A page that has to stay without a word in the console and without a request."""
    found = Opened(chromium, viewport={"width": 1280, "height": 900}, color_scheme="light")
    yield found
    assert found.troubles == []
    assert [url.partition(":")[0] for url in found.asked] == ["file"] * len(found.asked)
    assert len({url.partition("#")[0] for url in found.asked}) == 1
    found.context.close()


def written(folder: Path, report: Report) -> Path:
    """Write the page of a report and return where it is."""
    path = folder / "report.html"
    path.write_text(render(report, "html"), encoding="utf-8")
    return path


def data_of(text: str) -> dict[str, Any]:
    """Return what stands in the page's data element."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    loaded: dict[str, Any] = json.loads(found.group(1))
    return loaded


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("sample"), make.sample())


def test_a_page_loads_alone_with_verdict_and_pictures(opened: Opened, sample: Path) -> None:
    page = opened.go(sample).page
    assert page.title() == "repo: portcheck report"
    assert "places to change" in page.locator("#verdict").inner_text()
    assert page.locator("#where svg .cell").count() > 3
    # A cell is called by its whole name; what is drawn of that may be cut.
    assert page.locator("#where svg .names text").count() > 3
    assert page.locator("#where svg .cell text").count() == 0
    assert page.locator("#kinds svg").count() > 5
    assert page.locator("#findings tr.finding").count() == 50
    assert "400 findings" in page.locator("#count").inner_text()


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_cut_or_broken_up_by_letters(chromium: Any, sample: Path, width: int) -> None:
    found = Opened(chromium, viewport={"width": width, "height": 900})
    page = found.go(sample).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    names = page.locator("#kinds .topics tbody th")
    assert min(names.nth(place).bounding_box()["width"] for place in range(names.count())) >= 90
    overflow = "table => table.parentElement.scrollWidth - table.parentElement.clientWidth"
    page.locator("#findings .opener").first.click()
    assert page.locator("#findings table.list").evaluate(overflow) <= 0
    if width > 1000:
        tables = page.locator(".scroll > table")
        assert [tables.nth(place).evaluate(overflow) for place in range(tables.count())] == [0] * tables.count()
        cut = "axis => [...axis.children].filter(text => text.getBBox().x + text.getBBox().width > 241).length"
        assert [each.evaluate(cut) for each in page.locator("svg.axis").all()] == [0] * page.locator("svg.axis").count()
    found.context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_long_path_does_not_widen_the_page(chromium: Any, tmp_path: Path, width: int) -> None:
    kernel = tmp_path / "a_folder_with_a_long_name_indeed" / ("a_kernel_with_a_name_" * 7 + ".cu")
    kernel.parent.mkdir()
    kernel.write_text("__global__ void scale(float *x) { x[threadIdx.x] *= 2; }\n", encoding="utf-8")
    portcheck("scan", "--format", "html", "--output", "report.html", cwd=tmp_path)
    found = Opened(chromium, viewport={"width": width, "height": 900})
    page = found.go(tmp_path / "report.html").page
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    assert kernel.name in page.locator("#plan").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found.context.close()


def test_what_is_folded_is_printed_and_folded_again(opened: Opened, sample: Path) -> None:
    page = opened.go(sample).page
    page.locator("details").first.evaluate("each => { each.open = false; }")
    folded = page.locator("details:not([open])")
    before = folded.count()
    assert before
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert folded.count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert folded.count() == before


CONTRAST = """() => {
  const light = text => {
    const linear = part => part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map(linear);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const against = each => {
    const style = getComputedStyle(each);
    const [one, other] = [style.color, style.backgroundColor].map(light).sort((a, b) => b - a);
    return (one + 0.05) / (other + 0.05);
  };
  return Math.min(...[...document.querySelectorAll("mark, .tile")].map(against));
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marked_code_can_be_read_in_both_colours(chromium: Any, tmp_path: Path, scheme: str) -> None:
    (tmp_path / "train.py").write_text("import torch\n\ntorch.cuda.set_device(0)\n", encoding="utf-8")
    portcheck("scan", "--format", "html", "--output", "report.html", cwd=tmp_path)
    found = Opened(chromium, color_scheme=scheme)
    page = found.go(tmp_path / "report.html").page
    assert page.locator("mark").count() >= 1
    assert page.evaluate(CONTRAST) >= 4.5
    found.context.close()


def test_chips_and_search_filter(opened: Opened, sample: Path) -> None:
    page = opened.go(sample).page
    page.click(".chip.work-blocker")
    assert set(opened.texts("#findings tr.finding .tag")) == {"blocker"}
    page.click("text=Clear filters")
    page.fill("#search", "CUDA() Third_Party")
    rows = opened.texts("#findings tr.finding")
    assert rows and all(".cuda()" in row and "third_party" in row for row in rows)
    page.fill("#search", "nothing has this")
    assert "No finding matches" in page.locator("#findings tbody").inner_text()
    assert page.locator("#live").inner_text() == "0 of 400 findings"


def test_heads_sort(opened: Opened, sample: Path) -> None:
    page = opened.go(sample).page
    page.click("#findings th[data-sort=work] button")
    assert opened.texts("#findings tr.finding .tag")[0] == "blocker"
    assert page.get_attribute("#findings th[data-sort=work]", "aria-sort") == "ascending"
    page.click("#findings th[data-sort=work] button")
    assert opened.texts("#findings tr.finding .tag")[0] == "none"
    assert page.get_attribute("#findings th[data-sort=work]", "aria-sort") == "descending"


def test_a_link_to_a_finding_opens_it(opened: Opened, sample: Path) -> None:
    last = make.sample().findings[-1]
    page = opened.go(sample, f"#{last.fingerprint}").page
    assert page.locator("tr.meant").count() == 1
    assert f"{last.path}:{last.span.line}" in page.locator("tr.meant").inner_text()
    assert last.message in page.locator("tr.detail").inner_text()
    assert page.evaluate("document.activeElement.className") == "opener"


@given(make.reports)
@settings(max_examples=60)
def test_no_text_ends_the_data_or_the_head(report: Report) -> None:
    text = "".join(html.chunks(report, code=False))
    assert len(data_of(text)["findings"]) == len(report.findings)
    assert text.count("<script") == text.count("</script>") == 2
    assert text.count("<title>") == text.count("<style>") == text.count("<h1") == 1


def test_the_page_holds_what_the_json_report_holds() -> None:
    report = make.sample(40)
    found = page_data.document(report, code=False)
    told = json.loads("".join(json_report.chunks(report)))
    assert found["summary"] == told["summary"]
    names = dict(zip(page_data.FINDING, range(len(page_data.FINDING))))
    for row, finding in zip(found["findings"], told["findings"]):
        for name in ("rule", "path", "subject", "work", "category", "message", "replacement", "role"):
            assert found["texts"][row[names[name]]] == finding[name]
        assert (row[names["line"]], row[names["fingerprint"]]) == (finding["line"], finding["fingerprint"])


HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>'\"&amp;\u2028\u202e javascript:alert(3)"


def test_hostile_names_and_code_stay_text(opened: Opened, tmp_path: Path) -> None:
    path = "a<img src=x onerror=alert(4)>.py"
    (tmp_path / path).write_text(f"x = 1  # {HOSTILE}\n", encoding="utf-8")
    finding = make.finding(
        path, 1, Work.BLOCKER, subject=HOSTILE, message=HOSTILE, replacement=HOSTILE, span=Span(1, 1, 1, 9)
    )
    report = make.report((finding._replace(fingerprint="f"),), root=str(tmp_path))
    page = opened.go(written(tmp_path, report), "#f").page
    assert page.locator("img").count() == 0
    assert page.locator("a[href^='javascript:' i]").count() == 0
    assert "onerror=alert(2)" in page.locator("pre.frame").inner_text()
    page.wait_for_timeout(200)


def test_the_command_writes_one_file(tmp_path: Path, opened: Opened) -> None:
    (tmp_path / "train.py").write_text("import torch\n\ntorch.cuda.set_device(0)\n", encoding="utf-8")
    ended = portcheck("scan", "--format", "html", "--output", "report.html", "--no-cache", cwd=tmp_path)
    assert ended.code == 0
    page = opened.go(tmp_path / "report.html").page
    assert page.locator("#matrix .tile").count() >= 4
    assert page.locator("#matrix .tile .badge").inner_text() == "this report"
    page.click("#findings .opener")
    assert "torch.cuda.set_device(0)" in page.locator("pre.frame").inner_text()
    assert page.locator("pre.frame mark").inner_text() == "torch.cuda.set_device"
