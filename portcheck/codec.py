"""Facts as compact JSON text and back: what crosses process borders and what the cache keeps.

Rows of one type are written as columns, because columns are checked and turned back into tuples at the speed of the
interpreter's own loops; a column that holds nothing but its default is written as `null`. Decoding trusts nothing: text
of any other shape is refused as a whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from portcheck.model import ApiUse, Certainty, Definition, Fact, FactKind, FileFacts, Import, Span, Status
from portcheck.pragma import Pragma

_KINDS: dict[str, FactKind] = {kind.value: kind for kind in FactKind}
_CERTAINTIES: dict[str, Certainty] = {certainty.value: certainty for certainty in Certainty}
_STATUSES: dict[str, Status] = {status.value: status for status in Status}
_SECTIONS = 12
_BARE = 8
"""The length up to which facts may be nothing but a number of lines, as most files' are."""


def encode(facts: FileFacts) -> str:
    """`facts` as one line of ASCII JSON; `decode` gives an equal value back."""
    sections: list[Any] = [
        facts.lines,
        facts.status.value,
        facts.reason,
        facts.traits,
        _fact_columns(facts.facts),
        _fact_columns(facts.pending),
        _columns(facts.imports),
        _columns(facts.exports),
        _definition_columns(facts.definitions),
        _columns(facts.uses),
        _api_columns(facts.apis),
        facts.pragmas,
    ]
    while len(sections) > 1 and sections[-1] in ((), [], "", Status.READ.value):
        sections.pop()
    return json.dumps(sections, separators=(",", ":"))


def decode(text: str) -> FileFacts | None:
    """The facts that `text` holds, or None when it is not what `encode` writes."""
    if len(text) <= _BARE and text[1:-1].isdecimal() and text[0] + text[-1] == "[]":
        return FileFacts(lines=int(text[1:-1]))
    try:
        return _decode(json.loads(text))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _decode(sections: Any) -> FileFacts:
    if type(sections) is not list or not 0 < len(sections) <= _SECTIONS:
        raise ValueError("not the sections of a file")
    sections += [Status.READ.value, "", *[[]] * (_SECTIONS - 3)][len(sections) - 1 :]
    lines, status, reason, traits, facts, pending, imports, exports, definitions, uses, apis, pragmas = sections
    return FileFacts(
        facts=_facts(facts),
        lines=_numbers([lines])[0],
        status=_STATUSES[status],
        reason=_strings([reason])[0],
        imports=_imports(imports),
        exports=_pairs(exports, str),
        definitions=_definitions(definitions),
        uses=_pairs(uses, int),
        pending=_facts(pending),
        traits=tuple(_strings(traits)),
        apis=_apis(apis),
        pragmas=tuple(map(_pragma, pragmas)),
    )


def _columns(rows: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    return list(zip(*rows))


def _definition_columns(definitions: Sequence[Definition]) -> list[Sequence[Any] | None]:
    if not definitions:
        return []
    names, lines, ends, bases = zip(*definitions)
    return [names, lines, ends, _unless(bases, ())]


def _fact_columns(facts: Sequence[Fact]) -> list[Sequence[Any] | None]:
    if not facts:
        return []
    kinds, names, spans, certainties, contexts, args, guards, scopes = zip(*facts)
    line, column, end_line, end_column, cells = zip(*spans)
    return [
        [kind.value for kind in kinds],
        names,
        line,
        column,
        end_line,
        end_column,
        _unless([0 if cell is None else cell + 1 for cell in cells], 0),
        _unless([certainty.value for certainty in certainties], Certainty.EXACT.value),
        _unless(contexts, ""),
        _unless(args, ()),
        _unless(guards, ()),
        _unless(scopes, ""),
    ]


def _api_columns(apis: Sequence[ApiUse]) -> list[Sequence[Any] | None]:
    """Uses in columns; each stands on one line, and no cell of a notebook is told apart."""
    if not apis:
        return []
    names, shown, places, spans = zip(*apis)
    lines, columns, _, ends, _ = zip(*spans)
    return [names, _unless(shown, ""), places, lines, columns, ends]


def _apis(columns: Any) -> tuple[ApiUse, ...]:
    if columns == []:
        return ()
    names, shown, places, lines, starts, ends = columns
    count, lines = len(names), _numbers(lines)
    spans = _rows(Span, lines, _numbers(starts), lines, _numbers(ends), [None] * count)
    texts = [""] * count if shown is None else _strings(shown)
    return _rows(ApiUse, _strings(names), texts, _numbers(places), spans)


def _pragma(row: Any) -> Pragma:
    word, names, reason, line, column, first, last, cell = row
    _strings([word, reason])
    _numbers([line, column, first, last, 0 if cell is None else cell])
    return Pragma(word, tuple(_strings(names)), reason, line, column, first, last, cell)


def _unless(values: Sequence[Any], default: object) -> Sequence[Any] | None:
    return None if all(value == default for value in values) else values


def _facts(columns: Any) -> tuple[Fact, ...]:
    if columns == []:
        return ()
    kinds, names, line, column, end_line, end_column, cells, certainties, contexts, args, guards, scopes = columns
    count = len(names)
    spans = _rows(
        Span,
        _numbers(line),
        _numbers(column),
        _numbers(end_line),
        _numbers(end_column),
        [None] * count if cells is None else [number - 1 if number else None for number in _numbers(cells)],
    )
    return _rows(
        Fact,
        [_KINDS[kind] for kind in kinds],
        _strings(names),
        spans,
        [Certainty.EXACT] * count if certainties is None else [_CERTAINTIES[value] for value in certainties],
        [""] * count if contexts is None else _strings(contexts),
        [()] * count if args is None else [_args(pairs) for pairs in args],
        [()] * count if guards is None else [tuple(_strings(names)) for names in guards],
        [""] * count if scopes is None else _strings(scopes),
    )


def _imports(columns: Any) -> tuple[Import, ...]:
    if columns == []:
        return ()
    modules, levels, names, aliases, lines = columns
    return _rows(Import, _strings(modules), _numbers(levels), _strings(names), _strings(aliases), _numbers(lines))


def _definitions(columns: Any) -> tuple[Definition, ...]:
    if columns == []:
        return ()
    names, lines, ends, bases = columns
    tuples = [()] * len(names) if bases is None else [tuple(_strings(names)) for names in bases]
    return _rows(Definition, _strings(names), _numbers(lines), _numbers(ends), tuples)


def _pairs(columns: Any, second: type) -> tuple[tuple[str, Any], ...]:
    if columns == []:
        return ()
    names, values = columns
    checked = _strings(names), (_strings if second is str else _numbers)(values)
    _same_length(checked)
    return tuple(zip(*checked))


def _args(pairs: Any) -> tuple[tuple[str, str], ...]:
    if not pairs:
        return ()
    return tuple((name, value) for name, value in map(_strings, pairs))


def _rows(cls: Any, *columns: Sequence[Any]) -> tuple[Any, ...]:
    _same_length(columns)
    return tuple(map(partial(tuple.__new__, cls), zip(*columns)))


def _same_length(columns: Iterable[Sequence[Any]]) -> None:
    if len(set(map(len, columns))) != 1:
        raise ValueError("columns of different lengths")


def _strings(values: Any) -> list[str]:
    return _of(values, {str})


def _numbers(values: Any) -> list[int]:
    numbers: list[int] = _of(values, {int})
    if numbers and min(numbers) < 0:
        raise ValueError("a negative number")
    return numbers


def _of(values: Any, types: set[type]) -> list[Any]:
    if type(values) is not list or not set(map(type, values)) <= types:
        raise ValueError("a value of another type")
    return values
