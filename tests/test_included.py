"""Requirements that include other files: what is followed, and what is said of the rest."""

from __future__ import annotations

from pathlib import Path

from portcheck import included, walk
from portcheck.discover import discover
from portcheck.model import Kind
from tests.test_discover import paths, posix, put

REQUIRED = {
    "requirements.txt": "-r base.list\n--requirement sub/more.pip\n-c limits\n-r https://host/x.txt\n-r ${ENV}.txt\n",
    "base.list": "torch\n-r requirements.txt\n",
    "sub/more.pip": "numpy\n-r ../base.list  # again\n",
    "limits": "numpy<2\n",
    "other.list": "not included\n",
}


def test_what_requirements_include_is_read_as_such_whatever_it_is_called(tmp_path: Path) -> None:
    found = discover([put(tmp_path, REQUIRED)])
    assert paths(found) == ["base.list", "limits", "requirements.txt", "sub/more.pip"]
    assert {source.kind for source in found.sources} == {Kind.MANIFEST}
    assert found.skipped == ()


def test_what_is_included_and_left_out_is_not_followed(tmp_path: Path) -> None:
    found = discover([put(tmp_path, REQUIRED)], exclude=["base.list"])
    assert paths(found) == ["limits", "requirements.txt", "sub/more.pip"]
    assert [(each.path, each.reason) for each in found.skipped] == [("base.list", walk.EXCLUDED)]


def test_named_requirements_bring_no_other_file(tmp_path: Path) -> None:
    assert paths(discover([put(tmp_path, REQUIRED) / "requirements.txt"])) == ["requirements.txt"]


@posix
def test_nothing_is_followed_out_of_the_scanned_folder(tmp_path: Path) -> None:
    put(tmp_path, {"out.list": "torch", "in/link.list": "", "in/folder/a.list": "torch"})
    put(
        tmp_path, {"in/requirements.txt": "-r ../out.list\n-r link.list\n-r gone.list\n-r deep/a.list\n-r /etc/hosts\n"}
    )
    (tmp_path / "in/link.list").unlink()
    (tmp_path / "in/link.list").symlink_to(tmp_path / "out.list")
    (tmp_path / "in/deep").symlink_to(tmp_path / "in/folder")
    found = discover([tmp_path / "in"])
    assert paths(found) == ["requirements.txt"]
    reasons = {each.path: each.reason for each in found.skipped}
    assert reasons["../out.list"] == included.OUTSIDE
    assert reasons["link.list"] == reasons["deep/a.list"] == included.ODD
    assert reasons["gone.list"] == included.MISSING
    assert [reason for path, reason in reasons.items() if path.endswith("etc/hosts")] == [included.OUTSIDE]
