"""Many files: fixed one by one, the helper modules that they need, written or shown, and what is said of it all."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Callable

from portcheck import gitindex
from portcheck.fix import helper
from portcheck.fix.diff import unified
from portcheck.fix.document import document
from portcheck.fix.files import FileFix, Rescan, Wish, fixed, refused
from portcheck.fix.imports import Origin
from portcheck.fix.plan import Style
from portcheck.fix.write import create, replace
from portcheck.link import Linked
from portcheck.memo import before, is_same
from portcheck.model import Finding, Kind, Source
from portcheck.packtypes import TargetPack, Verdict
from portcheck.pool import each_of
from portcheck.records import NamedTuple
from portcheck.run import collector_paused


class Made(NamedTuple):
    """A module that is made for the fixed files, below the root."""

    path: str
    text: str


class Fixes(NamedTuple):
    """All that a fix changes below a root: files, and modules that it makes for them.

    `tracked` says that git knows changed files, `dirty` are those that hold something else than git has of them.
    `direct` are files, with their kinds and numbers of places, where a change can be written for the target alone.
    """

    root: str
    files: tuple[FileFix, ...]
    made: tuple[Made, ...]
    tracked: bool = False
    dirty: tuple[str, ...] = ()
    direct: tuple[tuple[str, Kind, int], ...] = ()


class Asked(NamedTuple):
    """What is to be fixed: where, with which words of the target, in which style, and how texts are judged again.

    `oldest` is the PyTorch that the code has to run on, `jobs` how many processes may work. `entries` are the files
    that get the imports `at_entries`, whatever else there is to change in them.
    """

    root: str
    about: TargetPack
    verdict: Callable[[Finding], Verdict]
    wish: Wish
    scan: Rescan
    oldest: str
    jobs: int = 1
    entries: tuple[str, ...] = ()
    at_entries: tuple[Origin, ...] = ()

    def asks_for(self, path: str, findings: Mapping[str, Sequence[Finding]]) -> bool:
        """Return whether there may be something to change in a file."""
        found = findings.get(path, ())
        return path in self.entries or any(self.wish.chosen(each) and self.wish.asks_for(each) for each in found)

    def style(self, path: str, module: str) -> Style:
        """Return the style for a file that would import the helper as `module`."""
        imports = self.at_entries if path in self.entries else ()
        about = self.about
        device, package, general = about.device, about.package, about.general
        return Style(self.wish.agnostic, device, package, self.verdict, module, general, imports, origin=about.origin)


def fixes(
    asked: Asked,
    sources: Sequence[Source],
    findings: Mapping[str, Sequence[Finding]],
    linked: Linked,
) -> Fixes:
    """Return the fixes of all files that have something to change, none of them written yet.

    `linked` are the facts of the files by which they were judged, with those before the join.
    """
    todo = [each for each in sources if asked.asks_for(each.path, findings)]
    contents = {source.path: _bytes(asked.root, source.path) for source in todo}
    text = helper.text(asked.about, asked.oldest)
    known = {source.path: before(linked, source.path) for source in todo}
    imports = {path: facts.imports for path, facts in known.items()}
    places = helper.helpers(imports, {each.path for each in sources}, lambda path: _text(asked.root, path), linked)

    def one(source: Source) -> FileFix:
        place = places.get(source.path)
        data, reason = contents[source.path]
        if reason:
            return FileFix(source.path, data, data, (), (), reason)
        style = asked.style(source.path, place.module if place else "")
        same = is_same(linked, source.path, data, source.kind)
        old = known[source.path] if same else asked.scan.read(data, source.kind)
        return fixed(source, data, old, findings.get(source.path, ()), style, asked.wish, asked.scan)

    with collector_paused():
        files = each_of(one, todo, asked.jobs, lambda source: source.size)
    used = ((places.get(file.path), file) for file in files)
    made = {place.path: None for place, file in used if place and not place.exists and _imports(file, place.module)}
    tracked, dirty = _against_git(asked.root, files)
    modules = tuple(Made(path, text) for path in made)
    return Fixes(asked.root, tuple(files), modules, tracked, dirty, _direct(asked.wish, sources, findings))


def _direct(
    wish: Wish, sources: Sequence[Source], findings: Mapping[str, Sequence[Finding]]
) -> tuple[tuple[str, Kind, int], ...]:
    """The files with places that could only be changed for the target alone, which is not asked for."""
    every = wish._replace(unsafe=True, agnostic=False)
    found: list[tuple[str, Kind, int]] = []
    for source in sources if wish.agnostic else ():
        places = [each for each in findings.get(source.path, ()) if every.asks_for(each) and not each.agnostic]
        number = sum(map(wish.chosen, places))
        if number and not refused(source):
            found.append((source.path, source.kind, number))
    return tuple(found)


def _against_git(root: str, files: Sequence[FileFix]) -> tuple[bool, tuple[str, ...]]:
    """Whether git tracks any of the changed files, and those that hold something else than it has."""
    top = os.path.realpath(root)
    while not os.path.exists(os.path.join(top, ".git")):
        above = os.path.dirname(top)
        if above == top:
            return False, ()
        top = above
    known = gitindex.blobs(top)
    below = os.path.relpath(os.path.realpath(root), top)
    names = {each.path: os.path.normpath(os.path.join(below, each.path)) for each in files if each.changed}
    found = [each for each in files if names.get(each.path) in known]
    dirty = tuple(each.path for each in found if gitindex.blob_of(each.old) != known[names[each.path]])
    return bool(found), dirty


def differences(found: Fixes, jobs: int = 1) -> Iterator[str]:
    """Yield the lines of one diff of everything, worked out in `jobs` processes."""
    for each in found.made:
        yield from unified(each.path, "", each.text)
    changed = [file for file in found.files if file.changed]
    for lines in each_of(_difference, changed, jobs, lambda file: len(file.old)):
        yield from lines


def _difference(file: FileFix) -> list[str]:
    old, new = (document(data) for data in (file.old, file.new))
    if old is None or new is None:
        return []
    return [*unified(file.path, old.mark.decode() + old.text, new.mark.decode() + new.text)]


def write(found: Fixes) -> tuple[tuple[str, str], ...]:
    """Write everything and return the paths that could not be written, with the reason.

    Helper modules come first, so that no file stands there without what it imports.
    """
    lost: list[tuple[str, str]] = []
    missing: list[str] = []
    for each in found.made:
        try:
            create(os.path.join(found.root, each.path), each.text.encode())
        except OSError as error:
            lost.append((each.path, error.strerror or str(error)))
            missing.append(each.path)
    for file in found.files:
        if file.changed and missing:
            lost.append((file.path, f"left as it was without {missing[0]}"))
        elif file.changed:
            try:
                replace(os.path.join(found.root, file.path), file.new, file.old)
            except OSError as error:
                lost.append((file.path, error.strerror or str(error)))
    return tuple(lost)


def _bytes(root: str, path: str) -> tuple[bytes, str]:
    """The content of a file, or why there is none."""
    try:
        with open(os.path.join(root, path), "rb") as file:
            return file.read(), ""
    except OSError as error:
        return b"", error.strerror or str(error)


def _imports(result: FileFix, module: str) -> bool:
    """Whether the new text imports the helper."""
    return f"from {module} import".encode() in result.new


def _text(root: str, path: str) -> str | None:
    try:
        with open(os.path.join(root, path), encoding="utf-8") as file:
            return file.read()
    except (OSError, ValueError):
        return None
