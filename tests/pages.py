"""The code blocks of the documentation, and a walk through a page: every block in order, as its reader would do it.

A comment before a block says what else there is to know of it:

- `<!-- file: NAME -->`: the block is the content of a file, which the walk writes;
- `<!-- exit: N -->`: the last command of the block ends so;
- `<!-- run: no, REASON -->`: the block is parsed and not run.

`<!-- start: NAME -->`, anywhere on a page, says which folder the walk starts in. In a `console` block the lines below
a command are what it prints, `...` stands for any lines or for any part of one, and a command that fails is followed
by `echo $?`.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tests.commands import ROOT, Ended

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))

_FENCE = re.compile(r"^( *)(`{3,})(.*)$")
_MARK = re.compile(r"^<!-- (file|exit|run|start): (.+) -->$")
_ENDED = "\x1e"
_DOTS = "..."
_COLUMN = re.compile(r"(:\d+):\d+: ")
_PARTS = (
    "portcheck",
    "rules",
    "demo",
    "docs",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "action.yml",
    ".pre-commit-hooks.yaml",
)
"""What of the project a walk needs: enough to be installed, read and extended."""


class Block(NamedTuple):
    """A block of code: its page, the line of its fence, its language, its text, and what the comments before say."""

    page: Path
    line: int
    language: str
    code: str
    marks: dict[str, str]

    @property
    def place(self) -> str:
        """Where the block is, for messages."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


class Step(NamedTuple):
    """A command of a console block, and the lines that it is said to print."""

    command: str
    output: tuple[str, ...]


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page; raises AssertionError for one that does not end or stands in something else."""
    found: list[Block] = []
    lines = page.read_text(encoding="utf-8").splitlines()
    marks: dict[str, str] = {}
    at = 0
    while at < len(lines):
        mark, fence = _MARK.match(lines[at]), _FENCE.match(lines[at])
        if fence:
            assert not fence.group(1), f"{page.name}:{at + 1}: a block stands in something else"
            end = next((row for row in range(at + 1, len(lines)) if lines[row] == fence.group(2)), None)
            assert end is not None, f"{page.name}:{at + 1}: a block does not end"
            found.append(Block(page, at + 1, fence.group(3), "\n".join(lines[at + 1 : end]) + "\n", marks))
            at = end
        if mark and mark.group(1) != "start":
            marks = {**marks, mark.group(1): mark.group(2)}
        elif fence or lines[at].strip():
            marks = {}
        at += 1
    return found


def start(page: Path) -> str:
    """Return what the walk through a page starts with."""
    found = [mark.group(2) for mark in map(_MARK.match, page.read_text(encoding="utf-8").splitlines()) if mark]
    starts = [name for name in found if name in STARTS]
    return starts[0] if starts else "empty"


def steps(code: str) -> list[Step]:
    """Return the commands of a console block with what they print; lines after `> ` go on with a command."""
    found: list[Step] = []
    for line in code.splitlines():
        if line.startswith("$ "):
            found.append(Step(line[2:], ()))
        elif line.startswith("> ") and found and not found[-1].output:
            found[-1] = Step(f"{found[-1].command}\n{line[2:]}", ())
        else:
            assert found, f"a console block begins with a command, not with {line!r}"
            found[-1] = Step(found[-1].command, (*found[-1].output, line))
    return found


def agrees(shown: Iterable[str], printed: Iterable[str]) -> bool:
    """Return whether what is shown is what was printed, `...` standing for any lines or for any part of one."""
    # Python 3.9 does not know the columns of imported names.
    wanted = [_COLUMN.sub(r"\1: ", line.rstrip()) for line in shown]
    found = [_COLUMN.sub(r"\1: ", line.rstrip()) for line in printed]
    parts = [re.escape(line).replace(re.escape(_DOTS), ".*?") + "\n" for line in wanted]
    pattern = "".join("(?:.*\n)*?" if line == _DOTS else part for line, part in zip(wanted, parts))
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in found)) is not None


class Walk:
    """A folder of its own in which the blocks of a page are run one after the other."""

    def __init__(self, folder: Path, beginning: str) -> None:
        self.home = folder / "work"
        self.here = self.home
        self.home.mkdir()
        self.environment = _environment(folder, self.home)
        STARTS[beginning](self)

    def run(self, block: Block) -> None:
        """Do what a block says; raises AssertionError when it ends otherwise or prints something else."""
        if "file" in block.marks:
            self.write(block.marks["file"], block.code)
        elif block.marks.get("run", "").startswith("no"):
            return
        elif block.language == "sh":
            done = self.shell(f"set -e\n{block.code}")
            assert done.code == int(block.marks.get("exit", "0")), f"{block.place}\n{done.out}"
        elif block.language == "python":
            done = self.shell(f"python - <<'END_OF_BLOCK'\n{block.code}END_OF_BLOCK\n")
            assert done.code == 0, f"{block.place}\n{done.out}"
        elif block.language == "console":
            self.session(block)

    def write(self, name: str, content: str) -> None:
        """Write a file below the folder of the walk."""
        path = self.here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")

    def session(self, block: Block) -> None:
        """Run the commands of a console block in one shell, and compare what each prints."""
        listed = steps(block.code)
        script = "".join(
            f"{step.command}\n(code=$?; printf '{_ENDED}%s{_ENDED}' $code; exit $code)\n" for step in listed
        )
        pieces = self.shell(script).out.split(_ENDED)
        outputs, codes = pieces[:-1:2], pieces[1::2]
        assert len(codes) == len(listed), f"{block.place}\n{pieces}"
        for at, (step, output, code) in enumerate(zip(listed, outputs, codes)):
            said = f"{block.place}\n$ {step.command}\n{output}"
            assert agrees(step.output, output.splitlines()), said
            asked = at + 1 < len(listed) and listed[at + 1].command == "echo $?"
            assert code == "0" or asked or block.marks.get("exit") == code, f"{said}exit code {code}"

    def shell(self, script: str) -> Ended:
        """Run a script in the folder the last one ended in; both outputs are one, the walk's own folder is `...`."""
        place = self.home.parent / "place"
        ending = f"trap 'pwd > {shlex.quote(str(place))}' EXIT\n"
        done = subprocess.run(
            ["bash", "-c", ending + script],
            cwd=self.here,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
            check=False,
        )
        self.here = Path(place.read_text(encoding="utf-8").strip())
        return Ended(done.returncode, done.stdout.decode().replace(str(self.home), "..."), "")

    def git(self, *arguments: str) -> None:
        """Run git in the folder of the walk."""
        subprocess.run(["git", *arguments], cwd=self.here, env=self.environment, check=True, capture_output=True)

    def commit(self) -> None:
        """Make a repository of what is there."""
        self.git("init", "-q", "-b", "main")
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "Begin")


