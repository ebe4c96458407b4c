"""What a port by each strategy leaves to do, and which one is advised.

`agnostic` writes code for any accelerator, `npu` code that names the target, and `shim` imports the vendor's module
that patches PyTorch at run time, and changes only what that does not reach. Pure: findings in, counts out. One pass
over the facts serves all strategies, as they differ only in what happens to a place afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from portcheck.model import TO_DO, Comparison, Finding, Outcome, Work
from portcheck.records import NamedTuple

if TYPE_CHECKING:
    from portcheck.estimate import Plan

SHIM, DIRECT, AGNOSTIC = STRATEGIES = ("shim", "npu", "agnostic")
"""What is compared, the least change to the code first."""

AUTO = "auto"
"""Take the strategy that is advised."""

FEW = 0.1
"""The share of the places to change that the shim may leave for it to be advised."""

_HOW = {"redirected": "redirects it", "rewritten": "rewrites the argument"}
_SHOWN = 3


class Repository(NamedTuple):
    """What the advice takes from beside the findings.

    `library` says that no program was found, so that others import the code; `device` is the target's name for its
    device, `shim` whether it has one.
    """

    library: bool = False
    device: str = "npu"
    shim: bool = True


def is_handled(finding: Finding) -> bool:
    """Return whether the shim does at run time what would have to be changed."""
    return finding.work in TO_DO and _left(finding) is Work.NONE


def under(finding: Finding, strategy: str) -> Finding:
    """Return a finding as it is under a strategy: what the shim handles needs no work there."""
    left = _left(finding)
    if strategy != SHIM or left is finding.work:
        return finding
    how = f"the shim {_HOW.get(finding.effect, 'handles it')} at run time"
    stays = f"{finding.subject} can stay: {how}"
    message = stays if left is Work.NONE else f"{stays}; look whether that will do"
    return finding._replace(work=left, replacement="", fixable=None, message=message)


def _left(finding: Finding) -> Work:
    """The work that is left at a place under the shim."""
    if not finding.shim or finding.work not in TO_DO:
        return finding.work
    mechanical = finding.work in (Work.RENAME, Work.CONFIG)
    return finding.under_shim or (Work.NONE if mechanical else finding.work)


def base(strategy: str) -> str:
    """Return the strategy whose replacements are shown: what the shim leaves is written for any accelerator."""
    return DIRECT if strategy == DIRECT else AGNOSTIC


def compare(
    findings: Iterable[Finding], about: Repository, plans: Sequence[Plan] = (), auto: bool = False
) -> Comparison:
    """Return the strategies side by side, by the findings of any but the shim, with the estimates there are."""
    found = tuple(findings)
    estimates = {plan.strategy: plan for plan in plans}
    names = STRATEGIES if about.shim else (DIRECT, AGNOSTIC)
    outcomes = tuple(_outcome(name, found, estimates.get(name)) for name in names)
    ported = _ported(found, about.device)
    advised, reason = advise(outcomes, about, ported)
    return Comparison(outcomes, advised, reason, auto, ported)


def advise(outcomes: Sequence[Outcome], about: Repository, ported: int = 0) -> tuple[str, str]:
    """Return the advised strategy and the reason; `ported` places stand beside a branch for the target.

    The shim patches PyTorch for all that shares the process and makes `torch.cuda.is_available()` true. It is advised
    for programs alone that have no branch for the target, lose nothing by it, and are all but done with it. Otherwise
    the code itself is changed: for any accelerator, as that keeps it running on CUDA, unless this PyTorch has such a
    form for fewer than half of the places.
    """
    rows = {outcome.strategy: outcome for outcome in outcomes}
    direct, general = rows[DIRECT], rows[AGNOSTIC]
    if not general.to_change:
        return AGNOSTIC, "nothing has to change"
    shim = rows.get(SHIM)
    against = _against(shim, general.to_change, about, ported)
    if shim and not against:
        left = f"{shim.to_change} of {general.to_change}" if shim.to_change else f"none of {general.to_change}"
        return SHIM, f"one import leaves {left} places to change, in programs that lose nothing by it"
    because = f"; against the shim: {against}" if against else ""
    if 2 * general.named > direct.named:
        return DIRECT, f"{general.named} of {direct.named} replacements name the target in either style{because}"
    return AGNOSTIC, f"the same places change as for the target alone, and the code still runs on CUDA{because}"


def _against(shim: Outcome | None, whole: int, about: Repository, ported: int) -> str:
    """What speaks against the shim, the gravest first; empty when nothing does, or there is none."""
    if shim is None:
        return ""
    if about.library:
        return "no program was found, and it would patch PyTorch for all that import this code"
    if ported:
        places = "1 place has" if ported == 1 else f"{ported} places have"
        return f"{places} a branch for the target, and under it CUDA's branch is taken"
    if shim.disabled:
        return f"it disables {', '.join(shim.disabled[:_SHOWN])}"
    if shim.to_change > FEW * whole:
        return f"it leaves {shim.to_change} of {whole} places to change"
    return ""


def _outcome(strategy: str, findings: Sequence[Finding], plan: Plan | None) -> Outcome:
    left = [under(each, strategy) for each in findings]
    work = Counter(each.work for each in left)
    shim = strategy == SHIM
    return Outcome(
        strategy,
        tuple((kind, work[kind]) for kind in Work if kind is not Work.NONE),
        named=sum(_names(each, strategy) for each in left),
        handled=sum(map(is_handled, findings)) if shim else 0,
        unreached=sum(each.work in TO_DO for each in left) if shim else 0,
        disabled=_disabled(findings) if shim else (),
        edits=plan.edits if plan else None,
        person_days=plan.person_days if plan else None,
    )


def _names(finding: Finding, strategy: str) -> bool:
    """Whether a place becomes code that names the target."""
    mechanical = finding.work is Work.RENAME and bool(finding.replacement)
    return mechanical and (strategy == DIRECT or not finding.agnostic)


def _disabled(findings: Sequence[Finding]) -> tuple[str, ...]:
    """The names in use that do nothing under the shim, the most frequent first."""
    names = Counter(each.subject for each in findings if each.effect == "disabled" and each.work is not Work.NONE)
    return tuple(name for name, _ in sorted(names.items(), key=lambda item: (-item[1], item[0])))


def _ported(findings: Sequence[Finding], device: str) -> int:
    """The places that stand in or beside a branch for the target."""
    return sum(any(guard.endswith(f":{device}") for guard in each.guards) for each in findings)
