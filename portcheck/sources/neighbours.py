"""Variables of the environment that are set for another device type beside the one for CUDA: such a place is portable.

What runs on either device sets both, often on the next line; the device type then stands in the guards of the fact.
"""

from __future__ import annotations

from portcheck.model import Fact, FactKind, FileFacts
from portcheck.pack import Interest

NEAR = 2
"""Lines above and below in which another variable counts as standing beside."""
_REMARKS = (b"#", b"//", b"--")


def with_neighbours(facts: FileFacts, data: bytes, interest: Interest) -> FileFacts:
    """`facts` of a text, with the device types that variables beside theirs are for."""
    rows = [(name, device, other.encode()) for name, device, other in map(str.split, interest.variables)]
    there = [row for row in rows if row[2] in data]
    if not there:
        return facts
    lines = data.split(b"\n")
    return facts._replace(facts=tuple(_beside(fact, lines, there) for fact in facts.facts))


def _beside(fact: Fact, lines: list[bytes], rows: list[tuple[str, str, bytes]]) -> Fact:
    if fact.kind is not FactKind.ENV or fact.span.cell:
        return fact
    near = lines[max(fact.span.line - 1 - NEAR, 0) : fact.span.line + NEAR]
    said = [line for line in near if not line.lstrip().startswith(_REMARKS)]
    found = {
        f"beside:{device}" for name, device, other in rows if name == fact.name and any(other in line for line in said)
    }
    return fact._replace(guards=(*fact.guards, *sorted(found - set(fact.guards)))) if found else fact
