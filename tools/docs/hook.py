"""The hook of mkdocs: adds the generated pages, and fills the generated parts of written ones.

A written page says `<!-- generated: NAME -->` where a part belongs; an unknown name ends the build. Where a block is
the content of a file, which a page says by `<!-- file: NAME -->`, its name is shown above it.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any, Callable

ROOT = Path(__file__).resolve().parents[2]

_PART = re.compile(r"^<!-- generated: ([a-z-]+) -->$", re.MULTILINE)
_FILE = re.compile(r"^<!-- file: (.+) -->$", re.MULTILINE)


def on_startup(**_: Any) -> None:
    """Let the project be imported, wherever mkdocs was started."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))


def on_files(files: Any, config: Any) -> Any:
    """Add the pages of the rules, and the colours of code."""
    from mkdocs.structure.files import File

    from tools.docs import colours, rulepages

    for path, content in (*rulepages.pages().items(), *colours.files().items()):
        files.append(File.generated(config, path, content=content))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Fill the generated parts of a page, and show the names of files."""
    named = _FILE.sub(lambda match: f"In `{match.group(1)}`:\n", markdown)
    return _PART.sub(lambda match: _parts()[match.group(1)](), named)


def _parts() -> dict[str, Callable[[], str]]:
    from tools.docs import commands, options, prices, rulepages, target

    return {
        "commands": commands.part,
        "options": options.part,
        "prices": prices.prices,
        "renames-agnostic": lambda: target.renames("agnostic"),
        "renames-npu": lambda: target.renames("npu"),
        "rules": rulepages.index,
        "shares": prices.shares,
        "shim-counts": target.shim_counts,
        "shim-disabled": lambda: target.shim_names("disabled"),
        "shim-unreached": lambda: target.shim_names("unreached"),
        "versions": target.versions,
    }
