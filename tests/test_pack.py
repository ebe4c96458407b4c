"""Rule packs: what loads, what is refused and how it is said, and compiled packs that cannot be trusted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
import tomli
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from portcheck import pack, packfile
from portcheck.compiled import decode, encode
from portcheck.errors import Exit, PackError, UsageError
from portcheck.model import Category, Safety, Work
from portcheck.pack import Matcher, Pack, Ruled
from tests.packs import write_pack

R, V, T, W = "cuda/topic.toml", "ascend/topic.toml", "ascend/target.toml", "vocabulary.toml"
M = "marks.toml"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTCHECK_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return write_pack(tmp_path / "rules")


def parts(found: Pack) -> tuple[object, ...]:
    return found.rules, found.verdicts, found.target, found.interest, found.digest


def never() -> Ruled:
    raise AssertionError("what is there can be used")


def compiled_file(tmp_path: Path) -> Path:
    (path,) = (tmp_path / "cache" / "packs").iterdir()
    return path


def test_a_pack_loads_whole(rules: Path) -> None:
    found = pack.load("ascend", rules)
    device, visible = found.rules
    assert (device.id, device.category, visible.category) == ("PC101", Category.DEVICE_API, Category.ENV)
    names = ("torch.cuda.set_device", "torch.cuda.memory.*")
    assert device.matchers[0] == Matcher("api", names, kinds=("call",))
    assert device.matchers[1] == Matcher("string", ("cuda", "cuda:*"), context=("argument",), not_of=("print",))
    assert found.target.device == "npu"
    assert found.target.hardware == ("a2", "a3")
    assert found.interest.names == {"torch.cuda.set_device"}
    assert found.interest.prefixes == ("torch.cuda.memory",)
    assert found.interest.env_globs == ("NCCL_*",)


def test_a_row_for_single_names_keeps_what_it_does_not_say(rules: Path) -> None:
    whole, single, _ = pack.load("ascend", rules).verdicts
    assert (whole.names, whole.work, whole.safety) == ((), Work.RENAME, Safety.UNSAFE)
    assert single.names == ("torch.cuda.memory.snapshot",)
    assert (single.work, single.npu, single.message) == (Work.REWRITE, "", "the format differs")
    assert (single.agnostic, single.shim, single.evidence) == (whole.agnostic, whole.shim, whole.evidence)


def test_examples_come_with_their_rule(rules: Path) -> None:
    first, second, *_ = pack.examples(rules)
    assert (first.rule, first.name, first.kind, first.good) == ("PC101", "a call", "python", "")
    assert first.bad.startswith("import torch\n")
    assert (second.rule, second.bad) == ("PC101", "")


BROKEN = [
    # file, text, its replacement, words that the message holds
    (R, "[[rule]]", "[[rule", ("cuda/topic.toml", "not valid TOML")),
    (R, '[[rule]]\nid = "PC430"', '[[role]]\nid = "PC430"', ("role", "did you mean 'rule'")),
    (R, '"PC101"', '"PC1"', ("PC1", "id", "three digits")),
    (R, '"PC101"', "101", ("rule 1", "id", "text")),
    (R, '"PC430"', '"PC101"', ("PC101", "taken in topic.toml")),
    (R, '"visible-devices"', '"set-device"', ("PC430", "'set-device' is taken")),
    (R, '"set-device"', '"Set Device"', ("PC101", "name", "lower case")),
    (R, '"device-api"', '"device-apis"', ("PC101", "category", "did you mean 'device-api'")),
    (R, 'summary = "Chooses the CUDA device"', "", ("PC101", "summary", "missing")),
    (R, "the CUDA device", "it.", ("PC101", "summary", "full stop")),
    (R, "summary =", "sumary =", ("PC101", "sumary", "unknown key", "did you mean 'summary'")),
    (R, "why =", "why = 3 #", ("PC101", "why", "text")),
    (R, 'links = ["https://docs.py', "links = [] #", ("PC101", "links")),
    (R, '"https://docs.py', '"docs.py', ("PC101", "links", "https")),
    (R, "api =", "apis =", ("PC101", "match 1", "apis", "did you mean 'api'", "exactly one of")),
    (R, "kinds =", 'method = ["cuda"]\nkinds =', ("PC101", "match 1", "exactly one of")),
    (R, '["call"]', '["calls"]', ("PC101", "match 1", "kinds", "did you mean 'call'")),
    (R, '["call"]', '"call"', ("PC101", "match 1", "kinds", "list")),
    (R, "kinds =", "use = 'call'\nkinds =", ("PC101", "match 1", "use", "unknown key")),
    (R, '"torch.cuda.memory.*"', '"torch.cuda.mem*"', ("PC101", "api", "dotted name")),
    (R, '"cuda:*"', '"*"', ("PC101", "match 2", "string", "too wide")),
    (R, '"cuda", "cuda:*"', '"cuda", "cuda"', ("PC101", "match 2", "string", "twice")),
    (R, '"cuda", "cuda:*"', '"cuda", ""', ("PC101", "match 2", "string", "list of texts")),
    (R, '["argument"]', '["arguments"]', ("PC101", "context", "did you mean 'argument'")),
    (R, "# PC101", "", ("PC101", "example 1", "bad", "# PC101")),
    (R, 'good = """\nset', 'god = """\nset', ("PC101", "example 2", "god", "did you mean 'good'")),
    (R, 'bad = """\nimport torch', 'kind = "pyhton"\nbad = """\nimport torch', ("PC101", "kind", "'python'")),
    (V, '"PC430"', '"PC431"', ("PC431", "no such rule", "did you mean 'PC430'", "no verdict for the rule")),
    (V, '"PC430"', '"PC101"', ("PC101", "verdict already")),
    (V, '"rename"', '"renam"', ("PC101", "work", "did you mean 'rename'")),
    (V, 'work = "rename"', "", ("PC101", "work", "missing")),
    (V, "{tail}", "{tale}", ("PC101", "npu", "{tale}", "did you mean 'tail'")),
    (V, '"2.6"', '"two"', ("PC101", "agnostic_since", "version")),
    (V, '"redirected"', '"redirect"', ("PC101", "shim", "did you mean 'redirected'")),
    (V, "redirected", 'unreached"\nunder_shim = "none', ("PC101", "under_shim", "needs shim")),
    (V, '"redirected"', '"redirected"\nunder_shim = "rename"', ("PC101", "under_shim", "none of none, verify")),
    (V, "safety_why", "safety_wy", ("PC101", "safety_wy", "did you mean 'safety_why'", "what may go wrong")),
    (V, "evidence = [", "evidence = [] #", ("PC101", "evidence")),
    (V, 'message = "unknown"', "", ("PC430", "evidence", "missing")),
    (V, "torch.cuda.memory.snapshot", "torch.cuda.memry.snapshot", ("PC101", "symbol 1", "names", "no pattern")),
    (V, 'work = "rewrite"', 'work = "rename"\nagnostic = ""', ("PC101", "symbol 1", "replacement")),
    (T, "[target]", "[targets]", ("target.toml", "targets", "did you mean 'target'")),
    (T, 'name = "ascend"', 'name = "ascent"', ("target.toml", "name", "'ascend'")),
    (T, 'default_torch = "2.7.1"', 'default_torch = "2.7"', ("default_torch", "did you mean '2.7.1'")),
    (T, '"a2", "a3"', "", ("hardware",)),
    (T, "backend =", "backends =", ("backends", "unknown key", "did you mean 'backend'")),
    (M, "'cuda'", "'cuda('", ("marks.toml", "hint", "no expression")),
    (M, "__shfl", "(__shfl)", ("mark 1", "words", "groups (?:...) alone")),
    (M, '"warp-shuffle"', '"warp shuffle"', ("mark 1", "name", "lower case")),
    (M, 'in = "asm"', 'in = "asn"', ("mark 2", "in", "did you mean 'asm'")),
    (M, 'in = "asm"', 'in = "device"', ("mark 2", "name", "'warp-shuffle' has a row already")),
    (W, "telling", "teling", ("vocabulary.toml", "teling", "did you mean 'telling'")),
    (W, "kernel", "kernels", ("vocabulary.toml", "kernels", "did you mean 'kernel'")),
]


@pytest.mark.parametrize(("file", "old", "new", "words"), BROKEN, ids=[f"{f}-{n[:30]!r}" for f, _, n, _ in BROKEN])
def test_a_broken_pack_names_file_rule_and_key(tmp_path: Path, file: str, old: str, new: str, words: Any) -> None:
    root = write_pack(tmp_path / "rules", file, old, new)
    with pytest.raises(PackError) as caught:
        pack.load("ascend", root)
    assert caught.value.exit_code is Exit.PACK
    for word in words:
        assert word in str(caught.value)
    assert not (tmp_path / "cache").exists(), "a broken pack is never kept"


def test_all_problems_of_a_half_are_named_at_once(rules: Path) -> None:
    verdicts = rules / V
    verdicts.write_text(verdicts.read_text().replace("redirected", "redirect").replace("rewrite", "rewright"))
    with pytest.raises(PackError, match=r"(?s)redirect.*rewright"):
        pack.load("ascend", rules)


def test_a_rule_file_that_cannot_be_parsed_is_the_only_problem_named(tmp_path: Path) -> None:
    root = write_pack(tmp_path / "rules", R, "[[rule]]", "[[rule")
    with pytest.raises(PackError) as caught:
        pack.load("ascend", root)
    assert "no such rule" not in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"a = " + b"[" * 100_000, b"a = 1\na = 2", b"rule = 3", b"rule = [1]"]
)
def test_a_file_that_holds_anything_else_is_a_broken_pack(rules: Path, content: bytes) -> None:
    (rules / R).write_bytes(content)
    with pytest.raises(PackError, match=r"cuda/topic\.toml"):
        pack.load("ascend", rules)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["PC101", "call", "verify", "cuda"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(
    [
        "id",
        "name",
        "links",
        "match",
        "example",
        "api",
        "string",
        "bad",
        "kind",
        "rule",
        "work",
        "npu",
        "symbol",
        "names",
    ]
)
TABLES = st.dictionaries(KEYS, VALUES | st.lists(st.dictionaries(KEYS, VALUES, max_size=4), max_size=2), max_size=8)


@given(file=st.sampled_from(["[[rule]]", "[[verdict]]", "[target]", "telling"]), table=TABLES | VALUES)
@settings(max_examples=200)
def test_tables_of_any_shape_never_fail_otherwise(
    tmp_path_factory: pytest.TempPathFactory, file: str, table: object
) -> None:
    root = write_pack(tmp_path_factory.getbasetemp() / "any")
    name = file.strip("[]")
    value = [table] if file.startswith("[[") else table
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tomli, "loads", lambda text, loads=tomli.loads: {name: value} if file in text else loads(text))
        with pytest.raises(PackError):
            packfile.compile_pack(root, "ascend")


def test_an_unknown_target_is_wrong_usage_and_names_the_nearest(rules: Path) -> None:
    with pytest.raises(UsageError, match=r"'ascent'.*did you mean 'ascend'"):
        pack.load("ascent", rules)
    assert pack.targets(rules) == ("ascend",)


@pytest.mark.parametrize("name", ["", "..", "cuda", "../rules/ascend"])
def test_a_target_is_a_name_and_no_path(rules: Path, name: str) -> None:
    with pytest.raises(UsageError):
        pack.load(name, rules)


def test_no_rules_at_all(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="holds no rule packs"):
        pack.load("ascend", tmp_path / "nowhere")
    write_pack(tmp_path / "rules")
    (tmp_path / "rules" / R).unlink()
    with pytest.raises(PackError, match="holds no rules"):
        pack.load("ascend", tmp_path / "rules")


def test_the_second_load_reads_the_compiled_pack(rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = pack.load("ascend", rules)
    monkeypatch.setattr(packfile, "compile_pack", None)
    assert parts(pack.load("ascend", rules)) == parts(first)


@pytest.mark.parametrize("file", [R, V, T, W])
def test_a_change_of_any_file_is_seen(rules: Path, file: str) -> None:
    before = pack.load("ascend", rules).digest
    with (rules / file).open("a", encoding="utf-8") as stream:
        stream.write("# changed\n")
    assert pack.load("ascend", rules).digest != before


def test_a_new_and_a_removed_file_are_seen(rules: Path) -> None:
    before = pack.load("ascend", rules)
    extra = rules / "ascend" / "extra.toml"
    extra.write_text('[[verdict]]\nrule = "PC101"\nwork = "verify"\nmessage = "unknown"\n')
    with pytest.raises(PackError, match="verdict already"):
        pack.load("ascend", rules)
    extra.unlink()
    assert parts(pack.load("ascend", rules)) == parts(before)


def test_the_digest_does_not_depend_on_the_folder(tmp_path: Path) -> None:
    here, there = write_pack(tmp_path / "here"), write_pack(tmp_path / "there" / "deeper")
    assert pack.load("ascend", here).digest == pack.load("ascend", there).digest


HOSTILE = [b"", b"\x00" * 99, b"null", b"[]", b'{"key": 1}', b"[" * 200_000, b'{"key": {}}', b"\xff", b"1e999"]


@pytest.mark.parametrize("content", HOSTILE, ids=repr)
def test_a_hostile_compiled_pack_is_made_anew(rules: Path, tmp_path: Path, content: bytes) -> None:
    first = pack.load("ascend", rules)
    good = compiled_file(tmp_path).read_bytes()
    compiled_file(tmp_path).write_bytes(content)
    assert parts(pack.load("ascend", rules)) == parts(first)
    assert compiled_file(tmp_path).read_bytes() == good


def test_a_compiled_pack_with_a_field_of_another_type_is_made_anew(rules: Path, tmp_path: Path) -> None:
    first = pack.load("ascend", rules)
    path = compiled_file(tmp_path)
    head, *lines = path.read_bytes().split(b"\n")
    for at, line in enumerate(lines):
        whole = json.loads(line)
        for name in whole:
            wrongs: list[object] = [None, 3, [[]], [[1]], {}, "text", [whole[name]]]
            for wrong in wrongs:
                forged = b"\n".join([*lines[:at], json.dumps({**whole, name: wrong}).encode(), *lines[at + 1 :]])
                digest = blake2b(forged, digest_size=16).hexdigest().encode()
                path.write_bytes(head.split(b" ")[0] + b" " + digest + b"\n" + forged)
                assert parts(pack.load("ascend", rules)) == parts(first)


@given(data=st.data())
@settings(max_examples=200)
def test_damage_is_noticed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    whole = packfile.compile_pack(write_pack(tmp_path_factory.getbasetemp() / "damaged"), "ascend")
    raw = encode(whole, "key")
    at = data.draw(st.integers(0, len(raw) - 1))
    damaged = raw[:at] + data.draw(st.binary(max_size=3)) + raw[at + data.draw(st.integers(0, 40)) :]
    assume(damaged != raw)
    with pytest.raises(ValueError, match="damaged"):
        decode(damaged, "key", never)


def test_a_pack_survives_the_way_to_json_and_back(rules: Path) -> None:
    whole = packfile.compile_pack(rules, "ascend")
    assert parts(decode(encode(whole, "key"), "key", never)) == parts(whole)
    with pytest.raises(ValueError, match="other files"):
        decode(encode(whole, "key"), "another", never)


def test_a_cache_folder_that_cannot_be_made_is_no_error(rules: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    assert len(pack.load("ascend", rules).rules) == 2


def test_a_folder_in_the_place_of_the_compiled_pack_is_no_error(rules: Path, tmp_path: Path) -> None:
    first = pack.load("ascend", rules)
    path = compiled_file(tmp_path)
    path.unlink()
    path.mkdir()
    assert parts(pack.load("ascend", rules)) == parts(first)


def test_a_compiled_pack_needs_no_parser(rules: Path) -> None:
    pack.load("ascend", rules)
    code = (
        "import sys, pathlib; from portcheck import pack; pack.load('ascend', pathlib.Path(sys.argv[1]))\n"
        "print(sorted({'tomli', 'tomllib', 'difflib', 'portcheck.packfile', 'ast'} & set(sys.modules)))"
    )
    home = Path(pack.__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", code, str(rules)], cwd=home, env=os.environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
