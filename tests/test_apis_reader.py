"""Which names of PyTorch a file uses: through its imports, not in strings or comments, methods that are a tensor's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portcheck.sources.apis import MAX_NAMES, apis_in
from portcheck.sources.light import imports_in

METHODS = frozenset({"masked_select", "unsqueeze"})


def used(text: str) -> dict[str, int]:
    return {use.name: use.places for use in apis_in(text, imports_in(text), METHODS)}


def shown(text: str) -> dict[str, str]:
    return {use.name: use.shown for use in apis_in(text, imports_in(text), METHODS)}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import torch\ntorch.cat(x)\ntorch.cat(y)\n", {"torch.cat": 2}),
        ("import torch as t\nt.nn.Linear(2, 2)\n", {"torch.nn.Linear": 1}),
        ("import torch.nn.functional as F\nF.relu(x)\n", {"torch.nn.functional.relu": 1}),
        ("import torch.nn.functional\ntorch.nn.functional.relu(x)\n", {"torch.nn.functional.relu": 1}),
        ("from torch import nn, cat as join\njoin(nn.ReLU()(x))\n", {"torch.cat": 1, "torch.nn.ReLU": 1}),
        ("def f():\n    from torch import cat\n    return cat(x)\n", {"torch.cat": 1}),
        ("from torch import cat\ncat = 1\n\ndef cat(x):\n    pass\n", {}),
        ("import torch\nxtorch.cat(x); self.torch.cat(x); _torch.cat(x)\n", {}),
        ("import torch\n# torch.cat(x)\ns = 'torch.cat(x)'\n'''\ntorch.cat(x)\n'''\n\"torch.cat(x)\"\n", {}),
        ("import torch\ns = 'it''s'; torch.cat(x)  # it's\ntorch.mm(x)\n", {"torch.cat": 1, "torch.mm": 1}),
        ("import torch\ndef f(x: torch.Tensor) -> torch.Tensor:\n    return torch.Tensor(x)\n", {"torch.Tensor": 1}),
        ("import torchvision\ntorchvision.models.resnet()\n", {}),
        ("import numpy as np\nnp.unsqueeze(x)\nx.unsqueeze(0)\n", {}),
        (
            "import torch, einops\neinops.unsqueeze(x)\nx[0].unsqueeze(0).y.unsqueeze(1)\n",
            {"torch.Tensor.unsqueeze": 2},
        ),
        ("from .torch import cat\ncat(x)\n", {}),
        ("from torch import *\ncat(x)\n", {}),
    ],
)
def test_names_are_followed_through_imports(text: str, names: dict[str, int]) -> None:
    assert used(text) == names


@pytest.mark.parametrize(
    ("call", "type_"),
    [
        ("torch.f(x.double())", "input:float64"),
        ("torch.f(self.x[0].long(), 1)", "input:int64"),
        ("torch.f(x.to(torch.complex64))", "input:complex64"),
        ("torch.f(x, dtype=torch.int64)", "dtype:int64"),
        ("torch.f(g(x), dtype=torch.half)", "dtype:float16"),
        ("torch.f(\n    x,\n    dtype=torch.float64,\n)", "dtype:float64"),
        ("torch.f(x)(dtype=torch.int64)", ""),
        ("torch.f(x, y.double())", ""),
        ("torch.f(x.double() + y)", ""),
        ("torch.f", ""),
    ],
)
def test_types_that_a_call_shows(call: str, type_: str) -> None:
    assert shown(f"import torch\n{call}\n")["torch.f"] == type_


def test_a_type_before_a_method() -> None:
    assert shown("import torch\nx.double().masked_select(y)\n") == {"torch.Tensor.masked_select": "self:float64"}


def test_the_first_place_is_told_in_lines_and_columns() -> None:
    (use,) = apis_in("import torch\n\nx = torch.cat(y)\ntorch.cat(z)\n", imports_in("import torch\n"), METHODS)
    assert use.span[:4] == (3, 5, 3, 14)


def test_uses_come_in_the_order_of_the_text() -> None:
    text = "import torch\nx.unsqueeze(0)\ntorch.mm(x)\ntorch.cat(x)\n"
    assert list(used(text)) == ["torch.Tensor.unsqueeze", "torch.mm", "torch.cat"]


def test_names_are_bounded() -> None:
    text = "import torch\n" + "".join(f"torch.f{number}(x)\n" for number in range(MAX_NAMES + 100))
    assert len(used(text)) == MAX_NAMES


@given(st.text(alphabet="torch.cat()\"'#\\\n =x,dtype", max_size=200))
def test_nothing_makes_it_raise(text: str) -> None:
    for use in apis_in(f"import torch\n{text}", imports_in("import torch\n"), METHODS):
        assert use.places > 0 and use.span.line > 0 and use.span.column > 0
