"""What stays in the machine's own memory is told apart from what a device sees."""

from __future__ import annotations

import ast

import pytest

from portcheck import pack
from portcheck.model import FactKind
from portcheck.sources.hosted import MAX_STEPS, Hosted
from portcheck.sources.python import read_text

MOVES = frozenset({"to", "device=", "map_location=", "cuda", "npu"})


def held(code: str) -> bool:
    """Whether the last `double` of a statement, a type or a method, is about the machine alone."""
    statement = ast.parse(code).body[0]
    nodes = [node for node in ast.walk(statement) if isinstance(node, ast.Attribute) and node.attr == "double"]
    return Hosted("cpu", MOVES, code.split("\n")).holds(
        max(nodes, key=lambda node: node.end_col_offset or 0), statement
    )


@pytest.mark.parametrize(
    "code",
    [
        "torch.zeros(3, dtype=torch.double, device='cpu')",
        "torch.zeros(3, dtype=torch.double, device=torch.device('cpu')).clamp(0)",
        "zeros(3, dtype=torch.double, device='cpu')",
        "x.to('cpu', torch.double)",
        "x.to(device='cpu', dtype=torch.double)",
        "x.detach().cpu().double()",
        "x.cpu().view(-1).to(dtype=torch.double)",
        "x.cuda().to('cpu').double()",
        "f(torch.zeros(3, dtype=torch.double, device='cpu'))",
    ],
)
def test_made_on_the_machine_or_brought_there(code: str) -> None:
    assert held(code)


@pytest.mark.parametrize(
    "code",
    [
        "torch.zeros(3, dtype=torch.double)",
        "torch.zeros(3, dtype=torch.double, device=device)",
        "torch.zeros(3, dtype=torch.double, device='cpu').to(device)",
        "zeros(3, dtype=torch.double, device='cpu').view(-1).cuda()",
        "x.double().cpu()",
        "x.to(torch.double).cpu()",
        "x.cpu().to(device).double()",
        "x.cpu().cuda().double()",
        "torch.load(f(torch.double), map_location='cpu')",
        "x.cpu()" + ".view(-1)" * (MAX_STEPS + 1) + ".double()",
    ],
)
def test_seen_by_a_device(code: str) -> None:
    assert not held(code)


def test_a_text_with_what_a_variable_is_set_to_is_told_with_the_variable() -> None:
    code = (
        "import os\nos.environ['JAX_PLATFORMS'] = 'cuda'\nos.environ['OWN'] = 'cuda'\n"
        "os.environ.setdefault('JAX_PLATFORMS', 'cuda')\nmore = {'JAX_PLATFORMS': 'cuda', 'OWN': 'cuda'}\n"
    )
    found = read_text(code, pack.load().interest).facts
    texts = [(fact.span.line, fact.span.column) for fact in found if fact.kind is FactKind.STRING]
    assert texts == [(3, 21), (5, 41)]
    values = {dict(fact.args).get("value") for fact in found if fact.name == "JAX_PLATFORMS"}
    assert values == {"cuda"}
