"""What the link step joins across files: re-exports, classes with a `cuda` of their own, helpers and their callers."""

from __future__ import annotations

from portcheck.link import Linked, link, wanted
from portcheck.model import FactKind, FileFacts, Link
from portcheck.sources.manifest import read_manifest
from portcheck.sources.python import read_fully, read_python
from tests.interest import INTEREST


def path_of(name: str) -> str:
    """`pkg__sub__train` stands for `pkg/sub/train.py`, and `package` at the end for `__init__`."""
    return "/".join("__init__" if part == "package" else part for part in name.split("__")) + ".py"


def linked(**sources: str) -> Linked:
    return link({path_of(name): read_fully(source.encode(), INTEREST) for name, source in sources.items()})


def names(facts: FileFacts) -> list[str]:
    return [fact.name for fact in facts.facts]


def test_a_name_re_exported_by_a_neighbour_resolves() -> None:
    found = linked(compat="from torch import cuda as tc", train="from compat import tc\ntc.synchronize()")
    assert names(found.files["train.py"]) == ["torch.cuda.synchronize"]


def test_re_exports_are_followed_through_packages() -> None:
    found = linked(
        pkg__inner="import torch\nsynchronize = torch.cuda.synchronize",
        pkg__package="from .inner import synchronize",
        train="from pkg import synchronize\nsynchronize()",
    )
    assert names(found.files["train.py"]) == ["torch.cuda.synchronize"]


def test_a_function_of_the_same_name_is_not_cuda() -> None:
    found = linked(compat="def synchronize(): pass", train="import compat\ncompat.synchronize()")
    assert names(found.files["train.py"]) == []


def test_an_import_cycle_ends() -> None:
    found = linked(a="from b import synchronize\nsynchronize()", b="from a import synchronize")
    assert names(found.files["a.py"]) == []


def test_a_class_with_its_own_cuda_is_left_alone_in_other_files() -> None:
    found = linked(
        wrapper="class Wrapper:\n    def cuda(self): return self",
        train="from wrapper import Wrapper\nw = Wrapper()\nw.cuda()\nx.cuda()",
    )
    assert [fact.span.line for fact in found.files["train.py"].facts] == [4]


def test_a_parameter_of_such_a_class_is_left_alone() -> None:
    found = linked(
        wrapper="class Wrapper:\n    def cuda(self): return self\nclass Plain: pass",
        train="from wrapper import Plain, Wrapper\ndef f(w: Wrapper, p: Plain):\n    w.cuda()\n    p.cuda()",
    )
    assert [fact.span.line for fact in found.files["train.py"].facts] == [4]


def test_a_method_inherited_from_a_class_of_the_repository_counts_as_its_own() -> None:
    found = linked(
        base="class Base:\n    def cuda(self): return self",
        wrapper="from base import Base\nclass Wrapper(Base): pass",
        train="from wrapper import Wrapper\nWrapper().cuda()",
    )
    assert names(found.files["train.py"]) == []


def test_a_class_with_its_own_cuda_is_known_wherever_a_package_offers_it() -> None:
    found = linked(
        pkg__base="class Base:\n    def cuda(self): return self\nclass Plain: pass",
        pkg__package="from .base import Base as Wrapper\nfrom .base import *",
        train="from pkg import Base, Plain, Wrapper\nclass Kid(Base): pass\nWrapper().cuda()\nBase().cuda()\n"
        "Kid().cuda()\nPlain().cuda()",
        test="from pkg import *\nBase().cuda()\nPlain().cuda()",
    )
    assert [fact.span.line for fact in found.files["train.py"].facts] == [6]
    assert [fact.span.line for fact in found.files["test.py"].facts] == [3]


def test_names_that_stars_bring_are_followed() -> None:
    found = linked(
        pkg__base="import torch\ndevices = torch.cuda\nDEVICE = 'cuda'\ndef helper():\n    torch.cuda.synchronize()",
        pkg__package="from .base import *",
        train="from pkg import DEVICE, devices, helper\ndevices.synchronize()\nx.to(DEVICE)\nhelper()",
        test="from pkg import *\ndevices.synchronize()\nhelper()\nown()",
    )
    assert names(found.files["train.py"]) == ["torch.cuda.synchronize"]
    assert names(found.files["test.py"]) == ["torch.cuda.synchronize"]
    assert found.links["pkg/base.py"] == (Link("DEVICE", 1, 1), Link("helper", 2, 2))


