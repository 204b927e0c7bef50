"""Names of directions as people read them."""

import re

METHODS = {
    "jacobian": "Most change",
    "ganspace": "Component",
    "sefa": "First layer",
    "random": "At random",
    "local": "Here",
}


def direction_words(name: str) -> str:
    """The name of a direction in words.

    >>> direction_words("jacobian1"), direction_words("stroke_width"), direction_words("local-2")
    ('Most change 1', 'Stroke width', 'Here 2')
    """
    numbered = re.fullmatch(r"([a-z]+)-?(\d+)", name)
    if numbered and numbered[1] in METHODS:
        return f"{METHODS[numbered[1]]} {numbered[2]}"
    text = name.replace("_", " ")
    return text[:1].upper() + text[1:]
