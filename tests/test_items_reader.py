"""Parts of tensors: what is taken by a mask, what is put into a part; and tests for a device that is a number."""

from __future__ import annotations

import pytest

from portcheck.model import FactKind
from portcheck.sources.python import read_fully
from portcheck.wording import subject_of
from tests.interest import INTEREST

KNOWN = INTEREST._replace(
    methods=INTEREST.methods | {"__getitem__", "__setitem__"}, indexes=INTEREST.indexes | {"isinstance"}
)


def subjects(code: str) -> list[tuple[int, str]]:
    facts = read_fully(code.encode(), KNOWN).facts
    return [(f.span.line, subject_of(f)) for f in facts if f.kind in (FactKind.METHOD, FactKind.INDEX)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("y = x[x > 0]", "[mask]", id="a comparison"),
        pytest.param("y = x[~seen]", "[mask]", id="an inverse"),
        pytest.param("y = x[(x > 0) & seen]", "[mask]", id="several at once"),
        pytest.param("x[:, 0] = -math.inf", "[...] = -math.inf", id="a column is filled"),
        pytest.param("x[x < low] = -float('Inf')", "[...] = -float('Inf')", id="filled under a mask"),
        pytest.param("x[pad_mask] = float('-inf')", "[...] = float('-inf')", id="a name that says mask"),
        pytest.param("x[..., 1:] = torch.finfo(x.dtype).min", "[...] = torch.finfo().min", id="the least number"),
        pytest.param("isinstance(device, int)", "isinstance(device, int)", id="a device by number"),
        pytest.param("isinstance(self.device, (int, str))", "isinstance(self.device, int)", id="or by name"),
    ],
)
def test_what_counts(line: str, expected: str) -> None:
    assert subjects(f"import math\nimport torch\ndef f(self, x, low, seen, pad_mask, device):\n    {line}\n") == [
        (4, expected)
    ]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("y = x[0] + x[1:] + x[index]", id="parts of fixed size"),
        pytest.param("y = x[kind == 'train']", id="texts are compared"),
        pytest.param("y = frame[frame['a'] > 1]", id="a column of a data frame"),
        pytest.param("y = frame[frame.a > 1]", id="a column by attribute"),
        pytest.param("y = rows[rows > 1]", id="an array of another library"),
        pytest.param("x[x > 0] = 0", id="a number goes in"),
        pytest.param("best['a'] = -math.inf", id="a key of a dictionary"),
        pytest.param("best[name] = -math.inf", id="a name that may be a key"),
        pytest.param("isinstance(size, int)", id="no device"),
        pytest.param("isinstance(device, str)", id="no number"),
    ],
)
def test_what_does_not_count(line: str) -> None:
    head = "import math\nimport numpy as np\nimport torch\ndef f(x, index, kind, frame, best, name, size, device):\n"
    assert subjects(f"{head}    rows = np.ones(3)\n    {line}\n") == []


def test_without_pytorch_parts_are_of_something_else() -> None:
    assert subjects("import cuda\ndef f(x):\n    x[:, 0] = -cuda.inf\n    return x[x > 0]\n") == []
