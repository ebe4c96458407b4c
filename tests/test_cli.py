"""The command line: exit codes, what goes where, and what is said of a mistake."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from portcheck import __version__
from portcheck.errors import Exit
from tests.commands import CUDA, ROOT, portcheck


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file that has a finding and one that has none."""
    (tmp_path / "a.py").write_text(CUDA, encoding="utf-8")
    (tmp_path / "b.py").write_text("x = 1\n", encoding="utf-8")
    return tmp_path


LINE = "a.py:3:1: PC101 torch.cuda.set_device becomes torch.accelerator.set_device_index\n"


def test_check_prints_findings_and_fails(folder: Path) -> None:
    ended = portcheck("check", cwd=folder)
    assert (ended.code, ended.out) == (Exit.FINDINGS, LINE)
    assert ended.err == "1 finding in 1 of 2 files\n"


def test_check_passes_without_findings(folder: Path) -> None:
    (folder / "a.py").unlink()
    ended = portcheck("check", cwd=folder)
    assert (ended.code, ended.out, ended.err) == (Exit.DONE, "", "0 findings in 0 of 1 file\n")


def test_scan_prints_a_report_and_succeeds(folder: Path) -> None:
    ended = portcheck("scan", cwd=folder)
    assert ended.code == Exit.DONE
    assert "torch.cuda.set_device" in ended.out
    assert "\x1b" not in ended.out
    assert ended.err == ""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("scan --fail-on verify", Exit.FINDINGS),
        ("scan --fail-on rename", Exit.FINDINGS),
        ("scan --fail-on config", Exit.DONE),
        ("check --fail-on blocker", Exit.DONE),
        ("check --ignore PC1", Exit.DONE),
        ("check --select amp,PC101", Exit.FINDINGS),
        ("check --select amp --select rewrite", Exit.DONE),
        ("check --exclude a.py", Exit.DONE),
        ("check --include-role tests,vendored", Exit.DONE),
        ("check --include-role source", Exit.FINDINGS),
        ("scan --strict", Exit.DONE),
    ],
)
def test_exit_codes(folder: Path, arguments: str, code: Exit) -> None:
    assert portcheck(*arguments.split(), cwd=folder).code == code


def test_files_that_share_a_fault_share_a_warning(folder: Path) -> None:
    for name in ("a", "b", "c"):
        (folder / f"{name}.yaml").write_text("{{ if x }}\ndevice: cuda\n{{ end }}\n", encoding="utf-8")
    ended = portcheck("check", cwd=folder)
    warnings = [line for line in ended.err.splitlines() if line.startswith("warning")]
    assert warnings == ["warning: a.yaml and 2 more: is a template, read line by line"]


def test_strict_fails_for_what_could_not_be_read(folder: Path) -> None:
    (folder / "c.py").write_text("torch.cuda def (:\n", encoding="utf-8")
    ended = portcheck("check", "--strict", cwd=folder)
    assert ended.code == Exit.INCOMPLETE
    assert ended.out.startswith(LINE)
    assert "warning: c.py: " in ended.err
    report = json.loads(portcheck("scan", "--format", "json", cwd=folder).out)
    assert {file["path"]: file["status"] for file in report["files"]}["c.py"] == "partly"


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ("chekc", "did you mean 'check'"),
        ("rules lits", "did you mean 'list'"),
        ("check --selct x", "--select"),
        ("check --select PC999", "'PC999' is no rule id"),
        ("check --select device-apis", "did you mean 'device-api'"),
        ("check --strategy nup", "did you mean 'npu'"),
        ("check --strategy fastest", "none of agnostic, npu, shim, auto"),
        ("check --fail-on bloker", "did you mean 'blocker'"),
        ("check --format jsn", "did you mean 'json'"),
        ("check --target ascned", "did you mean 'ascend'"),
        ("check --torch 1.0", "there are 2.7.1"),
        ("check --torch x", "there are 2.7.1"),
        ("check --hardware a4", "there are a2"),
        ("check --jobs -1", "from 1 to"),
        ("check --jobs many", "not a valid integer"),
        ("check --include-role tset", "did you mean 'test'"),
        ("check --config gone.toml", "no such file"),
        ("check --output gone/out", "cannot write"),
        ("check --statistics --format json", "text and concise"),
        ("check gone", "cannot scan 'gone'"),
        ("check - a.py", "standard input is scanned alone"),
        ("check - --stdin-filename a.txt", "other files are not read"),
        ("rules new PC101 x", "'PC101' is taken"),
        ("rules new PC198 x --category amps", "did you mean 'amp'"),
        ("rules test gone", "gone"),
    ],
)
def test_a_mistake_is_named_on_standard_error(folder: Path, arguments: str, hint: str) -> None:
    ended = portcheck(*arguments.split(), cwd=folder)
    assert ended.code == (Exit.PACK if "rules test" in arguments else Exit.USAGE)
    assert hint in ended.err
    assert "Traceback" not in ended.err
    assert ended.out == ""


