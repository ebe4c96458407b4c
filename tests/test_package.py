"""What is built holds what is needed: the wheel carries the rule packs and works far from the project."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.commands import ROOT, portcheck


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution and the wheel that was built from it."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def packs(names: list[str], folder: str) -> list[str]:
    """Return the rule files among names, relative to the folder they are in."""
    found = (name.partition(f"{folder}/")[2] for name in names if f"{folder}/" in name)
    return sorted(name for name in found if name.endswith(".toml"))


RULES = sorted(path.relative_to(ROOT / "rules").as_posix() for path in (ROOT / "rules").rglob("*.toml"))


def test_the_wheel_holds_the_packs_and_the_marks_of_a_typed_package(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (entry,) = (name for name in names if name.endswith("entry_points.txt"))
        assert b"portcheck = portcheck.__main__:start" in archive.read(entry)
    assert packs(names, "portcheck/_rules") == RULES
    assert {"portcheck/py.typed", "portcheck/report/schema.json"} <= set(names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"portcheck"}


def test_the_source_distribution_holds_what_the_readme_uses(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = [name.partition("/")[2] for name in opened.getnames()]
    assert packs(names, "rules") == RULES
    assert {"demo/train.py", "tests/test_package.py", "check", "README.md", "LICENSE", "pyproject.toml"} <= set(names)


def test_the_wheel_works_elsewhere(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    elsewhere = portcheck("check", ROOT / "demo", "--no-cache", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert elsewhere.out == portcheck("check", ROOT / "demo", "--no-cache", cwd=tmp_path).out
    assert elsewhere.out.count("\n") > 10
