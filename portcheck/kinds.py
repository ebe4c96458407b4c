"""What a file is: by its name, and where the name does not say, by its first bytes."""

from __future__ import annotations

import re

from portcheck.model import Kind

HEAD_BYTES = 256
"""How much of a file `kind_by_head` wants to see."""

_BY_SUFFIX = {
    **dict.fromkeys(("py", "pyi", "pyw"), Kind.PYTHON),
    "ipynb": Kind.NOTEBOOK,
    **dict.fromkeys(("sh", "bash", "zsh", "ksh", "slurm", "sbatch", "mk", "makefile", "bat", "cmd", "ps1"), Kind.SHELL),
    **dict.fromkeys(
        ("cu", "cuh", "c", "cc", "cpp", "cxx", "h", "hh", "hpp", "hxx", "inl", "impl", "ipp", "tpp"), Kind.KERNEL
    ),
    "cmake": Kind.BUILD,
    **dict.fromkeys(("dockerfile", "containerfile", "def"), Kind.CONTAINER),
}
"""Suffixes that settle the kind, whatever stands before them."""

_SETTINGS = frozenset({"yaml", "yml", "json", "toml", "ini", "cfg", "tf", "tfvars", "nix", "pbtxt"})
"""Suffixes of settings, unless the whole name says more."""

_BY_NAME = {
    **dict.fromkeys(("pyproject.toml", "setup.cfg", "pipfile", "pipfile.lock", "pixi.toml"), Kind.MANIFEST),
    **dict.fromkeys(("uv.lock", "poetry.lock", "pdm.lock"), Kind.MANIFEST),
    **dict.fromkeys(("makefile", "gnumakefile"), Kind.SHELL),
    "cmakelists.txt": Kind.BUILD,
    ".gitmodules": Kind.SETTINGS,
}

_PATTERNS = (
    (r"([\w.-]*[_.-])?(requirements|constraints|deps|dependencies|reqs?)([_.-].*)?\.(txt|in)", Kind.MANIFEST),
    (r"([\w-]+[_.-])?(environment|conda)([_.-].*)?\.ya?ml|env\.ya?ml", Kind.MANIFEST),
    (r"pyproject[_.-][\w.-]*\.toml", Kind.MANIFEST),
    (r"pylock\.([\w-]+\.)?toml", Kind.MANIFEST),
    (r"(docker-)?compose([_.-].*)?\.ya?ml", Kind.CONTAINER),
    (r"([\w.-]*[_.-])?(dockerfile|containerfile)([_.-](?!(?:md|txt|rst|ya?ml|json|dockerignore)$).*)?", Kind.CONTAINER),
)
"""Not compiled before a name asks for them: a check of ten files need not wait for that."""

_REQUIRED = frozenset({"requirements", "requirement", "reqs", "deps", "dependencies"})
"""Folders whose text files are requirements."""

_SHELL_NAME = (
    r"(?:(?:gnu)?makefile[_.-].+|\.envrc|\.env(?:[_.-].+)?|[\w.-]+\.env)"
    r"(?<!\.md)(?<!\.txt)(?<!\.rst)(?<!\.json)(?<!\.yml)(?<!\.yaml)"
)
"""Makefiles that others include, and files of variables that compose and shells read."""

_CONTAINER = ("dockerfile", "containerfile")
_MANIFEST = ("constraint", "dep", "req", "env", "conda", "pyproject", "pylock", "compose")
_TOLD_BY_NAME = frozenset({"txt", "in", "yaml", "yml", "toml"})
"""Parts of names, and suffixes for some of these, for which the patterns above are worth trying."""

_WORKFLOWS = "workflows"
"""A folder whose files are jobs, whatever they are about: `docker-compose.yml`, `release-conda.yml`."""

_TEMPLATES = frozenset({"j2", "jinja", "jinja2", "template", "tmpl", "tftpl"})
"""Suffixes behind that of what a template is filled into."""

_TERRAFORM = "tftpl"
"""The suffix of templates that are manifests where nothing else is said (`server.tftpl`)."""