def test_a_broken_configuration_and_a_broken_pack_have_codes_of_their_own(folder: Path, tmp_path: Path) -> None:
    (folder / "portcheck.toml").write_text("jbos = 1", encoding="utf-8")
    ended = portcheck("check", cwd=folder)
    assert ended.code == Exit.USAGE
    assert "did you mean 'jobs'" in ended.err
    pack = tmp_path / "rules"
    for part in ("cuda", "ascend"):
        (pack / part).mkdir(parents=True)
    (pack / "ascend" / "target.toml").write_text("[target]\nname = 3\n", encoding="utf-8")
    (pack / "cuda" / "device.toml").write_text("[[rule]]\nid = 3\n", encoding="utf-8")
    ended = portcheck("rules", "test", "rules", cwd=tmp_path)
    assert ended.code == Exit.PACK
    assert "cuda/device.toml" in ended.err


def test_the_version_comes_from_both_ways() -> None:
    assert portcheck("--version").out == portcheck("--version", "--help").out == f"portcheck {__version__}\n"


@pytest.mark.parametrize("arguments", ["", "--help", "-h"])
def test_help(arguments: str) -> None:
    ended = portcheck(*arguments.split())
    assert ended.code == Exit.DONE
    assert "scan" in ended.out


@pytest.mark.parametrize("arguments", [["-"], ["--stdin-filename", "sub/x.py"], ["-", "--stdin-filename", "sub/x.py"]])
def test_standard_input(tmp_path: Path, arguments: list[str]) -> None:
    ended = portcheck("check", *arguments, cwd=tmp_path, stdin=CUDA.encode())
    name = "sub/x.py" if "sub/x.py" in arguments else "stdin.py"
    assert ended.code == Exit.FINDINGS
    assert ended.out == LINE.replace("a.py", name)
    assert os.listdir(tmp_path) == []


def test_standard_input_takes_the_configuration_and_role_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "portcheck.toml").write_text('include-role = ["source"]', encoding="utf-8")
    for name, code in (("x.py", Exit.FINDINGS), ("tests/x.py", Exit.DONE)):
        assert portcheck("check", "--stdin-filename", name, cwd=tmp_path, stdin=CUDA.encode()).code == code


def test_paths_can_be_opened_from_the_working_folder(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "a.py").rename(folder / "sub" / "a.py")
    assert portcheck("check", "sub", cwd=folder).out == f"sub/{LINE}"
    assert portcheck("check", "../sub", cwd=folder / "sub").out == LINE
    assert portcheck("check", folder, cwd=ROOT).out == f"{os.path.realpath(folder)}/sub/{LINE}"


def test_output_goes_to_a_file(folder: Path) -> None:
    ended = portcheck("scan", "--format", "json", "--output", "out.json", cwd=folder)
    assert (ended.code, ended.out) == (Exit.DONE, "")
    assert json.loads((folder / "out.json").read_text(encoding="utf-8"))["schema"] == "portcheck/1"


def test_statistics_count_by_rule(folder: Path) -> None:
    (folder / "a.py").write_text(CUDA * 2 + "torch.cuda.synchronize()\n", encoding="utf-8")
    lines = portcheck("check", "--statistics", "--quiet", cwd=folder).out.splitlines()
    assert lines == ["2  PC101  torch.cuda.set_device", "1  PC106  torch.cuda.synchronize"]


def test_quiet_says_nothing_beside_the_result(folder: Path) -> None:
    ended = portcheck("check", "--quiet", cwd=folder)
    assert (ended.out, ended.err) == (LINE, "")


def test_a_file_can_be_named_whatever_it_holds(folder: Path) -> None:
    if os.name == "nt":
        pytest.skip("not a name on Windows")
    name = "x\n\x1b[31m'\".py"
    (folder / name).write_text(CUDA, encoding="utf-8")
    out = portcheck("check", cwd=folder).out
    assert out == LINE + LINE.replace("a.py", "x\\n\\x1b[31m'\".py")


