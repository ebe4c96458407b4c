"""Requirements in settings: lists of packages for an image, a job or a generator of manifests, and submodules.

Sources of the keys: the references of Cog (`cog.yaml`), Ray (`runtime_env`), ZenML (`settings.docker`), BentoML
(`bentofile.yaml`) and rapids-dependency-file-generator (`dependencies.yaml`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from portcheck.model import Certainty, Fact, Span
from portcheck.pack import Interest
from portcheck.sources.setting import Setting

_LISTS = frozenset({"python_packages", "pip_packages", "packages", "requirements", "pip"})
"""Keys under which requirements stand one by one."""

_SUBMODULE = b"[submodule "
_WORDS = tuple(sign.encode() for key in ("packages", "requirements", "pip") for sign in (f"{key}:", f'{key}":'))
_LISTED = re.compile(
    rb"^[ \t]*(?:- )?\"?(?:%b)\"?[ \t]*:[ \t]*(?:\[|(?:#[^\n]*)?\r?\n[ \t]*- )" % "|".join(sorted(_LISTS)).encode(),
    re.MULTILINE,
)


def holds_packages(data: bytes) -> bool:
    """Return whether a file of settings may hold lists of requirements."""
    return any(word in data for word in _WORDS) and _LISTED.search(data) is not None


def holds_modules(data: bytes) -> bool:
    """Return whether a file names the submodules of a repository."""
    return data.lstrip().startswith(_SUBMODULE)


def module_facts(settings: Iterable[Setting], text: str, interest: Interest) -> Iterator[Fact]:
    """Yield the facts of the known libraries whose repositories are submodules."""
    # What clones repositories takes a while to import, and one file of a repository names them.
    from portcheck.sources.installs import source_fact

    for setting in settings:
        fact = source_fact(setting.value, _span(setting, text), interest) if setting.path[-1] == "url" else None
        if fact is not None:
            yield fact


def _span(setting: Setting, text: str) -> Span:
    """Where a value of one line stands."""
    line = text.count("\n", 0, setting.begin) + 1
    column = setting.begin - text.rfind("\n", 0, setting.begin)
    return Span(line, column, line, column + max(setting.end - setting.begin, 0))


def package_facts(settings: Iterable[Setting], text: str, certainty: Certainty) -> Iterator[Fact]:
    """Yield the facts of the requirements among the settings of a text."""
    # What reads requirements takes long to import, and few settings hold any.
    from portcheck.sources.requirement import requirement_fact

    for setting in settings:
        if setting.path[-1] in _LISTS and setting.value[:1].isalpha() and "\n" not in setting.value:
            fact = requirement_fact(setting.value, _span(setting, text))
            if fact is not None:
                yield fact if certainty is Certainty.EXACT else fact._replace(certainty=certainty)
