"""The maintainers' command that makes the support tables: what it reads from the pages, and what it refuses."""
# ruff: noqa: RUF001  (the pages are in Chinese, with its punctuation)

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.vendor import COMPATIBILITY, wheel
from tools.support import compatibility, count, kernels, limits, table
from tools.support.__main__ import main
from tools.support.errors import ShapeError
from tools.support.page import Entry, parse

Cells = tuple[str, str, str, str]

A2, A3, DT = "Atlas A2 训练系列产品", "Atlas A3 训练系列产品", "Ascend 950DT"
YES, NO = "✔", "✘"


def marks(*answers: str) -> str:
    rows = [f"| <term>{card}</term> | {answer} |" for card, answer in zip((A2, A3, DT), answers)]
    return "\n".join(["**支持情况**：", "", "| 硬件 | 是否支持 |", "| ---- | :----: |", *rows])


def entry(heading: str, link: str, body: str, url: str = "https://docs.example/x.html") -> str:
    return "\n\n".join(
        [heading, '<div style="margin-left: 2em">', f"**原生文档**：[{link}]({url})", body, "</div>", ""]
    )


PAGE = "\n".join(
    [
        "# torch.demo\n\n> [!NOTE]\n>\n> - a note\n\n## 目录\n\n- [Things](#things)\n\n## Things\n",
        entry("### torch.demo.plain", "torch.demo.plain", marks(YES, YES, NO)),
        entry(
            "### torch.demo.short",
            "torch.demo.short",
            f"**NPU 形式名称**：torch_npu.demo.short\n\n{marks('&#10004;', NO, NO)}\n\n"
            "**限制与说明**： `input`仅支持fp16，fp32",
        ),
        entry("### <code><i>class</i></code> torch.demo.Thing", "torch.demo.Thing", marks(YES, YES, YES)),
        entry('> <font size="3">\\_\\_init\\_\\_()</font>', "torch.demo.Thing.\\_\\_init\\_\\_", marks(YES, NO)),
        "### <code><i>class</i></code> torch.demo.Bare\n\n",
        entry('> <font size="3">T</font>', "Tensor.T", marks(YES, YES, YES)),
        entry("### thing.part", "thing.part", marks(NO, NO, NO), "https://docs.example/torch.demo.thing.part.html"),
        entry(
            "### torch.demo.long",
            "torch.demo.long",
            marks(YES, YES, YES)
            + "\n\n**限制与说明**：\n\n- 可能回退至CPU执行\n- 例如：\n\n  ```python\n  ### no heading\n  ```\n",
        ),
    ]
)


def test_a_page_in_all_its_shapes() -> None:
    found = {item.name: item for item in parse("demo.md", PAGE)}
    assert list(found) == [
        "torch.demo.plain",
        "torch.demo.short",
        "torch.demo.Thing",
        "torch.demo.Thing.__init__",
        "torch.Tensor.T",
        "torch.demo.thing.part",
        "torch.demo.long",
    ]
    kinds = " ".join(item.kind for item in found.values())
    assert kinds == "function function class method method function function"
    assert found["torch.demo.plain"].cards == (("a2", "yes"), ("a3", "yes"), ("950", "no"))
    assert found["torch.demo.short"].cards == (("a2", "yes"), ("a3", "no"), ("950", "no"))
    assert found["torch.demo.short"].npu == "torch_npu.demo.short"
    assert found["torch.demo.short"].limits == ("`input`仅支持fp16，fp32",)
    assert found["torch.demo.Thing.__init__"].cards == (("a2", "yes"), ("a3", "no"))
    assert found["torch.demo.long"].limits == ("可能回退至CPU执行", "例如：")
    for item in found.values():
        assert PAGE.splitlines()[item.line - 1].startswith(("### ", "> <font"))


TABLE = marks(YES, YES, YES)
REFUSED = {
    "an unknown card": entry("### torch.a", "torch.a", TABLE.replace(DT, "Ascend 1000")),
    "an unknown mark": entry("### torch.a", "torch.a", TABLE.replace(YES, "partly")),
    "a card twice": entry("### torch.a", "torch.a", TABLE.replace(A3, A2)),
    "a table of an unknown shape": entry("### torch.a", "torch.a", TABLE.replace("| 硬件 |", "| card |")),
    "a line of an unknown shape": entry("### torch.a", "torch.a", f"{TABLE}\n\nmore prose"),
    "no table of cards": entry("### torch.a", "torch.a", ""),
    "limits are announced": entry("### torch.a", "torch.a", f"{TABLE}\n\n**限制与说明**："),
    "a member without a class": entry('> <font size="3">a()</font>', "torch.a", TABLE),
    "does not end": entry("### torch.a", "torch.a", f"{TABLE}\n\n```python"),
    "no link that names": entry("### a.b", "a.b", TABLE),
}


@pytest.mark.parametrize("problem", REFUSED)
def test_a_page_in_another_shape_stops_with_page_and_heading(problem: str) -> None:
    with pytest.raises(ShapeError, match=problem) as caught:
        parse("pages/demo.md", "# torch\n\n" + REFUSED[problem])
    assert str(caught.value).startswith("pages/demo.md:")
    assert "under" in str(caught.value)


def cells(sentences: Sequence[str]) -> Cells:
    """Return the cells of a table that sentences become: dtypes, flags, limits, notes."""
    item = Entry("torch.a", "function", 1, "", (), tuple(sentences))
    text = table.lines([table.row("torch.md", item, limits.read(sentences), None)]).splitlines()[1].split("\t")
    dtypes, flags, words, notes = [*text[7:], "", "", "", ""][:4]
    return dtypes, flags, words, notes


