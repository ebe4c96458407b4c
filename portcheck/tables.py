"""Reading of TOML tables by the key: what is missing, unknown or of the wrong type is noted with file, owner and key.

Notes are gathered instead of raised, so that the author of a pack sees all of them at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from portcheck.errors import PackError

MAX_SHOWN = 20
"""Problems that one error message lists."""


class Problems:
    """What is wrong with a pack so far."""

    def __init__(self) -> None:
        """Start with none."""
        self._found: list[str] = []

    def add(self, place: str, text: str) -> None:
        """Note a problem at a place such as `device.toml: PC101: name`."""
        self._found.append(f"{place}: {text}")

    def check(self) -> None:
        """Do nothing when nothing is wrong.

        Raises:
            PackError: something is; the message has a line for each problem.
        """
        if self._found:
            shown = self._found[:MAX_SHOWN]
            more = len(self._found) - len(shown)
            raise PackError("\n".join([*shown, f"... and {more} more"] if more else shown))


class Table:
    """One table of a TOML file; `place` says which, for people."""

    def __init__(self, values: Mapping[str, object], place: str, problems: Problems) -> None:
        """Read nothing yet."""
        self.place = place
        self.problems = problems
        self._values = values
        self._asked: set[str] = set()

    def called(self, owner: str) -> Table:
        """Return the same table under a longer name."""
        return Table(self._values, f"{self.place}: {owner}", self.problems)

    def has(self, key: str) -> bool:
        """Return whether the key is there."""
        self._asked.add(key)
        return key in self._values

    def wrong(self, key: str, text: str) -> None:
        """Note what is wrong with a key."""
        self.problems.add(f"{self.place}: {key}", text)

    def text(self, key: str, needed: bool = True) -> str:
        """Return a text, without the white space around it; it must not be empty when it is needed."""
        value = self._values.get(key, "") if self.has(key) else ""
        if not isinstance(value, str):
            self.wrong(key, "must be a text")
            return ""
        if needed and not value.strip():
            self.wrong(key, "must be a text that is not empty" if self.has(key) else "is missing")
        return value.strip()

    def code(self, key: str) -> str:
        """Return a text as it is, empty when there is none."""
        self.text(key, needed=False)
        value = self._values.get(key, "")
        return value if isinstance(value, str) else ""

    def texts(self, key: str, needed: bool = False) -> tuple[str, ...]:
        """Return a list of texts of one line each; it must not be empty when it is needed or there."""
        value = self._values.get(key) if self.has(key) else None
        if value is None:
            if needed:
                self.wrong(key, "is missing")
            return ()
        if not isinstance(value, list) or not value or not all(_is_line(part) for part in value):
            self.wrong(key, "must be a list of texts, each of one line, that is not empty")
            return ()
        for part in {part for part in value if value.count(part) > 1}:
            self.wrong(key, f"holds {part!r} twice")
        return tuple(value)

    def choice(self, key: str, choices: Iterable[str], needed: bool = True) -> str:
        """Return a text that is one of the choices; empty when it is not needed and not there, or wrong."""
        value = self.text(key, needed)
        return value if not value or self._allowed(key, value, tuple(choices)) else ""

    def choices(self, key: str, choices: Iterable[str]) -> tuple[str, ...]:
        """Return a list of texts, each one of the choices."""
        allowed = tuple(choices)
        return tuple(value for value in self.texts(key) if self._allowed(key, value, allowed))

    def tables(self, key: str) -> tuple[Table, ...]:
        """Return the tables of an array of tables, each under its number."""
        value = self._values.get(key, []) if self.has(key) else []
        if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
            self.wrong(key, f"must be written as [[{key}]]")
            return ()
        return tuple(Table(part, f"{self.place}: {key} {at}", self.problems) for at, part in enumerate(value, 1))

    def table(self, key: str) -> Table:
        """Return the table of that name, empty when there is none."""
        value = self._values.get(key, {}) if self.has(key) else {}
        if not isinstance(value, dict) or not value:
            self.wrong(key, f"must be a table [{key}]")
        return Table(value if isinstance(value, dict) else {}, f"{self.place}: {key}", self.problems)

    def close(self) -> None:
        """Note every key that nothing has asked for."""
        for key in self._values:
            if key not in self._asked:
                self.wrong(key, "unknown key" + nearest(key, self._asked))

    def _allowed(self, key: str, value: str, choices: tuple[str, ...]) -> bool:
        if value in choices:
            return True
        self.wrong(key, f"{value!r} is none of {', '.join(choices)}" + nearest(value, choices))
        return False


def nearest(word: str, words: Iterable[str]) -> str:
    """Return a hint at the closest of the words, or an empty string."""
    # Only needed when something is wrong, and slow to import.
    from difflib import get_close_matches

    close = get_close_matches(word, list(words), 1)
    return f"; did you mean {close[0]!r}?" if close else ""


def read_table(path: Path, problems: Problems) -> Table:
    """Return the top table of a TOML file, empty when the file cannot be read; the place is folder and name."""
    # The parser is not needed when a compiled pack is at hand.
    import tomli

    place = f"{path.parent.name}/{path.name}"
    values: dict[str, object] = {}
    try:
        values = tomli.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        problems.add(place, f"cannot be read: {error.strerror}")
    except (ValueError, RecursionError) as error:
        problems.add(place, f"is not valid TOML: {error}")
    return Table(values, place, problems)


def _is_line(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value.splitlines()) == 1