def test_a_library_that_a_star_brings_is_known_however_little_its_module_holds() -> None:
    sources = {"common.py": b"import torch as t", "train.py": b"from common import *\nt.cuda.synchronize()"}
    files = {path: read_python(data, INTEREST) for path, data in sources.items()}
    files.update((path, read_fully(sources[path], INTEREST)) for path in wanted(files, INTEREST))
    assert names(link(files).files["train.py"]) == ["torch.cuda.synchronize"]


def test_stars_in_a_circle_end() -> None:
    found = linked(a="from b import *\nthing.synchronize()", b="from c import *", c="from b import *")
    assert names(found.files["a.py"]) == []


def test_many_modules_that_have_all_of_each_other_end() -> None:
    modules = [f"m{number}" for number in range(30)]
    stars = {name: "".join(f"from {other} import *\n" for other in modules if other != name) for name in modules}
    use = "unknown.synchronize()\nbring().cuda()\nstream.Stream()\n"
    found = linked(**{name: f"{text}{use}" for name, text in stars.items()}, last="from torch import cuda as stream")
    assert names(found.files["m0.py"]) == ["cuda"]


def test_a_class_of_elsewhere_is_moved() -> None:
    found = linked(train="from somewhere import Net\nNet().cuda()")
    assert names(found.files["train.py"]) == ["cuda"]


def test_a_helper_is_linked_with_its_calls() -> None:
    found = linked(
        pkg__utils="def move_to_cuda(x):\n    return x.cuda()",
        train="from pkg.utils import move_to_cuda\nmove_to_cuda(a)\nmove_to_cuda(b)",
        test="from pkg import utils\nutils.move_to_cuda(a)",
    )
    assert found.links == {"pkg/utils.py": (Link("move_to_cuda", 3, 2),)}


def test_calls_in_its_own_file_count() -> None:
    found = linked(train="def go(x):\n    return x.cuda()\ngo(1)\ngo(2)")
    assert found.links == {"train.py": (Link("go", 2, 1),)}


def test_relative_imports_are_followed() -> None:
    found = linked(
        pkg__utils="def sync():\n    import torch\n    torch.cuda.synchronize()",
        pkg__sub__train="from ..utils import sync\nsync()",
    )
    assert found.links == {"pkg/utils.py": (Link("sync", 1, 1),)}


def test_a_device_constant_is_linked_with_its_uses() -> None:
    found = linked(config='DEVICE = "cuda"', train="from config import DEVICE\nx.to(DEVICE)\ny.to(DEVICE)")
    assert found.links == {"config.py": (Link("DEVICE", 2, 1),)}


def test_a_module_that_only_looks_compiled_is_left_alone() -> None:
    found = linked(
        pkg__utils="def move_to_cuda(x): return x",
        pkg__ops_cuda="def forward(x): return x",
        train="from pkg.utils import move_to_cuda\nfrom pkg import ops_cuda, real_cuda\nreal_cuda.go(x)\nops_cuda.f()",
    )
    assert names(found.files["train.py"]) == ["pkg.real_cuda", "pkg.real_cuda"]


def test_a_name_of_a_module_of_the_repository_is_no_compiled_module() -> None:
    found = linked(
        pkg__utils="can_use_cuda = bool(1)",
        train="from pkg.utils import may_use_cuda, can_use_cuda",
    )
    assert names(found.files["train.py"]) == []


def test_a_compiled_module_may_lie_below_a_package_of_the_repository() -> None:
    sources = {
        "pkg/__init__.py": b"",
        "pkg/train.py": b"from pkg.kernels import fast_cuda\nfast_cuda.forward(x)",
        "own/__init__.py": b"from .kernels import fast_cuda",
        "own/train.py": b"from own import fast_cuda\nfast_cuda.forward(x)",
    }
    found = link({path: read_python(data, INTEREST) for path, data in sources.items()})
    assert names(found.files["pkg/train.py"]) == ["pkg.kernels.fast_cuda"] * 2
    assert names(found.files["own/train.py"]) == []


