"""Options come from the command line, else from the nearest configuration file; what is wrong in one is named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from portcheck import api
from portcheck.config import COMMAND_LINE, DEFAULT, MAX_FILE, Config, resolve
from portcheck.errors import ConfigError, UsageError
from tests.commands import CUDA


def write(path: Path, text: str) -> Path:
    """Write a file and the folders it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def config(folder: Path, **given: Any) -> Config:
    """Return the options for a scan of a folder."""
    return resolve([str(folder)], given).config


def test_defaults_without_a_file(tmp_path: Path) -> None:
    found = resolve([str(tmp_path)], {})
    assert found.config == Config()
    assert found.file is None
    assert set(found.origins.values()) == {DEFAULT}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('torch = "2.11.0"', {"torch": "2.11.0"}),
        ('select = ["PC1", "amp"]', {"select": ("PC1", "amp")}),
        ('include-role = ["tests", "source"]', {"include_role": ("test", "source")}),
        ('output-format = "json"', {"output_format": "json"}),
        ('strategy = "npu"', {"strategy": "npu"}),
        ('fail-on = "rewrite"', {"fail_on": "rewrite"}),
        ("jobs = 3", {"jobs": 3}),
        ("cache = false", {"cache": False}),
        ("strict = true", {"strict": True}),
    ],
)
def test_both_files_say_the_same(tmp_path: Path, line: str, expected: dict[str, Any]) -> None:
    write(tmp_path / "one" / "portcheck.toml", line)
    write(tmp_path / "two" / "pyproject.toml", f"[tool.portcheck]\n{line}")
    assert config(tmp_path / "one") == config(tmp_path / "two") == Config()._replace(**expected)


def test_the_command_line_wins_and_the_source_of_each_option_is_known(tmp_path: Path) -> None:
    file = write(tmp_path / "portcheck.toml", 'torch = "2.11.0"\njobs = 2\n')
    found = resolve([str(tmp_path)], {"jobs": 5})
    assert (found.config.torch, found.config.jobs) == ("2.11.0", 5)
    assert (found.origins["torch"], found.origins["jobs"]) == (str(file), COMMAND_LINE)
    assert found.origins["strict"] == DEFAULT


def test_the_nearest_file_up_to_the_top_of_the_repository(tmp_path: Path) -> None:
    write(tmp_path / "portcheck.toml", "jobs = 9")
    write(tmp_path / "repo" / "pyproject.toml", "[project]\nname = 'portcheck-user'")
    source = write(tmp_path / "repo" / "src" / "a.py", "")
    assert config(source).jobs == 9
    (tmp_path / "repo" / ".git").mkdir()
    assert config(source).jobs == 0
    write(tmp_path / "repo" / "pyproject.toml", "[tool.portcheck]\njobs = 8")
    assert config(source).jobs == 8
    write(tmp_path / "repo" / "src" / "portcheck.toml", "jobs = 7")
    assert config(source).jobs == 7