SENTENCES: dict[str, Cells] = {
    "`input`仅支持bf16，fp16": ("input=bf16,fp16", "", "", ""),
    " `q`、`k`仅支持fp16、fp32和int8": ("q=fp16,fp32,int8 | k=fp16,fp32,int8", "", "", ""),
    "`self`仅支持double": ("self=fp64", "", "", ""),
    "仅支持fp32": ("=fp32", "", "", ""),
    "`input`仅支持输出fp16": ("output=fp16", "", "", ""),
    "`input`仅支持fp32可能回退至CPU执行": ("input=fp32", "cpu-fallback", "", ""),
    "`input`仅支持fp32，不支持double数据类型": ("input=fp32 | !fp64", "", "", ""),
    f"<term>{DT}</term>：不支持fp64, complex64": ("{950} !fp64,complex64", "", "", ""),
    f"<term>{A3}</term>额外支持bf16": ("{a3} +bf16", "", "", ""),
    f"<term>{A2}</term>、<term>{A3}</term>：`self`仅支持fp16": ("{a2/a3} self=fp16", "", "", ""),
    "<term>Atlas 训练系列产品</term>：`self`仅支持fp16": ("", "", "", ""),
    "当前仅支持推理场景，不支持训练场景": ("", "inference-only", "", ""),
    "仅CPU支持": ("", "cpu-only", "", ""),
    "`dilation`仅支持1": ("", "", "dilation must be 1", ""),
    "`memory_format`仅支持torch.contiguous_format和torch.preserve_format": (
        "",
        "",
        "memory_format must be torch.contiguous_format or torch.preserve_format",
        "",
    ),
    "支持Named Tensor": ("", "", "", "named tensors are accepted"),
    "**约束**：": ("", "", "", ""),
    "`input`支持八种颜色": ("", "", limits.UNKNOWN, ""),
    f"针对<term>{DT}</term>，颜色不同": ("", "", "{950} " + limits.UNKNOWN, ""),
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_what_a_sentence_says(sentence: str) -> None:
    assert cells([sentence]) == SENTENCES[sentence]


def test_a_sentence_nobody_understood_is_handed_back_and_never_passed_on() -> None:
    said = limits.read(["`input`支持八种颜色", "仅CPU支持"])
    assert said.unknown == ("`input`支持八种颜色",)
    assert "颜色" not in "".join(cells(["`input`支持八种颜色"]))


def test_meanings_are_in_words_of_our_own_and_one_line_each() -> None:
    lines = [line for line in limits.PHRASES.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    sentences = [line.split("\t")[1] for line in lines]
    assert len(limits.phrases()) == len(lines) == len(set(sentences))
    for phrase in limits.phrases():
        assert phrase.meaning.isascii()
        assert table.JOIN.strip() not in phrase.meaning
        phrase.meaning.format(*["x"] * phrase.pattern.groups)


def test_the_second_count_agrees_with_the_parser_and_sees_a_lost_row() -> None:
    files = {"docs/pytorch_9-1-0/demo.md": PAGE, "docs/other.md": PAGE}
    entries = parse("demo.md", PAGE)
    answers = [f"{card} {answer}" for item in entries for card, answer in item.cards]
    expected = {"rows": len(entries), **{answer: answers.count(answer) for answer in answers}}
    assert count.count(files) == {"9.1.0": dict(sorted(expected.items()))}


def repository(folder: Path, page: str = PAGE) -> Path:
    """Make a repository of documentation with one version, whose last commit is what counts."""
    files = {
        "docs/zh/api/native_api/pytorch_9-1-0/torch-demo.md": page,
        compatibility.PAGE: COMPATIBILITY,
        kernels.TORCH_NPU: "supported:\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    git = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "pages"]):
        subprocess.run([*git, *command], check=True)
    (folder / compatibility.PAGE).write_text("not committed", encoding="utf-8")
    return folder


def test_the_command_writes_the_same_tables_twice_and_counts_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "8.0.0.tsv").write_text("stale", encoding="utf-8")
    arguments = ["--docs", str(repository(tmp_path / "docs")), "--wheel", str(wheel(tmp_path)), "--out", str(out)]
    assert main(arguments) == 0
    first = {path.name: path.read_bytes() for path in out.iterdir()}
    assert main(arguments) == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == first
    assert "8.0.0.tsv" not in first
    rows = first["9.1.0.tsv"].decode().splitlines()
    assert rows[1:] == sorted(rows[1:])
    index = json.loads(first["index.json"])
    assert index["versions"]["9.1.0"]["950"] == {"yes": 3, "no": 3, "absent": 1}
    assert json.loads(first["compatibility.json"])["9.1.0"]["pythons"] == ["3.10", "3.11"]
    assert "not understood" in capsys.readouterr().err

    table_path = out / "9.1.0.tsv"
    table_path.write_text(
        table_path.read_text(encoding="utf-8").replace("\tyes\tyes\tno", "\tyes\tyes\tyes", 1), encoding="utf-8"
    )
    assert main([*arguments, "--check"]) == 1
    assert "on the pages" in capsys.readouterr().err


def test_the_command_stops_at_a_page_in_another_shape_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    docs = repository(tmp_path / "docs", PAGE + "\n" + REFUSED["an unknown card"])
    assert main(["--docs", str(docs), "--out", str(tmp_path / "out")]) == 1
    assert "torch-demo.md:" in (said := capsys.readouterr().err)
    assert "'torch.a'" in said
    assert not (tmp_path / "out").exists()
