"""The rules as a table for people, and the text that a new rule starts from."""

from __future__ import annotations

import re
from keyword import iskeyword

from portcheck.errors import UsageError
from portcheck.model import Category, Work
from portcheck.packtypes import Pack
from portcheck.records import NamedTuple

_ID = re.compile(r"PC\d{3}")
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TOPIC = re.compile(r"\w+(?:-\w+)*")

_SPELT = {"id": "PC199", "name": "set-device", "topic": "device"}

_RULE = '''\
# rules/cuda/{topic}.toml
[[rule]]
id = "{id}"
name = "{name}"
category = "{category}"
summary = "Does something on CUDA"
why = "Says why this ties the code to CUDA."
links = ["https://docs.pytorch.org/docs/stable/cuda.html"]

[[rule.match]]
api = ["torch.cuda.{stem}"]

[[rule.example]]
name = "called by its full name"
bad = """
import torch

torch.cuda.{stem}()  # {id}
"""

[[rule.example]]
name = "a function of the same name"
good = """
def {stem}():
    return None

{stem}()
"""
'''

_VERDICT = """\
# rules/{target}/{topic}.toml
[[verdict]]
rule = "{id}"
work = "verify"
message = "unknown"
"""


class RuleRow(NamedTuple):
    """A rule in one line: what it is, and the work it means on the target of the pack."""

    id: str
    name: str
    category: Category
    summary: str
    work: Work


def rows(pack: Pack) -> tuple[RuleRow, ...]:
    """Return every rule of a pack in the order of its id."""
    works = {verdict.rule: verdict.work for verdict in pack.verdicts if not verdict.names}
    listed = (RuleRow(rule.id, rule.name, rule.category, rule.summary, works[rule.id]) for rule in pack.rules)
    return tuple(sorted(listed))


def new_rule(pack: Pack, identity: str, name: str, topic: str, category: Category = Category.DEVICE_API) -> str:
    """Return the TOML blocks that a new rule starts from: they load as they are, and each text is to be changed.

    Raises:
        UsageError: the id or the name is taken or misspelt, or the topic is no file name.
    """
    for what, value, form, taken in (
        ("id", identity, _ID, {rule.id for rule in pack.rules}),
        ("name", name, _NAME, {rule.name for rule in pack.rules}),
        ("topic", topic, _TOPIC, set()),
    ):
        if not form.fullmatch(value):
            raise UsageError(f"{what} {value!r} is misspelt: expected such as {_SPELT[what]}")
        if value in taken:
            raise UsageError(f"{what} {value!r} is taken")
    words = {"id": identity, "name": name, "topic": topic, "category": category.value, "target": pack.target.name}
    return "\n".join(part.format(stem=_stem(name), **words) for part in (_RULE, _VERDICT))


def _stem(name: str) -> str:
    """An identifier made of a rule's name."""
    stem = name.replace("-", "_")
    return stem if stem.isidentifier() and not iskeyword(stem) else f"_{stem}"