def _environment(folder: Path, home: Path) -> dict[str, str]:
    """The variables of a walk: this Python and this portcheck, and nothing of the caller's configuration."""
    programs = folder / "bin"
    programs.mkdir()
    python = f'PYTHONPATH="$PORTCHECK_ROOT" exec {shlex.quote(sys.executable)}'
    modules = (("portcheck", "-m portcheck "), ("pre-commit", "-m pre_commit "), ("python", ""), ("python3", ""))
    for name, arguments in modules:
        (programs / name).write_text(f'#!/bin/sh\n{python} {arguments}"$@"\n', encoding="utf-8")
        (programs / name).chmod(0o755)
    person = {f"GIT_{who}_{what}": "someone" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return {
        **os.environ,
        **person,
        "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}",
        "PORTCHECK_ROOT": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ALLOW_PROTOCOL": "file",
        "GIT_CEILING_DIRECTORIES": str(home.parent),
    }


def _demo(walk: Walk) -> None:
    """A repository that holds the small project `demo`."""
    shutil.copytree(ROOT / "demo", walk.home / "demo")
    walk.commit()


def _project(walk: Walk) -> None:
    """A checkout of portcheck, whose own portcheck is the one that runs."""
    copy_project(walk.home)
    walk.commit()
    walk.environment["PORTCHECK_ROOT"] = str(walk.home)


def _cloned(walk: Walk) -> None:
    """As `demo`, and `PORTCHECK` is the address of portcheck."""
    _demo(walk)
    origin = walk.home.parent / "origin"
    origin.mkdir()
    copy_project(origin)
    walk.here = origin
    walk.commit()
    # A clone knows another HEAD beside its own: that of where it came from.
    walk.git("update-ref", "refs/remotes/origin/HEAD", "HEAD")
    walk.here = walk.home
    walk.environment["PORTCHECK"] = str(origin)


def _team(walk: Walk) -> None:
    """As `cloned`, with a new environment for `python` that portcheck is not installed in."""
    _cloned(walk)
    walk.environment.update(installable(walk.home.parent / "venv"))


def installable(folder: Path) -> dict[str, str]:
    """Make an environment with the libraries that are here but not portcheck; return the variables to use it."""
    venv.create(folder, with_pip=False)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "here.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    return {
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONPATH": "",
        # What is installed has all it needs, and the network is nothing to wait for.
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


def copy_project(folder: Path) -> None:
    """Copy what of the project can be installed, read and extended."""
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    for part in _PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=ignored)
        elif source.exists():
            shutil.copy(source, folder / part)


STARTS = {"empty": Walk.commit, "demo": _demo, "project": _project, "cloned": _cloned, "team": _team}
"""What a walk starts with, by the name that a page gives it."""