def test_a_repository_does_not_use_itself_as_a_library() -> None:
    found = linked(
        flash_attn__package="",
        flash_attn__ops="from flash_attn import flash_attn_func\nflash_attn_func(q)",
        train="import flash_attn.ops",
    )
    assert names(found.files["train.py"]) == names(found.files["flash_attn/ops.py"]) == []


def test_a_constant_of_its_own_package_still_speaks() -> None:
    found = linked(flash_attn__package="", flash_attn__ops="from flash_attn.types import Kind\nx = Kind.MULTI_GPU")
    assert [(fact.kind, fact.name) for fact in found.files["flash_attn/ops.py"].facts] == [
        (FactKind.METHOD, "MULTI_GPU")
    ]


def test_a_folder_without_an_init_is_a_package_when_it_holds_the_module() -> None:
    found = linked(
        flash_attn__ops="x = 1",
        train="from flash_attn.ops import x\nfrom flash_attn import flash_attn_func\nflash_attn_func(q)",
    )
    assert names(found.files["train.py"]) == ["flash_attn.flash_attn_func", "flash_attn.flash_attn_func"]


def test_a_module_deep_inside_is_not_the_library_of_its_name() -> None:
    found = linked(model__package="", model__ops__package="", model__ops__flash_attn="", train="import flash_attn")
    assert names(found.files["train.py"]) == ["flash_attn"]


def test_a_module_means_the_library_of_its_name_not_itself() -> None:
    found = linked(apps__flash_attn="from flash_attn import flash_attn_func", apps__train="import flash_attn")
    assert names(found.files["apps/flash_attn.py"]) == ["flash_attn.flash_attn_func"]
    assert names(found.files["apps/train.py"]) == []


def test_a_module_of_a_package_is_not_the_library_of_its_name_to_its_neighbours() -> None:
    found = linked(
        layers__package="",
        layers__flash_attn__package="",
        layers__block="from flash_attn import flash_attn_func\nfrom .flash_attn import own",
    )
    assert names(found.files["layers/block.py"]) == ["flash_attn.flash_attn_func"]


def test_the_nearest_module_of_a_name_is_meant() -> None:
    found = linked(
        one__utils="def go(x): return x.cuda()",
        two__utils="def go(x): return x",
        two__train="from utils import go\ngo(1)",
    )
    assert found.links == {}


def glanced(**sources: str) -> frozenset[str]:
    interest = INTEREST._replace(needles=((b"cuda",),), indexes=frozenset())
    return wanted({path_of(name): read_python(source.encode(), interest) for name, source in sources.items()}, interest)


def test_files_that_lean_on_a_helper_are_wanted() -> None:
    found = glanced(
        utils="def move(x):\n    return x.cuda()",
        caller="from utils import (\n    move,  # moves\n)\nmove(x)",
        module="import utils\nutils.move(x)",
        other="from utils import rest\nrest()",
        stranger="import numpy",
    )
    assert found == {"caller.py", "module.py"}


def test_files_that_pass_a_helper_on_are_followed() -> None:
    found = glanced(
        pkg__utils="def move(x):\n    return x.cuda()",
        pkg__package="from .utils import *",
        caller="from pkg import move\nmove(x)",
    )
    assert found == {"pkg/__init__.py", "caller.py"}


def test_the_distribution_of_the_repository_itself_is_no_dependency() -> None:
    facts = read_manifest(b"detectron2\napex\n", INTEREST)
    own = {"detectron2/__init__.py": FileFacts(), "docs/requirements.txt": facts}
    assert names(link(own).files["docs/requirements.txt"]) == ["apex"]
    other = {"tools/detectron2/__init__.py": FileFacts(), "docs/requirements.txt": facts}
    assert names(link(other).files["docs/requirements.txt"]) == ["detectron2", "apex"]
