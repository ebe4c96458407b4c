"""What linking made of a run, as lines to remember, under a key over everything that went in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from portcheck.codec import decode, encode
from portcheck.digests import blake2b
from portcheck.link import Linked
from portcheck.model import FileFacts, Kind, Link
from portcheck.worker import Outcome, digest_of


def key_of(outcomes: Mapping[str, Outcome]) -> str:
    """A digest over the paths of a run, their order, and what each file holds."""
    parts = [(path, outcome.digest or outcome.facts) for path, outcome in outcomes.items()]
    return blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()


def essence(linked: Linked) -> Linked:
    """`linked` with what counts once facts are linked: facts, lines, status, reason, traits and pragmas.

    Imports become edges between files, and traits of those that use PyTorch or load compiled modules.
    """
    if not any(map(_holds_anything, linked.files.values())):
        return linked
    # Neither what is remembered nor what holds nothing asks for these.
    from portcheck.extensions import extensions, loads
    from portcheck.scope_graph import TORCH, edges, uses_torch

    built = extensions(linked.files.values())
    files = {
        path: FileFacts(
            facts.facts,
            facts.lines,
            facts.status,
            facts.reason,
            traits=(*facts.traits, *((TORCH,) if uses_torch(facts) else ()), *loads(facts, built)),
            apis=facts.apis,
            pragmas=facts.pragmas,
        )
        for path, facts in linked.files.items()
    }
    return Linked(files, linked.links, edges(linked.files))


def _holds_anything(facts: FileFacts) -> bool:
    """Whether there is anything in a file that linking could leave behind."""
    return bool(facts.facts or facts.imports or facts.exports or facts.definitions or facts.uses)


def before(linked: Linked, path: str) -> FileFacts:
    """The facts of a file before the join, imports and definitions among them; none where they were not asked for."""
    facts, _ = linked.before.get(path, ("", ""))
    return decode(facts) or FileFacts()


def is_same(linked: Linked, path: str, data: bytes, kind: Kind) -> bool:
    """Whether `data` is what the facts of a file before the join were read from."""
    _, digest = linked.before.get(path, ("", ""))
    return bool(digest) and digest == digest_of(data, kind)


def pack(linked: Linked) -> tuple[str, ...]:
    """`linked` as lines of ASCII JSON: the files in order, the links, the edges by the files' numbers."""
    numbers = {path: number for number, path in enumerate(linked.files)}
    rows = [[numbers[path], *map(numbers.__getitem__, targets)] for path, targets in linked.edges.items()]
    return (*map(encode, linked.files.values()), _line(list(linked.links.items())), _line(rows))


def unpack(paths: Sequence[str], lines: Sequence[str]) -> Linked | None:
    """What `pack` was given, for files of these paths; None when the lines are anything else."""
    try:
        facts = [decode(line) for line in lines[:-2]]
        links = {_text(path): tuple(map(_link, helpers)) for path, helpers in json.loads(lines[-2])}
        graph = dict(_edge(row, paths) for row in json.loads(lines[-1]))
    except (ValueError, TypeError, IndexError, RecursionError):
        return None
    files = {path: found for path, found in zip(paths, facts) if found is not None}
    return Linked(files, links, graph) if len(files) == len(facts) == len(paths) else None


def _line(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _edge(row: Any, paths: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    if type(row) is not list or set(map(type, row)) != {int} or min(row) < 0:
        raise TypeError("not a row of numbers")
    path, *targets = (paths[number] for number in row)
    return path, tuple(targets)


def _link(row: Any) -> Link:
    name, calls, files = row
    if type(calls) is not int or type(files) is not int:
        raise TypeError("not a number")
    return Link(_text(name), calls, files)


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError("not a text")
    return value
