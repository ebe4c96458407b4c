"""The code that is read: pinned packages from the package index, their Python files unpacked, none of them ever run."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
# Wheels without compiled code, so that every machine gets the same files whatever its platform and interpreter.
_PURE = ["--platform", "any", "--implementation", "py", "--abi", "none", "--python-version", "3.11"]


class Corpus(NamedTuple):
    """A folder of Python files, how many there are and how many lines they have."""

    folder: Path
    files: int
    lines: int


def prepare(folder: Path) -> Corpus:
    """Fetch and unpack the packages below `folder`, unless they are there already.

    Wheels, because pip runs code of a source distribution to download it; they hold the same modules.
    """
    wheels, code = folder / "wheels", folder / "corpus"
    if not code.exists():
        _pip(sys.executable, "download", "--no-deps", "--only-binary", ":all:", *_PURE, "--require-hashes",
             "--requirement", str(HERE / "packages.txt"), "--dest", str(wheels))  # fmt: skip
        unpacked = folder / "unpacked"
        for wheel in sorted(wheels.glob("*.whl")):
            unpack(wheel, unpacked / wheel.name.split("-")[0])
        unpacked.rename(code)
    files = sorted(code.rglob("*.py"))
    return Corpus(code, len(files), sum(path.read_bytes().count(b"\n") for path in files))


def unpack(wheel: Path, folder: Path) -> None:
    """Write the Python files of a wheel below `folder`, and nothing anywhere else."""
    with zipfile.ZipFile(wheel) as archive:
        for name in _modules(archive):
            path = folder.joinpath(*PurePosixPath(name).parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(archive.read(name))


def _modules(archive: zipfile.ZipFile) -> Iterator[str]:
    for name in archive.namelist():
        path = PurePosixPath(name)
        if path.suffix == ".py" and not path.is_absolute() and ".." not in path.parts and "\\" not in name:
            yield name


def tools(folder: Path) -> Path:
    """The folder of the programs of `tools.txt`, installed in an environment below `folder`."""
    home = folder / "tools"
    programs = home / ("Scripts" if sys.platform == "win32" else "bin")
    if not (home / "complete").exists():
        venv.create(home, with_pip=True, clear=True)
        _pip(str(programs / "python"), "install", "--requirement", str(HERE / "tools.txt"))
        (home / "complete").touch()
    return programs


def _pip(python: str, *arguments: str) -> None:
    subprocess.run([python, "-m", "pip", "--quiet", *arguments], check=True, stdout=sys.stderr)
