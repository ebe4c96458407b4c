"""Settings in YAML, JSON, TOML and INI to facts: those that the packs know, by the dotted path of their keys.

A setting is a SETTING fact `path.to.key=value`, with true and false in lower case; a key, or a value under `name`, that
is a variable of interest is an ENV fact, an image an IMAGE fact. The format is told by the text. Files of more than
`MAX_SIZE` bytes are data rather than settings and are not parsed; one without a word of interest is not parsed.
"""

from __future__ import annotations

from portcheck.model import Certainty, FactKind, FileFacts, Status
from portcheck.pack import Interest
from portcheck.sources.decode import decode
from portcheck.sources.keyed import groups_in, lookup_for, patterns_for, setting_facts, settings_of
from portcheck.sources.packages import holds_modules, holds_packages, module_facts, package_facts
from portcheck.sources.steps import holds_steps, is_step, step_facts, traits_of

MAX_SIZE = 256 * 1024
"""Bytes of a file that is still taken for settings; what is longer holds data, records above all."""


def read_settings(data: bytes, interest: Interest) -> FileFacts:
    """The facts of a settings file; never raises on its content."""
    lines = data.count(b"\n") + (bool(data) and not data.endswith(b"\n"))
    held = groups_in(data, lookup_for(interest))
    first = next(held, None)
    traits = traits_of(data)
    runs, listed = holds_steps(data, traits), holds_packages(data)
    modules = holds_modules(data)
    if b"\0" not in data[:4096] and first is None and not (runs or listed or modules):
        return FileFacts(lines=lines)
    if len(data) > MAX_SIZE:
        reason = f"more than {MAX_SIZE // 1024} KiB, which is data rather than settings"
        return FileFacts(lines=lines, status=Status.SKIPPED, reason=reason)
    text, _ = decode(data)
    if text is None:
        return FileFacts(status=Status.UNREADABLE, reason="binary data")
    if first is None and not (listed or modules) and not _speaks(text, interest):
        return FileFacts(lines=lines, traits=traits)
    known = patterns_for(interest)._replace(groups=(*((first,) if first else ()), *held))
    found, problem = settings_of(text, known, every=runs or listed or modules)
    settings = tuple(found)
    certainty = Certainty.TEXTUAL if problem else Certainty.EXACT
    facts = list(setting_facts(settings, text, known, certainty))
    if listed:
        packages = list(package_facts(settings, text, certainty))
        taken = {fact.span for fact in packages}
        facts = [*packages, *(fact for fact in facts if fact.span not in taken)]
    if runs:
        # What a step says is read as the shell does, not as the value of its key.
        facts = [fact for fact in facts if fact.kind is not FactKind.SETTING or not is_step(dict(fact.args)["of"])]
        facts += step_facts(settings, text, interest, certainty)
    if modules:
        facts += module_facts(settings, text, interest)
    if runs or listed:
        facts.sort(key=lambda fact: (fact.span, fact.kind.value, fact.name))
    return FileFacts(tuple(facts), lines, Status.PARTLY if problem else Status.READ, problem, traits=traits)


def _speaks(text: str, interest: Interest) -> bool:
    """Whether there may be shell text of interest."""
    # What reads scripts takes a while to import, and few settings hold steps alone.
    from portcheck.sources.spoken import may_hold

    return may_hold(text, interest)
