"""HTML and SVG from our templates.

Everything a submission brought is text: Jinja2 escapes it, and a Content-Security-Policy runs nothing but our own
script, allowed by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.sandbox.extras import require

if TYPE_CHECKING:
    from jinja2 import Environment

NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2
TEMPLATES = Path(__file__).with_name("templates")


def render(template: str, **values: Any) -> str:
    style, script = asset("drawing.css") + asset("style.css"), str(values.pop("script", ""))
    policy = (
        f"default-src 'none'; base-uri 'none'; form-action 'none'; img-src 'self' file: data:; "
        f"style-src '{_hash(style)}'; script-src '{_hash(script) if script else 'none'}'"
    )
    values = {"feedback": False, "stamp": "", "replay": "", "figure": "", "alone": "", "hint": "", **values}
    return (
        _environment()
        .get_template(template)
        .render({**values, "policy": policy, "style": ours(style), "script": ours(script)})
    )


def ours(text: str) -> Any:
    """A file of our own, to be written word for word."""
    require("report")
    from markupsafe import Markup

    return Markup(text)


def xml_text(text: str) -> str:
    """With a mark in place of what XML cannot hold in any spelling."""
    return NO_XML.sub("\ufffd", text)


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def asset(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    require("report")
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
