"""Parts of tensors: what is taken by a mask, and what is put into a part.

`x[x > 0]` has as many elements as the mask has true ones. Only masks that are written where they are used count, and
stores into what is a slice or lies under a mask: `scores["best"] = 1` is a dictionary's.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from re import Pattern

from portcheck.needles import PUT, TAKEN
from portcheck.packtypes import Interest
from portcheck.scope import dotted

_ORDERED = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_JOINED = (ast.BitAnd, ast.BitOr, ast.BitXor)
_MASK_NAMES = ("mask", "indices_to")
_TAKES = rb"[\w)\]]\[(?:[^\[\]]|\[[^\[\]]{0,100}\]){0,200}?(?:[=!<>]=|<|(?<!-)>|~)"
_PUTS = rb"\]\s*=[\s(\\]*(?:%s)"


def shapes(interest: Interest) -> Iterator[Pattern[bytes]]:
    """What code looks like that takes from a tensor by a mask, or puts into a part of one, as far as the packs ask."""
    if TAKEN in interest.methods:
        yield re.compile(_TAKES)
    if PUT in interest.methods:
        yield re.compile(_PUTS % b"|".join(re.escape(put.encode()) for put in interest.puts))


def is_mask(index: ast.expr) -> bool:
    """Whether an index is a mask: a comparison but of texts, its inverse, or several joined by bits."""
    if isinstance(index, ast.UnaryOp):
        return isinstance(index.op, ast.Invert)
    if isinstance(index, ast.BinOp):
        return isinstance(index.op, _JOINED) and (is_mask(index.left) or is_mask(index.right))
    if not isinstance(index, ast.Compare):
        return False
    texts = any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in index.comparators)
    return isinstance(index.ops[0], _ORDERED) and not texts


def is_column(index: ast.expr, owner: str) -> bool:
    """Whether a mask is made of columns of a table, as data frames have them: `t["a"] > 1`, `t.a > 1`."""
    for node in ast.walk(index):
        if (
            isinstance(node, ast.Subscript)
            and isinstance(node.slice, ast.Constant)
            and isinstance(node.slice.value, str)
        ):
            return True
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Attribute) and dotted(node.left.value) == owner:
            return True
    return False


def is_part(index: ast.expr) -> bool:
    """Whether an index means a part of a tensor: a slice, several axes, a mask, or a name that says so."""
    if isinstance(index, ast.Tuple):
        return any(not (isinstance(axis, ast.Constant) and isinstance(axis.value, str)) for axis in index.elts)
    if isinstance(index, (ast.Name, ast.Attribute)):
        name = index.id if isinstance(index, ast.Name) else index.attr
        return any(word in name.lower() for word in _MASK_NAMES)
    return isinstance(index, ast.Slice) or is_mask(index)


def put_value(node: ast.expr) -> bool:
    """Whether a value is one that may stand for infinity: a negative, a call, or a member of what is called."""
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant)
    return isinstance(node, ast.Call) or (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call))
