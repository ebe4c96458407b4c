"""The words of a finding: what was found, what it becomes, and the message."""

from __future__ import annotations

import re
from collections.abc import Mapping

from portcheck.model import TO_DO, Fact, FactKind, Work
from portcheck.pack import Rule, TargetPack, Verdict

MAX_SHOWN = 120
"""Characters of what was found that a message repeats; a string may be as long as a page."""

_ITEMS = {"__getitem__": "[{}]", "__setitem__": "[...] = {}"}
"""How taking a part of a tensor and putting something into one are written."""
_IMAGE = re.compile(r"\{(\w+)_image\}")

_OPEN = {
    "name": "<name>",
    "tail": "<name>",
    "rest": "<name>",
    "suffix": "[:index]",
    "accelerator": "DEVICE_TYPE[:index]",
    "toolkit_image": "<image of the toolkit>",
    "torch_image": "<image with PyTorch>",
}
"""What stands in a replacement for that of any place of a rule."""


def subject_of(fact: Fact) -> str:
    """What was found, as a person would write it: `torch.cuda.synchronize`, `.cuda()`, `"cuda:0"`, `num_gpus=`."""
    if fact.kind is FactKind.STRING:
        return f'"{fact.name}"'
    if fact.kind is FactKind.METHOD and fact.name in _ITEMS:
        return _ITEMS[fact.name].format(dict(fact.args).get("0", ""))
    if fact.kind is FactKind.METHOD:
        return f".{fact.name}()" if fact.context in ("call", "textual") else f".{fact.name}"
    if fact.kind in (FactKind.KERNEL, FactKind.DEPENDENCY) and fact.name.startswith(("mark:", "channel:")):
        kind, _, name = fact.name.partition(":")
        return name.replace("-", " ") if kind == "mark" else f"channel {name}"
    if fact.kind is FactKind.INDEX:
        value = dict(fact.args).get("value", "")
        return f"{fact.name}{value}" if fact.name.endswith("=") else f"{fact.name}({value})"
    if fact.kind is FactKind.DEFINITION:
        return f"{'class' if fact.context == 'class' else 'def'} {fact.name}"
    if fact.kind is FactKind.BRANCH:
        return f"branch for {fact.name}"
    return f"{fact.name}=" if fact.kind is FactKind.KEYWORD else fact.name


def filled(template: str, fact: Fact, target: TargetPack, torch: str = "", hardware: str = "") -> str:
    """Put the parts of a name (`{tail}`, `{suffix}`, `{swapped}` ...) and the target's words into a replacement.

    An image is that for a PyTorch and a card; where there is none, there is no replacement.
    """
    if "{" not in template:
        return template
    image = _IMAGE.search(template)
    if image:
        found = target.image(image.group(1), torch, hardware)
        return template.replace(image.group(), found) if found else ""
    name = fact.name
    value = dict(fact.args).get("value", "") if fact.kind is FactKind.SETTING else name
    home = next((f"{part}." for part in target.homes if name.startswith(f"{part}.")), "")
    parts = {
        "name": name,
        "tail": name.rsplit(".", 1)[-1],
        "rest": name[len(home) :],
        "suffix": value[len(target.origin) :] if value.startswith(target.origin) else "",
        "swapped": name.replace(target.origin, target.device),
        "device": target.device,
        "backend": target.backend,
        "module": target.module,
        "accelerator": _accelerator(name, target.origin),
    }
    return _put(template, parts)


def sketched(template: str, target: TargetPack, torch: str = "", hardware: str = "") -> str:
    """A replacement for any place of a rule: `<name>` stands for what is repeated, `[:index]` for an index, if any.

    An image is that for a PyTorch and a card, where there is one.
    """
    image = _IMAGE.fullmatch(template)
    found = target.image(image.group(1), torch, hardware) if image else ""
    words = {"device": target.device, "backend": target.backend, "module": target.module}
    known = {**_OPEN, **words, "swapped": f"<the same with {target.device}>"}
    return found or _put(template.replace('"{name}"', f'"{target.origin}[:index]"'), known)


def _put(template: str, parts: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: parts.get(found.group(1), found.group()), template)


def message_of(subject: str, rule: Rule, verdict: Verdict, work: Work, replacement: str, ported: str) -> str:
    """The message of a finding: what it becomes and the advice, or why it is portable already (`ported`)."""
    shown = clipped(subject)
    if ported:
        return f"{shown} {ported}"
    advice = verdict.message.rstrip(".")
    if replacement and replacement != subject and work in TO_DO:
        return f"{shown} becomes {replacement}" + (f"; {advice}" if advice else "")
    return f"{shown}: {advice or rule.summary}"


def clipped(subject: str) -> str:
    """Return what was found as a message repeats it."""
    return subject if len(subject) <= MAX_SHOWN else f"{subject[: MAX_SHOWN - 4]}..."


def shown_as(subject: str, replacement: str, is_code: bool) -> str:
    """A replacement as it would stand in the code: a text in quotes, unless an expression takes its place."""
    return f'"{replacement}"' if replacement and subject.startswith('"') and not is_code else replacement


def _accelerator(name: str, origin: str) -> str:
    """The expression for a device string with the type of the accelerator that is there."""
    index = name.partition(origin)[2]
    # What an f-string or a call of format() puts in is not known: it is shown as left out.
    doubled = index.replace("{}", "{...}") if "{}" in index else index.replace("{", "{{").replace("}", "}}")
    return f'f"{{DEVICE_TYPE}}{doubled}"' if index else "DEVICE_TYPE"
