"""Joins facts across the files of one repository: re-exported names, classes with a `cuda` of their own, shared
helpers.

Works on facts alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from portcheck.arguments import COMPILED
from portcheck.model import LIGHT, Certainty, Fact, FactKind, FileFacts, Import, Link
from portcheck.modules import Modules
from portcheck.origins import Origins
from portcheck.packtypes import Interest
from portcheck.patterns import NameIndex
from portcheck.records import NamedTuple

_NAMED = frozenset({FactKind.IMPORT, FactKind.CALL, FactKind.ATTRIBUTE})

_UNKNOWN = "unknown"
"""The trait of a file of which the path alone is known."""

MAX_HOPS = 6
"""Re-exports that are followed from module to module."""


class Linked(NamedTuple):
    """Facts after the join, by path, and the helpers and constants that other places lean on, by path.

    `edges` are the files that each file imports, where that was worked out. `before` are, where they were asked for,
    the facts of each file before the join, as text, with the digest of what they were read from.
    """

    files: Mapping[str, FileFacts]
    links: Mapping[str, tuple[Link, ...]]
    edges: Mapping[str, tuple[str, ...]] = {}
    before: Mapping[str, tuple[str, str]] = {}


def link(files: Mapping[str, FileFacts]) -> Linked:
    """Join the facts of all files of a repository; the order of `files` is kept."""
    modules = Modules(list(files))
    origins = Origins(files, modules)
    joined = {path: _join(path, facts, origins) for path, facts in files.items()}
    return Linked(joined, _helpers(joined, Origins(joined, modules)))


def link_within(files: Mapping[str, FileFacts], prefix: str, others: Iterable[str]) -> Linked:
    """`link` for some files of a repository, whose paths there begin with `prefix`, among its `others` by path alone.

    What the others hold is not known, but that a name is the repository's own is.
    """
    whole = dict.fromkeys(others, FileFacts(traits=(LIGHT, _UNKNOWN)))
    whole.update((prefix + path, facts) for path, facts in files.items())
    found = link(whole)
    links = {path: found.links[prefix + path] for path in files if prefix + path in found.links}
    return Linked({path: found.files[prefix + path] for path in files}, links)


def wanted(files: Mapping[str, FileFacts], interest: Interest) -> frozenset[str]:
    """The files that were only glanced at, yet import a helper, constant or re-exported name that is CUDA-bound.

    They hold no fact of their own, but calls that lean on others' facts; they are to be read in full before `link`.
    So are those that take all that a module of the repository has, and that module: it may have imported a library.
    """
    names = NameIndex(interest.names, interest.prefixes)
    modules = Modules(list(files))
    asking = _imports_by_word(files)
    offered: dict[str, frozenset[str]] = {}
    fresh = {path: _offers(facts, names) for path, facts in files.items() if LIGHT not in facts.traits}
    fresh = {path: offers for path, offers in fresh.items() if offers}
    places = _Places(modules)
    found = {path for path in _starred(files, places) if LIGHT in files[path].traits}
    while fresh:
        for path, offers in fresh.items():
            offered[path] = offered.get(path, frozenset()) | offers
        words = {word for path, offers in fresh.items() for word in (_tail(path), *offers)}
        passed: dict[str, set[str]] = {}
        for path, asked in {each for word in words for each in asking.get(word, ())}:
            passed.setdefault(path, set()).update(_passed_on(path, asked, offered, places))
        fresh = {path: frozenset(more) for path, more in passed.items() if more - offered.get(path, frozenset())}
        found.update(path for path in fresh if LIGHT in files[path].traits)
    return frozenset(found)


def _imports_by_word(files: Mapping[str, FileFacts]) -> dict[str, list[tuple[str, Import]]]:
    """The imports of the glanced-at files, and of others that may pass on what they import, by the name they ask for
    and by the last part of the module they ask."""
    asking: dict[str, list[tuple[str, Import]]] = {}
    known = {word for facts in files.values() for asked in facts.imports for word in _words_of(asked)}
    for path, facts in files.items():
        if LIGHT in facts.traits or _tail(path) in known:
            for asked in facts.imports:
                for word in _words_of(asked):
                    asking.setdefault(word, []).append((path, asked))
    return asking


def _starred(files: Mapping[str, FileFacts], places: _Places) -> Iterator[str]:
    """The files that take all that a module of the repository has, and those modules."""
    for path, facts in files.items():
        for asked in facts.imports:
            place = places.of(asked, path) if asked.name == "*" else None
            yield from (path, place[0]) if place is not None else ()


def _words_of(asked: Import) -> tuple[str, ...]:
    tail = asked.module.rpartition(".")[2]
    return tuple(word for word in dict.fromkeys((asked.name, tail)) if word and word != "*")


def _offers(facts: FileFacts, names: NameIndex) -> frozenset[str]:
    """What other modules may import from here and then lean on CUDA through."""
    reexports = {name for name, origin in facts.exports if names.match(origin)}
    return (_holders(facts) if facts.facts else frozenset()) | reexports


def _tail(path: str) -> str:
    """The last part of a file's module name."""
    parts = path[: -len(".py")].split("/")
    return parts[-2] if parts[-1] == "__init__" and len(parts) > 1 else parts[-1]


