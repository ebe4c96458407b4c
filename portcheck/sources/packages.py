"""Requirements in lists of settings: the packages of an image, of a job's environment, of a generator of manifests.

Sources of the keys: the references of Cog (`cog.yaml`), Ray (`runtime_env`), ZenML (`settings.docker`), BentoML
(`bentofile.yaml`) and rapids-dependency-file-generator (`dependencies.yaml`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from portcheck.model import Certainty, Fact, Span
from portcheck.sources.setting import Setting

_LISTS = frozenset({"python_packages", "pip_packages", "packages", "requirements", "pip"})
"""Keys under which requirements stand one by one."""

_WORDS = tuple(f"{key}:".encode() for key in ("packages", "requirements", "pip"))
_LISTED = re.compile(
    rb"^[ \t]*(?:- )?(?:%b)[ \t]*:[ \t]*(?:\[|(?:#[^\n]*)?\r?\n[ \t]*- )" % "|".join(sorted(_LISTS)).encode(),
    re.MULTILINE,
)


def holds_packages(data: bytes) -> bool:
    """Return whether a file of settings in YAML may hold lists of requirements."""
    return any(word in data for word in _WORDS) and _LISTED.search(data) is not None


def package_facts(settings: Iterable[Setting], text: str, certainty: Certainty) -> Iterator[Fact]:
    """Yield the facts of the requirements among the settings of a text."""
    # What reads requirements takes long to import, and few settings hold any.
    from portcheck.sources.requirement import requirement_fact

    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    for setting in settings:
        if setting.path[-1] in _LISTS and setting.value[:1].isalpha() and "\n" not in setting.value:
            line = bisect_right(starts, setting.begin)
            column = setting.begin - starts[line - 1] + 1
            span = Span(line, column, line, column + max(setting.end - setting.begin, 0))
            fact = requirement_fact(setting.value, span)
            if fact is not None:
                yield fact if certainty is Certainty.EXACT else fact._replace(certainty=certainty)
