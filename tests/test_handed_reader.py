"""Code in strings that a Python program hands to another Python: found where it stands, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portcheck.arguments import INLINE
from portcheck.sources.python import read_text
from tests.interest import INTEREST

HEAD = "import subprocess, sys, textwrap\n"
SYNC = "import torch; torch.cuda.synchronize()"


def found(text: str) -> list[str]:
    """Line, column and name of what is found in code that is handed on."""
    facts = read_text(text, INTEREST).facts
    return [f"{fact.span.line}:{fact.span.column} {fact.name}" for fact in facts if INLINE in fact.guards]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (f'subprocess.run([sys.executable, "-c", "{SYNC}"])', "torch.cuda.synchronize"),
        (f"subprocess.run(('python3', '-u', '-c', '{SYNC}'))", "torch.cuda.synchronize"),
        (f'run([python_exe, "-c", r"""\n{SYNC}\n"""])', "torch.cuda.synchronize"),
        ('run([sys.executable, "-c", "import torch\\ntorch.cuda.synchronize()"])', "torch.cuda.synchronize"),
        ('run([sys.executable, "-c",\n  "import torch;"\n  "torch.cuda.synchronize()"])', "torch.cuda.synchronize"),
        ('é = "ü"; run([sys.executable, "-c", "é = 1; x.cuda()"])', "cuda("),
        ('run([sys.executable, "-c", f"x = {{}}; x.to({n}); x.cuda({n})"])', "cuda("),
        ('run([sys.executable, "-c", "x.cuda({})".format(3)])', "cuda("),
        ('run([sys.executable, "-c", textwrap.dedent("""\n    if x:\n      x.cuda()\n    """)])', "cuda("),
        ('def f():\n  code = """\n    x.cuda()\n  """\n  run([sys.executable, "-c", code])', "cuda("),
        ('code = dedent("""\n  x.cuda()\n""")\nrun([sys.executable, "-c", code, "a"])', "cuda("),
        ('code = ""\ncode = "x.cuda()"\nrun([sys.executable, "-c", code])\ncode = 1', "cuda("),
    ],
)
def test_what_is_handed_on_is_found_at_its_place(text: str, source: str) -> None:
    line = next(number for number, line in enumerate(text.split("\n"), 1) if source in line)
    column = text.split("\n")[line - 1].index(source) + 1
    assert f"{line}:{column} {source.rstrip('(')}" in found(text)


@pytest.mark.parametrize(
    "text",
    [
        'parser.add_argument("-c", "x.cuda()")  # python',
        'run(["tar", "-c", "x.cuda()"], python)',
        'run([sys.executable, "-m", "x.cuda()"])',
        'run([sys.executable, "-c", "print(1)"])',
        'run([sys.executable, "-c", 3, "x.cuda()"])',
        'run([sys.executable, "-c", code])\ncode = "x.cuda()"',
    ],
)
def test_what_is_no_code_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_code_that_two_lists_take_is_found_once() -> None:
    text = 'code = "x.cuda()"\nrun([sys.executable, "-c", code])\nrun([sys.executable, "-c", code])\n'
    assert found(text) == ["1:11 cuda"]


@given(st.text(alphabet="x.cuda()\\\n\"'{}f \té", max_size=40))
def test_no_string_stops_the_reader(code: str) -> None:
    text = HEAD + f"run([sys.executable, '-c', {code!r}])\nrun([sys.executable, '-c', f{code!r}])\n"
    size = len(text.split("\n"))
    assert all(0 < fact.span.line <= size for fact in read_text(text, INTEREST).facts)
