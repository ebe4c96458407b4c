"""Rule packs as people write them: both halves and the vocabulary, from TOML to a checked pack.

Every problem is named with file, rule and key, all those of a half at once. A broken pack never loads in part.
"""

from __future__ import annotations

from pathlib import Path

from portcheck.digests import blake2b
from portcheck.interest import interest_of
from portcheck.markfile import read_marks
from portcheck.packtypes import Example, Interest, Pack, Ruled
from portcheck.rulefile import HOME, read_rules
from portcheck.tables import Problems, read_table
from portcheck.targetfile import read_target, read_verdicts

VOCABULARY = "vocabulary.toml"
"""The file, beside the halves, of the words that belong to no single rule."""

METHODS = "tensor-methods.toml"
"""The generated file of the methods that are a tensor's alone."""


def compile_pack(root: Path, target: str) -> Pack:
    """Read, check and join both halves of the packs below `root`.

    Raises:
        PackError: a file that cannot be read or parsed, an unknown or missing key, a value of the wrong type, two rules
            of one id or name, a rule without a verdict, a verdict without a rule.
    """
    problems = Problems()
    rules, _ = read_rules(root, problems)
    # Verdicts on rules that could not be read would only add noise.
    problems.check()
    about = read_target(root / target, problems)
    verdicts = read_verdicts(root / target, rules, problems)
    devices, telling, homes, apart, together, kernel, elsewhere, variables, host = _vocabulary(root, problems)
    methods, marks = frozenset(_methods(root, problems)), read_marks(root, problems)
    problems.check()
    about = about._replace(origin="".join(devices[:1]), homes=homes, apart=apart, together=together)
    devices = tuple(dict.fromkeys((*devices, about.device)))
    given = Interest(
        kernel=kernel, elsewhere=elsewhere, variables=variables, host=host, marks=marks, tensor_methods=methods
    )
    interest = interest_of(rules, devices, telling, given)
    return Pack(about, interest, _digest(root, target), lambda: Ruled(rules, verdicts))


def read_examples(root: Path) -> tuple[Example, ...]:
    """Return the examples of every rule, in the order of the files.

    Raises:
        PackError: as `compile_pack`, for the rules alone.
    """
    problems = Problems()
    _, examples = read_rules(root, problems)
    problems.check()
    return examples


def pack_files(root: Path, target: str) -> tuple[Path, ...]:
    """Return the files that a pack is made of."""
    return tuple(path for part in ("", HOME, target) for path in sorted((root / part).glob("*.toml")))


def _vocabulary(root: Path, problems: Problems) -> tuple[tuple[str, ...], ...]:
    """Device types that code may branch on, telling words of Python, the modules of the first type, words of paths,
    words of C and C++, words and variables of other devices, the machine's own device type."""
    table = read_table(root / VOCABULARY, problems)
    words = [table.texts(key, needed=True) for key in ("devices", "telling")]
    words += [table.texts(key) for key in ("homes", "apart", "together", "kernel", "elsewhere", "variables", "host")]
    table.close()
    return tuple(words)


def _methods(root: Path, problems: Problems) -> tuple[str, ...]:
    """The methods that only tensors have, where there is a file of them."""
    if not (root / METHODS).exists():
        return ()
    table = read_table(root / METHODS, problems)
    methods = table.texts("methods", needed=True)
    table.close()
    return methods


def _digest(root: Path, target: str) -> str:
    """A digest of all content, the same wherever the files lie."""
    digest = blake2b(digest_size=16)
    for path in pack_files(root, target):
        digest.update(f"{path.relative_to(root).as_posix()}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return digest.hexdigest()
