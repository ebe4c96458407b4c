"""How often `portcheck fix` does what porters did: `python -m calibration.fixes --ports FILE --mirrors DIR --work DIR`.

Of the old lines that real ports changed by a plain rename (`cuda` to `npu`) or into a device-agnostic call, prints in
how many the fix changes the line, and in how many to the same tokens, once names that mean the same are taken as one.
Renames are compared with the style that names the target, calls with the device-agnostic one. Nothing is written.
"""

from __future__ import annotations

import argparse
import difflib
import io
import json
import re
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from calibration.ports import checkout
from portcheck.config import Config
from portcheck.repair import fix

RENAME, GENERAL = "replace cuda->npu", "device-agnostic call"
STYLES = {RENAME: "npu", GENERAL: "agnostic"}
_SAME = (
    (re.compile(r"\btorch_npu\.npu\b"), "torch.npu"),
    (re.compile(r"\b(?:is_npu_available|is_torch_npu_available)\(\)"), "torch.npu.is_available()"),
)
_BACKEND = re.compile(
    r"\bBACKEND\b|\b\w*platform\.communication_backend\b|\bget_accelerator\(\)\.communication_backend_name\(\)"
)
"""What stands for the backend of the device in use."""
_MODULE = re.compile(
    r"\bDEVICE_MODULE\b|\btorch\.get_device_module\(\)|\bget_(?:torch_)?device_(?:module|namespace)\(\)"
    r"|\b(?:torch_)?device_(?:module|namespace)\b|\bgetattr\(torch, [\w.]+\)"
    r"|\btorch\.accelerator\b(?!\.current_accelerator)|\b\w*platform(?=\.(?!device_type))|\bget_accelerator\(\)(?=\.(?!device_name))|\b(?:get_)?torch_device(?:\(\))?(?=\.)"
)
"""What stands for the module of the device in use: it has the functions that `torch.cuda` has."""
_TYPE = re.compile(
    r"\b(?:[A-Z_]*DEVICE(?:_TYPE)?|torch\.accelerator\.current_accelerator\(\)(?:\.type)?|\w*platform(?:\.device_type)?"
    r"|get_(?:torch_)?device(?:_name|_type)?\(\)|get_accelerator\(\)(?:\.\w+\(\))?|(?:torch_)?device(?:_(?:type|name))?\b(?!_)"
    r"|torch_device\b|(?:self\.|args\.)device(?:\.type)?\b|(?:self\.)?accelerator(?:\.device)?(?:\.type)?\b)"
)
"""What stands for the device in use or its type, in PyTorch's words and in those of ports."""
_INDEX = re.compile(r"\b(set_device|current_device)_index\b")
_TEST = re.compile(r"""(?:\bin \(['"]cuda['"], ['"]npu['"]\)|!= ?['"]cpu['"]|== ?f?['"]?\{?DEVICE\}?['"]?)""")
_NO_TEST = re.compile(r"""(?:\bnot in \(['"]cuda['"], ['"]npu['"]\)|== ?['"]cpu['"]|!= ?f?['"]?\{?DEVICE\}?['"]?)""")
_MOST = 6
"""Lines of a hunk that are taken for one: what a formatter breaks a line into."""
_LAYOUT = frozenset({tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT})


class Row(NamedTuple):
    """A line that a porter changed: where, how, what it was and became, and what the fix makes of it."""

    port: str
    repo: str
    path: str
    line: int
    how: str
    old: str
    theirs: str
    ours: str

    @property
    def changed(self) -> bool:
        """Whether the fix changes the line."""
        return self.ours != self.old

    @property
    def equal(self) -> bool:
        """Whether the fix makes the same of it, by tokens."""
        general = self.how == GENERAL
        ours = normal(self.ours, general)
        lines = self.theirs.split("\n")
        pieces = (
            "\n".join(lines[a:b]) for a in range(len(lines)) for b in range(a + 1, min(a + _MOST, len(lines)) + 1)
        )
        return self.changed and any(normal(piece, general) == ours for piece in pieces)


