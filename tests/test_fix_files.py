"""Fixed files: what is written, what is left when it cannot be, and that no file ends up broken."""

from __future__ import annotations

import ast
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portcheck.fix.run import differences, write
from portcheck.repair import fix
from portcheck.report.fixed import summary
from tests.fixing import CACHELESS, repair, tree


def test_encoding_mark_line_ends_mode_and_links_stay(tmp_path: Path) -> None:
    real = tmp_path / "real.py"
    text = '# coding: latin-1\r\nimport torch\r\nname = "caf\xe9"\r\nx.cuda()\r\n'
    real.write_bytes(text.encode("latin-1"))
    real.chmod(0o755)
    marked = tmp_path / "marked.py"
    marked.write_bytes(b"\xef\xbb\xbfimport torch\ntorch.cuda.synchronize()")
    repair(tmp_path)
    assert real.read_bytes().count(b"\r\n") == 5 and b"caf\xe9" in real.read_bytes()
    assert real.read_bytes().count(b"\n") == 5
    assert real.stat().st_mode & 0o777 == 0o755
    assert marked.read_bytes() == b"\xef\xbb\xbfimport torch\ntorch.accelerator.synchronize()"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anything")
def test_a_file_that_cannot_be_written_is_named_and_whole(tmp_path: Path) -> None:
    path = tree(tmp_path, {"a.py": "import torch\ntorch.cuda.synchronize()\n"}) / "a.py"
    path.chmod(0o444)
    lost = write(fix([tmp_path], CACHELESS))
    assert [name for name, _ in lost] == ["a.py"]
    assert "torch.cuda" in path.read_text(encoding="utf-8")


def test_a_file_that_changed_meanwhile_is_not_written(tmp_path: Path) -> None:
    path = tree(tmp_path, {"a.py": "import torch\ntorch.cuda.synchronize()\n"}) / "a.py"
    found = fix([tmp_path], CACHELESS)
    path.write_text("x = 1\n", encoding="utf-8")
    assert write(found) == (("a.py", "changed meanwhile"),)
    assert path.read_text(encoding="utf-8") == "x = 1\n"


def test_what_could_not_be_written_is_not_counted_as_changed(tmp_path: Path) -> None:
    code = "import torch\ntorch.cuda.synchronize()\n"
    found = fix([tree(tmp_path, {"a.py": code, "b.py": code})], CACHELESS)
    (tmp_path / "a.py").write_text("x = 1\n", encoding="utf-8")
    said = "".join(summary(found, write(found), unsafe=True, written=True))
    assert said.startswith("1 place in 1 file changed: 1 safe, 0 unsafe\n")
    assert "not written: a.py: changed meanwhile\n" in said


def test_without_the_helper_that_it_needs_a_file_stays_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tree(tmp_path, {"a.py": "import torch\nx.cuda()\n"}) / "a.py"
    found = fix([tmp_path], CACHELESS)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    lost = write(found)
    assert lost == (
        ("accelerator.py", "No space left on device"),
        ("a.py", "left as it was without accelerator.py"),
    )
    assert "".join(summary(found, lost, unsafe=True, written=True)).startswith("Nothing was changed.\n")
    assert path.read_text(encoding="utf-8") == "import torch\nx.cuda()\n"


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tree(tmp_path, {"a.py": "import torch\ntorch.cuda.synchronize()\n"}) / "a.py"
    found = fix([tmp_path], CACHELESS)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert write(found) == (("a.py", "No space left on device"),)
    assert path.read_text(encoding="utf-8") == "import torch\ntorch.cuda.synchronize()\n"
    assert os.listdir(tmp_path) == ["a.py"]


def git(folder: Path, *words: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def test_the_diff_applies_with_git(tmp_path: Path) -> None:
    names = ("a.py", 'odd "name\té.py', "no end.py")
    files = dict(zip(names, ("import torch\nx.cuda()\n", "import torch\r\nx.cuda()\r\n", "import torch\nx.cuda()")))
    folder = tree(tmp_path, files)
    git(folder, "init", "-q")
    found = fix([folder], CACHELESS)
    assert not found.tracked
    (tmp_path / "patch").write_bytes("".join(differences(found)).encode())
    git(folder, "apply", "patch")
    for file in found.files:
        assert (folder / file.path).read_bytes() == file.new != file.old
    assert (folder / "accelerator.py").read_text(encoding="utf-8") == found.made[0].text


def test_changes_that_git_does_not_have_are_told(tmp_path: Path) -> None:
    folder = tree(tmp_path, {"a.py": "import torch\nx.cuda()\n", "b.py": "import torch\ny.cuda()\n"})
    git(folder, "init", "-q")
    git(folder, "add", ".")
    (folder / "b.py").write_text("import torch\nz.cuda()\n", encoding="utf-8")
    found = fix([folder], CACHELESS)
    assert found.tracked and found.dirty == ("b.py",)


LINES = st.sampled_from(
    [
        "x = torch.zeros(3).cuda()",
        "torch.cuda.synchronize() ; y = 1",
        "d = torch.device('cuda' if torch.cuda.is_available() else 'cpu')",
        "if d.type == 'cuda' and \"cuda\" in str(d): z = x.cuda(1)",
        "with torch.cuda.amp.autocast(enabled=(d != 'cpu')): pass",
        "q = [t.cuda() for t in ts if t.is_cuda]  # keep .cuda() here",
        "s = '''torch.cuda.synchronize()'''",
        "print('cuda is on')",
        "def g(device='cuda', n=torch.cuda.device_count()): return device",
        "import os; os.environ['CUDA_VISIBLE_DEVICES'] = '0'",
        "ä = x.cuda().cuda()",
        "try:\n    from torch.cuda.amp import GradScaler\nexcept ImportError:\n    GradScaler = None",
    ]
)


@settings(max_examples=40)
@given(
    lines=st.lists(LINES, max_size=6),
    strategy=st.sampled_from(["agnostic", "npu", "shim"]),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_any_program_still_parses_and_is_fixed_once(
    tmp_path_factory: pytest.TempPathFactory, lines: tuple[str, ...], strategy: str, newline: str
) -> None:
    folder = tmp_path_factory.mktemp("any")
    text = newline.join(["import torch", "x = y = z = None", *"\n".join(lines).split("\n"), ""])
    tree(folder, {"a.py": text})
    repair(folder, strategy)
    new = (folder / "a.py").read_bytes()
    ast.parse(new)
    assert new.count(b"\r") in (0, new.count(b"\n"))
    assert not any(each.changed for each in repair(folder, strategy).files)
