"""What a start imports is on a list: each module there costs every user of a hook time, every time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import CUDA, ROOT

TYPES = "__future__ collections contextlib copyreg enum functools itertools keyword operator re reprlib typing warnings"
"""What `typing` and `enum` import, whatever the version of Python."""

OURS = (
    "ast errno fnmatch gc glob grp importlib ipaddress json locale math ntpath pathlib posixpath pwd sre_compile "
    "sre_constants sre_parse string time types unicodedata urllib weakref"
)
"""What a check with plain arguments needs beside: patterns, paths (`glob`, `grp` and `pwd` from Python 3.13 on) and
JSON, whatever the version of Python."""

ALLOWED = {
    "": f"portcheck {TYPES}",
    "--version": f"portcheck gc {TYPES}",
    "check": f"portcheck {TYPES} {OURS}",
}

READERS = "portcheck.sources.python"

PROGRAM = """
import atexit, runpy, sys
before = set(sys.modules) | {"atexit", "runpy", "pkgutil"}
atexit.register(lambda: print("", *sorted(set(sys.modules) - before), sep="\\n", file=sys.stderr))
sys.path.insert(0, %r)
import portcheck
if sys.argv[1:]:
    runpy.run_module("portcheck", run_name="__main__")
"""


def modules(*arguments: str, cwd: Path = ROOT) -> set[str]:
    """Return the modules that a start with these arguments imports, none for a bare import of the package."""
    command = [sys.executable, "-c", PROGRAM % str(ROOT), *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode in (0, 1), done.stderr
    return set(done.stderr.splitlines())


def names(found: set[str]) -> set[str]:
    """Return the packages of modules, without those that are parts of the interpreter's own."""
    return {module.partition(".")[0] for module in found if module and not module.startswith(("_", "encodings."))} | (
        {"__future__"} & found
    )


@pytest.mark.parametrize("command", ["", "--version"])
def test_what_a_bare_start_imports(command: str) -> None:
    assert names(modules(*command.split())) <= set(ALLOWED[command].split())


def test_the_version_needs_no_command_line() -> None:
    assert {module for module in modules("--version") if module.startswith("portcheck.")} <= {"portcheck.__main__"}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    (tmp_path / "a.py").write_text(CUDA, encoding="utf-8")
    return tmp_path


def test_what_a_check_imports(small: Path) -> None:
    modules("check", "--quiet", cwd=small)  # compiles the rule packs, if nobody has yet
    (small / "b.py").write_text(CUDA * 2, encoding="utf-8")
    first = modules("check", "--quiet", cwd=small)
    second = modules("check", "--quiet", cwd=small)
    allowed = set(ALLOWED["check"].split())
    assert names(first) <= allowed
    assert names(second) <= allowed
    assert READERS in first
    assert READERS not in second


def test_nothing_that_judges_is_imported_where_nothing_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("lr: 0.1\n", encoding="utf-8")
    modules("check", "--quiet", cwd=tmp_path)
    assert not {"portcheck.assess", "portcheck.match"} & modules("check", "--quiet", cwd=tmp_path)