def main() -> int:
    """Compare, print, and return 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for name in ("--ports", "--mirrors", "--work"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--show", type=int, default=0, help="lines to print of those that differ")
    options = parser.parse_args()
    rows = list(compared(options.ports, options.mirrors, options.work))
    for how in STYLES:
        print_share(how, [row for row in rows if row.how == how])
    print_share("both", rows)
    by_repo: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_repo[row.repo].append(row)
    for repo, found in sorted(by_repo.items()):
        print_share(f"  {repo}", found)
    for row in [row for row in rows if not row.equal][: options.show]:
        state = "differs" if row.changed else "left"
        print(f"{state}: {row.port} {row.path}:{row.line}\n  - {row.old.strip()}\n  theirs {row.theirs.strip()}")
        print(f"  ours   {row.ours.strip()}" if row.changed else "  left as it was")
    return 0


def print_share(name: str, rows: Sequence[Row]) -> None:
    """Print how many of some lines are changed, and how many to the same."""
    changed, equal = sum(row.changed for row in rows), sum(row.equal for row in rows)
    whole = max(len(rows), 1)
    print(f"{name:45} {len(rows):4} lines  changed {changed / whole:.2f}  the same {equal / whole:.2f}")


def compared(ports: Path, mirrors: Path, work: Path) -> Iterator[Row]:
    """Yield the lines of all ports whose repository there is a mirror of."""
    known: dict[tuple[str, str, str], Mapping[str, Mapping[int, str]]] = {}
    for text in ports.read_text(encoding="utf-8").splitlines():
        port = json.loads(text)
        tree = checkout(mirrors, work, port["repo"], port["parent"])
        for edit in port["edited_lines"] if tree is not None else ():
            if edit["why"] != "cuda-token" or edit["how"] not in STYLES or not edit["path"].endswith(".py"):
                continue
            key = (port["repo"], port["parent"], STYLES[edit["how"]])
            if key not in known:
                known[key] = changes(tree, key[2])
            yield _row(port, edit, known[key])


def changes(tree: Path, strategy: str) -> Mapping[str, Mapping[int, str]]:
    """Return what the fix makes of each changed line of a tree: by path and line number before."""
    found: dict[str, dict[int, str]] = {}
    for file in fix([tree], Config(strategy=strategy, cache=False), unsafe=True).files:
        old, new = (data.decode("utf-8", "replace").splitlines() for data in (file.old, file.new))
        lines: dict[int, str] = {}
        for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if tag == "replace":
                pairs = (
                    zip(range(a, b), new[c:d]) if b - a == d - c else ((at, "\n".join(new[c:d])) for at in range(a, b))
                )
                lines.update((at + 1, line) for at, line in pairs)
            elif tag == "delete":
                lines.update((at + 1, "") for at in range(a, b))
        found[file.path] = lines
    return found


def normal(text: str, general: bool) -> Counter[str]:
    """Return the tokens of code; with `general` there is one word for whatever names the device in use or its type.

    There is another for its module, and one for its backend, so that none of these is taken for the other.
    """
    for pattern, word in _SAME:
        text = pattern.sub(word, text)
    if general:
        text = _MODULE.sub("MODULE", _BACKEND.sub("COLLECTIVES", text))
        text = _INDEX.sub(r"\1", _TYPE.sub("DEVICE", text))
        text = _TEST.sub("is DEVICE", _NO_TEST.sub("is not DEVICE", text))
    return Counter(_tokens(text))


def _tokens(text: str) -> Iterator[str]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(text.strip() + "\n").readline):
            if token.type not in _LAYOUT and token.string:
                yield token.string.replace("'", '"')
    except (tokenize.TokenError, SyntaxError):
        return


def _row(port: Mapping[str, Any], edit: Mapping[str, Any], made: Mapping[str, Mapping[int, str]]) -> Row:
    ours = made.get(edit["path"], {}).get(edit["line"], edit["text"])
    theirs = "\n".join(edit.get("new") or ())
    return Row(port["id"], port["repo"], edit["path"], edit["line"], edit["how"], edit["text"], theirs, ours)


if __name__ == "__main__":
    raise SystemExit(main())
