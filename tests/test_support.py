"""What the vendor says of an API: the tables that are shipped, other spellings, and tables that cannot be trusted."""

from __future__ import annotations

import json
import pkgutil
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portcheck import aliases, pack, releases
from portcheck.errors import PackError, UsageError
from portcheck.model import Support
from portcheck.support import DtypeLimit, cards, names, support, versions
from portcheck.supportfile import check, read_index
from tests.commands import ROOT

TABLES = ROOT / "rules" / "ascend" / "support"
INDEX = json.loads((TABLES / "index.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("version", versions())
@pytest.mark.parametrize("card", cards())
def test_every_row_reads_and_their_number_is_that_of_the_index(version: str, card: str) -> None:
    rows = [support(name, version, card) for name in names(version)]
    found = [row.support for row in rows]
    doubles = INDEX["versions"][version]["rows"] - len(rows)
    assert 0 <= doubles <= 2
    assert found.count(Support.UNSUPPORTED) in range(
        INDEX["versions"][version][card]["no"] - doubles, INDEX["versions"][version][card]["no"] + 1
    )
    for row in rows:
        assert row.listed == row.api
        assert row.evidence.startswith("Ascend/pytorch@")
        assert ".md:" in row.evidence
        assert row.kernel in ("yes", "no", "unknown")
        restricted = bool(row.dtypes or row.flags or row.limits)
        assert row.support != (Support.SUPPORTED if restricted else Support.RESTRICTED)


def test_a_row_in_full() -> None:
    row = support("torch.nn.functional.max_pool1d", "2.13.0", "a2")
    assert row.support is Support.RESTRICTED
    assert row.kind == "function"
    assert row.dtypes == (DtypeLimit("input", ("float16", "float32"), ()),)
    assert row.limits == ("dilation must be 1",)
    assert "with return_indices=True the returned argmax is int32" in row.notes
    page = "docs/zh/api/native_api/pytorch_2-13-0/torch-nn-functional.md:"
    assert row.evidence.startswith(f"Ascend/pytorch@{INDEX['commit'][:8]}: {page}")


ANSWERS = [
    ("torch.nn.DataParallel", "a2", Support.UNSUPPORTED),
    ("torch.distributed.all_reduce", "a2", Support.RESTRICTED),
    ("torch.distributed.all_reduce", "950", Support.UNSUPPORTED),
    ("torch.no_grad", "950", Support.SUPPORTED),
    ("torch.no_such_name", "a2", Support.UNLISTED),
    ("numpy.abs", "a2", Support.UNLISTED),
]


@pytest.mark.parametrize(("api", "card", "answer"), ANSWERS)
def test_answers(api: str, card: str, answer: Support) -> None:
    assert support(api, "2.13.0", card).support is answer


def test_limits_of_one_card_are_not_those_of_another() -> None:
    wide, narrow, more = (
        support(name, "2.13.0", card).dtypes
        for name, card in (("torch.Tensor.nansum", "a2"), ("torch.Tensor.nansum", "950"), ("torch.Tensor.acos_", "a3"))
    )
    assert "int64" in wide[0].allowed
    assert "int64" in narrow[0].refused
    assert "int64" not in narrow[0].allowed
    assert more[0].allowed == ("float16", "float32", "float64", "bfloat16")


def test_all_dtypes_are_no_limit_and_a_refusal_alone_is_one() -> None:
    assert support("torch.Tensor.flatten", "2.13.0", "950").support is Support.SUPPORTED
    assert support("torch.logaddexp", "2.13.0", "a2").dtypes == (DtypeLimit("", (), ("float64",)),)


def test_own_kernels_and_composites() -> None:
    kernels = [support(name, "2.13.0", "a2").kernel for name in ("torch.abs", "torch.nn.Linear", "torch.cuda.Event")]
    assert kernels == ["yes", "no", "unknown"]


SPELLINGS = {
    "torch.amp.autocast_mode.autocast": "torch.autocast",
    "torch.amp.autocast": "torch.autocast",
    "torch.autograd.grad_mode.no_grad": "torch.no_grad",
    "torch.cuda.memory.memory_allocated": "torch.cuda.memory_allocated",
    "torch.distributions.Normal.sample": "torch.distributions.normal.Normal.sample",
    "torch.distributed.distributed_c10d.all_reduce": "torch.distributed.all_reduce",
    "torch.functional.einsum": "torch.einsum",
    "torch.nn.Linear.to": "torch.nn.Module.to",
    "torch.nn.Parameter": "torch.nn.parameter.Parameter",
    "torch.nn.modules.Linear": "torch.nn.Linear",
    "torch.nn.modules.linear.Linear": "torch.nn.Linear",
    "torch.nn.modules.module.Module.cuda": "torch.nn.Module.cuda",
    "torch.nn.parallel.distributed.DistributedDataParallel": "torch.nn.parallel.DistributedDataParallel",
    "torch.optim.adamw.AdamW": "torch.optim.AdamW",
    "torch.optim.lr_scheduler.StepLR": "torch.optim.lr_scheduler.StepLR",
    "torch.utils.data.dataloader.DataLoader": "torch.utils.data.DataLoader",
    "torch._tensor.Tensor.abs": "torch.Tensor.abs",
    "torch.nn.functional.no_such_name": "",
    "torch.nn.linear": "",
    "torch.optim.lr_scheduler.LRScheduler.state_dict": "",
    "torch.fx.graph.Graph.lint": "torch.fx.Graph.lint",
    "torch.special.abs": "",
    "torch.distributions.nothing": "",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_other_spellings(spelling: str) -> None:
    row = support(spelling, "2.13.0", "a2")
    assert (row.api, row.listed) == (spelling, SPELLINGS[spelling])


def test_other_spellings_are_the_same_object_where_pytorch_is_installed() -> None:
    pytest.importorskip("torch")
    for private, public in aliases.MOVED:
        members = dir(pkgutil.resolve_name(private))
        shared = [name for name in members if same(f"{private}.{name}", f"{public}.{name}")]
        assert any(not name.startswith("_") for name in shared), private


def same(left: str, right: str) -> bool:
    """Return whether two names of PyTorch are one object."""
    try:
        return pkgutil.resolve_name(left) is pkgutil.resolve_name(right)
    except (AttributeError, ImportError):
        return False


@given(st.text(alphabet="abT_.(*[", max_size=30).map("torch.{}".format))
def test_any_name_gets_an_answer(name: str) -> None:
    known = frozenset(names("2.13.0"))
    assert aliases.find(name, known) in {"", *known}


@pytest.mark.parametrize("version", ["2.13.0", "2.13", "2.13.0+cpu", "2.13.0.post2"])
def test_a_version_in_its_spellings(version: str) -> None:
    assert "pytorch_2-13-0" in support("torch.abs", version, "a2").evidence


UNKNOWN = [
    ("2.8.0", "a2", "2.7.1 and 2.11.0"),
    ("1.13", "a2", "is 2.7.1"),
    ("99.0", "a2", "the nearest is "),
    ("2", "a2", "the nearest"),
    ("newest", "a2", "the nearest"),
    ("2.13.0", "A2", "did you mean 'a2'"),
    ("2.13.0", "910b", "there are a2, a3, 950"),
]


@pytest.mark.parametrize(("version", "card", "hint"), UNKNOWN)
def test_an_unknown_version_or_card_names_the_nearest(version: str, card: str, hint: str) -> None:
    with pytest.raises(UsageError, match=hint):
        support("torch.abs", version, card)


def copied(tmp_path: Path) -> tuple[Path, Path]:
    """Return a copy of the rules' folder with the tables alone, and the folder of its tables."""
    tables = tmp_path / "ascend" / "support"
    shutil.copytree(TABLES, tables)
    return tmp_path, tables


def test_tables_that_cannot_be_trusted(tmp_path: Path) -> None:
    for number, (name, text) in enumerate(
        [
            ("index.json", None),
            ("index.json", "{"),
            ("index.json", "[]"),
            ("index.json", json.dumps({**INDEX, "schema": 99})),
            ("index.json", json.dumps({**INDEX, "files": {}})),
            ("2.13.0.tsv", None),
            ("2.13.0.tsv", "api\tkind\n"),
            ("2.13.0.places.tsv", "api\tpage\tline\n"),
        ]
    ):
        root, tables = copied(tmp_path / str(number))
        (tables / name).unlink()
        if text is not None:
            (tables / name).write_text(text, encoding="utf-8")
        with pytest.raises(PackError, match="support"):
            support("torch.abs", "2.13.0", "a2", folder=root)


def test_the_pack_and_its_tables_go_together() -> None:
    target, index = pack.load("ascend").target, read_index()
    check(target, index)
    for other in (target._replace(versions=("1.0.0",)), target._replace(hardware=("b4",))):
        with pytest.raises(PackError, match="out of step"):
            check(other, index)


def test_releases_that_go_together() -> None:
    newest = releases.releases("2.7.1")[0]
    assert newest.torch_npu.startswith("2.7.1.post")
    listed = {release.torch_npu: release for release in releases.releases()}
    assert listed["2.7.1.post8"].cann == "9.1.0"
    assert "3.13" in listed["2.7.1.post8"].pythons
    assert listed["2.13.0"].cann == ""
    assert listed["2.12.0"].evidence.endswith("COMPATIBILITY.en.md:20")
    assert releases.releases("0.4.1") == ()


EFFECTS = [
    ("torch.cuda.synchronize", "redirected rewritten"),
    ("torch.cuda.nvtx.range_push", "unreached"),
    ("torch.backends.cudnn.benchmark", "unreached"),
    ("torch.jit.script", "disabled"),
    ("torch.zeros", "rewritten"),
    ("torch.distributed.init_process_group", "rewritten"),
    ("torch.cuda.amp.grad_scaler.GradScaler", "redirected"),
    ("torch.device", "unreached"),
]


@pytest.mark.parametrize(("api", "kinds"), EFFECTS)
def test_what_the_shim_does(api: str, kinds: str) -> None:
    for version in versions():
        effects = releases.effects(api, version)
        assert [effect.kind for effect in effects] == kinds.split()
        assert "transfer_to_npu.py" in effects[0].evidence


def test_the_shim_by_version() -> None:
    assert releases.effects("torch.matmul", "2.13.0") == ()
    assert [effect.kind for effect in releases.effects("torch.is_autocast_enabled", "2.13.0")] == ["rewritten"]
    assert releases.effects("torch.is_autocast_enabled", "2.7.1.post8") == ()
    assert releases.effects("torch.jit.script", "2.7.1.post8")[0].evidence.startswith("torch_npu 2.7.1.post8: ")
    assert releases.effects("torch.jit.script", "2.7")[0].evidence.startswith("torch_npu 2.7.1.post11: ")
    with pytest.raises(UsageError, match=r"there are 2\.7\.1"):
        releases.effects("torch.zeros", "1.0.0")


def test_public_names() -> None:
    assert releases.public_names("2.13.0")["torch.npu.synchronize"]
    assert "torch.npu.nvtx" not in releases.public_names("2.13.0")
    assert "torch.cuda.synchronize" in releases.shim_names("2.13.0")["redirected"]


def test_a_target_without_a_folder_of_tables_has_none(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    assert versions("other", tmp_path) == cards("other", tmp_path) == ()
    assert support("torch.no_grad", "2.8", "any", "other", tmp_path).support is Support.UNLISTED
    assert releases.effects("torch.cuda.is_available", "2.8", "other", tmp_path) == ()
    (tmp_path / "other" / "support").mkdir()
    read_index.cache_clear()
    with pytest.raises(PackError, match="no index"):
        versions("other", tmp_path)
    with pytest.raises(PackError, match="no index"):
        versions("nowhere", tmp_path)