_CONFIGURED = frozenset({Kind.KERNEL, Kind.BUILD, Kind.CONTAINER, Kind.SHELL, Kind.SETTINGS})
"""What is filled in by a build where `.in` stands behind a name (`kernel.cu.in`); Python no longer parses there."""

_BATCHES = ("slurm", "sbatch")
"""How suffixes of batch scripts begin, templates of them too (`.slurm_template`)."""

_SUBMITTED = frozenset({"sub", "job", "pbs", "lsf", "qsub"})
"""Suffixes of what is handed to a batch scheduler, of which not all take a script."""

_PROSE = frozenset(
    """
    authors changelog changes citation codeowners contributing contributors copying copyright history install licence
    license maintainers news notice owners patents readme todo version
    """.split()  # noqa: SIM905 - a list this long is read more easily as words
)
"""Names without a suffix that are known to be text for people, so that nobody needs to open them."""

_SHEBANG = rb"#!(?:.*[/ \t])?(?:(?P<python>(?:i?python|pypy)[\d.]*w?(?=\s|$)|uv(?= run))|(?:ba|da|z|k)?sh(?=\s|$))"
_BATCH = rb"(?m)^#(?:SBATCH|PBS|BSUB)\b"
_BOOTSTRAP = rb"(?i)(?:[ \t]*(?:#[^\n]*)?\r?\n)*Bootstrap:"
_CODING = rb"(?:.*\n)?#.*?(?:coding[:=]|mode:[ \t]*python)"


def kind_by_name(name: str, folder: str = "") -> Kind | None:
    """Return what a file called `name` in a folder called `folder` is, or None when only its first line can tell."""
    stem, dot, suffix = name.rpartition(".")
    suffix = suffix.lower() if stem else ""
    kind = _BY_SUFFIX.get(suffix)
    if kind:
        return kind
    lower = name.lower()
    kind = _BY_NAME.get(lower)
    if kind:
        return kind
    telling = (*_CONTAINER, *_MANIFEST) if suffix in _TOLD_BY_NAME else _CONTAINER
    if folder != _WORKFLOWS and any(word in lower for word in telling):
        for pattern, special in _PATTERNS:
            if re.fullmatch(pattern, lower):
                return special
    if ("makefile" in lower or "env" in lower) and re.fullmatch(_SHELL_NAME, lower):
        return Kind.SHELL
    if folder == "templates" and suffix == "tpl":
        return Kind.SETTINGS
    if folder in _REQUIRED and suffix in ("txt", "in"):
        return Kind.MANIFEST
    if suffix in _SETTINGS and folder != "_static":
        return Kind.SETTINGS
    if suffix in _TEMPLATES:
        filled = kind_by_name(stem, folder)
        return Kind.SETTINGS if suffix == _TERRAFORM and filled is None else filled
    if suffix == "in" and "." in stem:
        filled = kind_by_name(stem, folder)
        return filled if filled in _CONFIGURED else Kind.OTHER
    if suffix.startswith(_BATCHES):
        return Kind.SHELL
    if suffix in _SUBMITTED:
        return None
    return Kind.OTHER if dot or lower in _PROSE else None


def kind_by_head(head: bytes) -> Kind:
    """Return what a file with these first bytes is: a Python or shell script, the definition of an image, or other.

    The interpreter line decides; without one, a batch scheduler's directives make a shell script, Apptainer's first
    line a definition and an encoding line a Python file.
    """
    head = head.lstrip(b"\xef\xbb\xbf")
    shebang = re.match(_SHEBANG, head)
    if shebang:
        return Kind.PYTHON if shebang["python"] else Kind.SHELL
    if b"\0" in head or head.startswith(b"#!"):
        return Kind.OTHER
    if re.search(_BATCH, head):
        return Kind.SHELL
    if re.match(_BOOTSTRAP, head):
        return Kind.CONTAINER
    return Kind.PYTHON if re.match(_CODING, head) else Kind.OTHER
