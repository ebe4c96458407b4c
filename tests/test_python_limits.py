"""Python text at the edge of what is text, and of what the parser can take in time."""

from __future__ import annotations

from portcheck.model import Certainty, Status
from portcheck.sources.python import read_python
from tests.interest import INTEREST


def test_a_few_nul_bytes_do_not_make_text_binary() -> None:
    facts = read_python(
        b"import torch\nx = '\0'  # a separator of some kind, spelt as the byte itself\ntorch.cuda.synchronize()\n",
        INTEREST,
    )
    assert (facts.status, facts.reason) == (Status.PARTLY, "NUL bytes, which Python does not run")
    assert [fact.span.line for fact in facts.facts] == [3]


def test_data_on_one_line_does_not_keep_the_parser_busy() -> None:
    source = "import torch\nDATA = [" + "0.12345, " * 400_000 + "]\ndef f(x):\n    return x.cuda()\n"
    facts = read_python(source.encode(), INTEREST)
    assert "a line too long for the parser" in facts.reason
    assert [(fact.span.line, fact.certainty) for fact in facts.facts] == [(4, Certainty.TEXTUAL)]


def test_text_on_one_line_is_parsed_however_long() -> None:
    source = "import torch\nDATA = '" + "QUJD" * 400_000 + "'\ntorch.cuda.synchronize()\n"
    facts = read_python(source.encode(), INTEREST)
    assert facts.status is Status.READ
    assert [fact.span.line for fact in facts.facts] == [3]
