"""Names of parts of the page for screen readers, as attributes of Dash components."""

from typing import Any


def said(words: str) -> dict[str, Any]:
    """The attribute that names a part by these words."""
    return {"aria-label": words}


def said_by(name: str) -> dict[str, Any]:
    """The attribute that names a part by the text of the element with this id."""
    return {"aria-labelledby": name}