def test_several_paths_take_the_file_above_all_of_them(tmp_path: Path) -> None:
    write(tmp_path / "portcheck.toml", "jobs = 2")
    write(tmp_path / "a" / "portcheck.toml", "jobs = 3")
    (tmp_path / "b").mkdir()
    assert resolve([str(tmp_path / "a"), str(tmp_path / "b")], {}).config.jobs == 2


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("jbos = 3", "unknown key 'jbos'; did you mean 'jobs'"),
        ("include_role = []", "did you mean 'include-role'"),
        ('jobs = "3"', "jobs: must be a whole number, not '3'"),
        ("jobs = true", "jobs: must be a whole number"),
        ("jobs = 100000", "from 1 to 256"),
        ("torch = 2.7", "torch: must be a text, not 2.7"),
        ('select = "PC1"', "select: must be a list of texts"),
        ("exclude = [1]", "exclude: must be a list of texts"),
        ('strict = "yes"', "strict: must be true or false"),
        ('strategy = "npus"', "'npus' is none of agnostic, npu, shim, auto; did you mean 'npu'"),
        ('fail-on = "bloker"', "did you mean 'blocker'"),
        ('include-role = ["sources", "tets"]', "'tet' is none of .*did you mean 'test'"),
        ('output = "x"', "can only be given on the command line"),
        ("jobs = ", "not valid TOML"),
        ("a = " + "[" * 10_000, "not valid TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, hint: str) -> None:
    file = write(tmp_path / "portcheck.toml", text)
    with pytest.raises(ConfigError, match=hint) as error:
        config(tmp_path)
    assert str(file) in str(error.value)


def test_a_wrong_value_on_the_command_line_names_the_option(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--fail-on: 'bug' is none of verify") as error:
        config(tmp_path, fail_on="bug")
    assert not isinstance(error.value, ConfigError)


def test_a_file_that_is_named(tmp_path: Path) -> None:
    file = write(tmp_path / "strict.toml", "strict = true")
    assert resolve([str(tmp_path)], {}, str(file)).config.strict
    shared = write(tmp_path / "pyproject.toml", "[tool.other]")
    for path, hint in ((shared, "has no table"), (tmp_path / "gone.toml", "no such file"), (tmp_path, "no such file")):
        with pytest.raises(ConfigError, match=hint):
            resolve([str(tmp_path)], {}, str(path))


@pytest.mark.parametrize("text", ["[tool.portcheck]\nx = \n", "tool.portcheck = 3", "[tool]\nportcheck = 'x'"])
def test_a_broken_table_in_a_shared_file_is_an_error(tmp_path: Path, text: str) -> None:
    write(tmp_path / "pyproject.toml", text)
    with pytest.raises(ConfigError):
        config(tmp_path)


@pytest.mark.parametrize("text", ["this is no TOML", "[tool.other]\nx = 1", "", "tool = 'portcheck'", "\0"])
def test_a_shared_file_that_is_not_about_portcheck_is_passed_over(tmp_path: Path, text: str) -> None:
    write(tmp_path / "pyproject.toml", text)
    assert config(tmp_path) == Config()


def test_what_cannot_be_read(tmp_path: Path) -> None:
    large = "#" * (MAX_FILE + 1) + "portcheck"
    write(tmp_path / "a" / "pyproject.toml", large)
    assert config(tmp_path / "a") == Config()
    write(tmp_path / "a" / "portcheck.toml", large)
    with pytest.raises(ConfigError, match="larger than 1 MiB"):
        config(tmp_path / "a")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_in_the_place_of_a_file_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pyproject.toml")
    assert config(tmp_path) == Config()


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("/a.py", {"sub/a.py", "sub/deep/a.py"}),
        ("sub/a.py", {"a.py", "sub/deep/a.py"}),
        ("./sub/a.py", {"a.py", "sub/deep/a.py"}),
        ("a.py", set()),
        ("sub/", {"a.py"}),
        ("**/deep/a.py", {"a.py", "sub/a.py"}),
    ],
)
def test_patterns_count_from_the_folder_of_the_file(tmp_path: Path, pattern: str, left: set[str]) -> None:
    for name in ("a.py", "sub/a.py", "sub/deep/a.py"):
        write(tmp_path / name, CUDA)
    write(tmp_path / "portcheck.toml", f"exclude = ['{pattern}']")
    whole = api.scan([tmp_path], config(tmp_path))
    assert {file.path for file in whole.files if file.path.endswith(".py")} == left
    if pattern != "sub/":
        part = api.scan([tmp_path / "sub"], config(tmp_path / "sub"))
        assert {f"sub/{file.path}" for file in part.files} == left - {"a.py"}


def test_the_parser_is_imported_only_for_a_file_about_portcheck(tmp_path: Path) -> None:
    code = (
        "import sys; from portcheck.config import resolve; resolve([sys.argv[1]], {}); sys.exit('tomli' in sys.modules)"
    )
    write(tmp_path / "pyproject.toml", "[tool.other]\nx = 1")
    program = [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}", str(tmp_path)]
    assert subprocess.run(program, check=False).returncode == 0
    write(tmp_path / "pyproject.toml", "[tool.portcheck]\njobs = 1")
    assert subprocess.run(program, check=False).returncode == 1