class _Places:
    """Where the modules and names lie that files ask for; those of one folder ask for much the same."""

    def __init__(self, modules: Modules) -> None:
        self._modules = modules
        self._known: dict[tuple[str, int, str, str], tuple[str, tuple[str, ...]] | None] = {}

    def of(self, asked: Import, path: str) -> tuple[str, tuple[str, ...]] | None:
        """The file that an import means, and what remains of the name inside it; None for one of elsewhere."""
        key = (path.rpartition("/")[0], asked.level, asked.module, asked.name)
        if key not in self._known:
            name = ".".join(filter(None, (asked.module, asked.name if asked.name != "*" else "")))
            self._known[key] = self._modules.split("." * asked.level + name, path)
        return self._known[key]


def _passed_on(path: str, asked: Import, offered: Mapping[str, frozenset[str]], places: _Places) -> frozenset[str]:
    """What a file has through one import from modules which offer something: names of those, or the module itself."""
    module, _, name, alias, _ = asked
    place = places.of(asked, path)
    if place is None or place[0] not in offered or place[0] == path:
        return frozenset()
    offers = offered[place[0]]
    if name == "*":
        return offers
    return frozenset({alias or name or module}) if not place[1] or place[1][0] in offers else frozenset()


def _join(path: str, facts: FileFacts, origins: Origins) -> FileFacts:
    modules = origins.modules
    foreign = (
        _released(fact, path, modules)
        for fact in facts.facts
        if not (_own_method(fact, path, origins) or _own_module(fact, path, origins))
        and not (fact.kind is FactKind.DEPENDENCY and modules.distributes(fact.name))
    )
    kept = tuple(fact for fact in foreign if fact is not None)
    found = []
    for fact in facts.pending:
        name = _resolve(fact.name, path, origins)
        if name is not None:
            found.append(fact._replace(name=name))
    if not found:
        return facts if kept == facts.facts else facts._replace(facts=kept)
    order = sorted({*kept, *found}, key=lambda fact: (fact.span, fact.kind.value, fact.name, fact.context))
    return facts._replace(facts=tuple(order))


def _released(fact: Fact, path: str, modules: Modules) -> Fact | None:
    """None for a fact whose name is the repository's own, no library's; its constants may still speak."""
    if fact.kind not in _NAMED or _module_of(fact) or not modules.is_local(fact.name, path):
        return fact
    last = fact.name.rpartition(".")[2]
    if fact.kind is FactKind.IMPORT or not last.isupper():
        return None
    return fact._replace(kind=FactKind.METHOD, name=last, certainty=Certainty.INFERRED)


def _resolve(name: str, path: str, origins: Origins) -> str | None:
    """The origin of a name that another module of the repository re-exports; None when it is that module's own."""
    for _ in range(MAX_HOPS):
        place = origins.modules.split(name, path)
        if place is None or not place[1]:
            return None if place else name
        path, rest = place
        origin = origins.of(rest[0], path)
        if not origin or origin[:1] in "'\"":
            return None
        name = ".".join((origin, *rest[1:]))
    return None


def _module_of(fact: Fact) -> str:
    """The module that a fact takes for a compiled one, by its name."""
    return dict(fact.args).get(COMPILED, "") if fact.kind in (FactKind.IMPORT, FactKind.CALL) else ""


