"""The style sheet of highlighted code, for light and dark pages."""

from __future__ import annotations


def files() -> dict[str, str]:
    """Return the style sheet by its path."""
    from pygments.formatters import HtmlFormatter

    light = HtmlFormatter(style="default").get_style_defs(".codehilite")
    dark = HtmlFormatter(style="github-dark").get_style_defs("[data-bs-theme=dark] .codehilite")
    return {"css/code.css": f"{light}\n{dark}\n"}