def test_an_encoding_that_cannot_hold_a_name_does_not_stop_the_report(folder: Path) -> None:
    (folder / "ä.py").write_text(CUDA, encoding="utf-8")
    ended = portcheck("check", cwd=folder, PYTHONIOENCODING="ascii")
    assert ended.code == Exit.FINDINGS
    assert LINE.replace("a.py", "\\xe4.py") in ended.out


def test_the_same_report_whatever_the_jobs_and_the_cache(tmp_path: Path) -> None:
    folder = tmp_path / "repo"
    folder.mkdir()
    for number in range(40):
        (folder / f"m{number}.py").write_text(CUDA * 200 + f"x = {number}\n", encoding="utf-8")
    reports: set[str] = set()
    for jobs in "18":
        for _ in ("cold", "warm"):
            cache = str(tmp_path / f"cache{jobs}")
            ended = portcheck("scan", "--format", "json", "--jobs", jobs, cwd=folder, PORTCHECK_CACHE_DIR=cache)
            reports.add(ended.out)
    assert len(reports) == 1
    assert len(json.loads(reports.pop())["findings"]) == 8000


@pytest.mark.parametrize("arguments", ["scan", "check", "rules list"])
def test_a_reader_that_goes_away_is_no_error(folder: Path, arguments: str) -> None:
    (folder / "a.py").write_text(CUDA + "torch.cuda.synchronize()\n" * 20_000, encoding="utf-8")
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "portcheck",
            *arguments.split(),
            "--quiet" if "rules" not in arguments else "--target=ascend",
        ],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == (Exit.FINDINGS if arguments == "check" else Exit.DONE)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
def test_a_full_disk_is_an_error(folder: Path) -> None:
    with open("/dev/full", "w", encoding="ascii") as full:
        command = [sys.executable, "-m", "portcheck", "scan"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=folder, stdout=full, stderr=subprocess.PIPE, check=False, env=environment)
    assert done.returncode == Exit.USAGE
    assert b"cannot write standard output" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="a shell of Unix")
def test_a_closed_output_is_an_error_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CUDA, encoding="utf-8")
    command = ["sh", "-c", '"$0" -m portcheck check a.py >&-', sys.executable]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == Exit.USAGE
    assert done.stderr == "portcheck: cannot write standard output: it is closed\n"


INTERRUPTED = """
import contextlib, os, signal, sys
from portcheck.report import progress

@contextlib.contextmanager
def interrupting(label):
    yield lambda done, total: os.kill(os.getpid(), signal.SIGINT)

progress.progress_bar = interrupting
# Whoever runs the tests in the background may have the signal ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
from portcheck.__main__ import main
sys.exit(main())
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of Unix")
def test_an_interrupt_ends_the_run_with_its_code(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"m{number}.py").write_text(CUDA * 500 + f"x = {number}\n", encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, "scan", "--no-cache", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stdout) == (Exit.INTERRUPTED, "")
    assert ended.stderr.split() == ["portcheck:", "interrupted"]


def test_rules_can_be_listed_tested_and_begun() -> None:
    listed = portcheck("rules", "list")
    assert listed.code == Exit.DONE
    assert next(line for line in listed.out.splitlines() if line.startswith("PC101")).split()[2:4] == [
        "device-api",
        "rename",
    ]
    begun = portcheck("rules", "new", "PC199", "my-rule", "--topic", "device")
    assert begun.code == Exit.DONE
    assert 'id = "PC199"' in begun.out
    tested = portcheck("rules", "test")
    assert (tested.code, tested.out) == (Exit.DONE, "")
    assert "examples tested, 0 problems" in tested.err


@pytest.mark.parametrize(
    ("typed", "expected"), [("check --strategy ", "npu"), ("check --select PC10", "PC101"), ("ru", "rules")]
)
def test_shells_are_told_what_can_follow(typed: str, expected: str) -> None:
    words = ["portcheck", *typed.split(" ")]
    last = str(len(words) - 1)
    ended = portcheck(_PORTCHECK_COMPLETE="bash_complete", COMP_WORDS=" ".join(words), COMP_CWORD=last)
    assert f"plain,{expected}" in ended.out.splitlines()