def _own_module(fact: Fact, path: str, origins: Origins) -> bool:
    """True when what looked like a compiled module is Python of this repository, or a name defined there."""
    name = _module_of(fact)
    place = origins.modules.split(name, path) if name else None
    if place is None:
        return False
    if not place[1] or not place[0].endswith("__init__.py"):
        return True  # a module that is no package holds no other one
    home = origins.files[place[0]]
    if _UNKNOWN in home.traits or origins.defines(place[0], ".".join(place[1])) or place[1][0] in dict(home.exports):
        return True
    if LIGHT not in home.traits:
        return False
    # What such a file imports is known. It may define a name, but no module below itself, and nothing if it is empty.
    bound = {asked.alias or asked.name or asked.module.partition(".")[0] for asked in home.imports}
    return place[1][0] in bound or (len(place[1]) == 1 and home.lines > 0)


def _own_method(fact: Fact, path: str, origins: Origins) -> bool:
    """True for a method call on an object whose class, in this repository, defines that method."""
    if fact.kind is not FactKind.METHOD:
        return False
    receiver = dict(fact.args).get("receiver")
    for _ in range(MAX_HOPS):
        if not receiver:
            return False
        if receiver.startswith(".") and not receiver.startswith("..") and origins.defines(path, receiver[1:]):
            home, name = path, receiver[1:]
        else:
            place = origins.modules.split(receiver, path)
            if place is None or not place[1]:
                return False
            home, name = place[0], ".".join(place[1])
        known = {definition.name: definition for definition in origins.files[home].definitions}
        if f"{name}.{fact.name}" in known:
            return True
        above = known[name].bases if name in known else (name,)
        receiver, path = next(filter(None, (_base(each, home, origins) for each in above)), ""), home
    return False


def _base(base: str, path: str, origins: Origins) -> str:
    """A class as written in a file, turned into `.Local` or the dotted origin of an imported name."""
    head, _, rest = base.partition(".")
    if origins.defines(path, base):
        return f".{base}"
    origin = origins.of(head, path)
    return f"{origin}.{rest}" if origin and rest else origin


def _helpers(files: Mapping[str, FileFacts], origins: Origins) -> dict[str, tuple[Link, ...]]:
    """Functions that hold CUDA-bound places, and constants that name a device, with the calls that lean on them."""
    holders = {path: _holders(facts) for path, facts in files.items() if facts.facts}
    names = {name.rsplit(".", 1)[-1] for held in holders.values() for name in held}
    calls: dict[tuple[str, str], dict[str, int]] = {}
    for path, facts in files.items():
        for name, count in facts.uses:
            if name.rsplit(".", 1)[-1] not in names:
                continue
            target = _target(name, path, holders, origins)
            if target is not None:
                users = calls.setdefault(target, {})
                users[path] = users.get(path, 0) + count
    links: dict[str, list[Link]] = {}
    for (path, name), users in sorted(calls.items()):
        links.setdefault(path, []).append(Link(name, sum(users.values()), len(users)))
    return {path: tuple(found) for path, found in links.items()}


def _holders(facts: FileFacts) -> frozenset[str]:
    """Module-level functions that hold a fact, classes' constructors by class name, and device constants."""
    scopes = {fact.scope for fact in facts.facts if fact.scope and fact.kind is not FactKind.IMPORT}
    defined = {definition.name for definition in facts.definitions}
    functions = {scope for scope in scopes if "." not in scope and scope in defined}
    constants = {
        dict(fact.args).get("of", "")
        for fact in facts.facts
        if not fact.scope and fact.kind is FactKind.STRING and fact.context == "assign"
    }
    return frozenset(functions | {name for name in constants if name.isidentifier()})


def _target(name: str, path: str, holders: Mapping[str, frozenset[str]], origins: Origins) -> tuple[str, str] | None:
    """The helper a counted name means: its file and its name there."""
    if name.startswith(".") and "." not in name[1:] and name[1:] in holders.get(path, ()):
        return path, name[1:]
    for _ in range(MAX_HOPS):
        place = origins.modules.split(name, path)
        if place is None or len(place[1]) != 1:
            return None
        path, (rest,) = place
        if rest in holders.get(path, ()):
            return path, rest
        origin = origins.of(rest, path)
        if not origin or origin[:1] in "'\"":
            return None
        name = origin
    return None
