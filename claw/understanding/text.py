"""From what a person typed to plain lower-case words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from claw.understanding.words import Lexicon

MAX_TEXT = 1000  # characters; nobody texts a longer order
_QUOTED = re.compile(r"[\"“”«»„][^\"“”«»„]+[\"“”«»„]")
_NUMBER_UNIT = re.compile(r"(?<![\w.])([-+]?\d+(?:[.,]\d+)?)\s*(%|°\s*[cf]|°|[cfk]\b)")
_WORD = re.compile(r"\d+:\d+|[-+]?\d+(?:\.\d+)?|[^\W_]+(?:['-][^\W_]+)*|[,;&]|[.!?](?=\s|$)")


def unquoted(text: str, name: Callable[[str], str | None], lexicon: Lexicon) -> tuple[list[str], bool]:
    """The words of a text, a quoted name being one (`name` gives its token); whether other quotes are left."""
    found: list[str] = []
    at, left = 0, False
    text = text[:MAX_TEXT]
    for match in _QUOTED.finditer(text):
        token = name(match[0][1:-1])
        if token is None:
            left = True
            continue
        found += [*words(text[at : match.start()], lexicon), token]
        at = match.end()
    return [*found, *words(text[at:], lexicon)], left


def plain(text: str) -> str:
    """Lower case, one space, no emoji, straight apostrophes, no accents lost."""
    text = unicodedata.normalize("NFKC", text[:MAX_TEXT]).replace("\u2019", "'").replace("\u2018", "'").lower()
    kept = (c if unicodedata.category(c)[0] in "LNPZ" or c in "+%°&\n" else " " for c in text)
    return " ".join("".join(kept).split())


def words(text: str, lexicon: Lexicon) -> list[str]:
    """The words of a text: contractions opened, units named, number words counted, hyphens split."""

    def spell(match: re.Match[str]) -> str:
        unit = lexicon.units.get(match[2].replace(" ", ""), match[2])
        return f"{match[1].replace(',', '.')} {unit} "

    found: list[str] = []
    for raw in _WORD.findall(_NUMBER_UNIT.sub(spell, plain(text))):
        if raw in lexicon.contractions:
            found.extend(lexicon.contractions[raw].split())
            continue
        parts = (raw,) if raw[0] in "-+0123456789" else raw.replace("'s", "").replace("'", "").split("-")
        found.extend(part for part in parts if part and part != "?")
    return _counted(found, lexicon)


def _counted(found: list[str], lexicon: Lexicon) -> list[str]:
    """Number words become digits; "twenty one" is 21."""
    out: list[str] = []
    previous = -1
    for word in found:
        value = lexicon.numbers.get(word)
        if value is None:
            out.append(word)
            previous = -1
        elif previous >= 20 and previous % 10 == 0 and 0 < value < 10:  # noqa: PLR2004 - twenty + one
            out[-1] = str(previous + value)
            previous = -1
        elif previous == 1 and value == 100:  # noqa: PLR2004 - one hundred
            out[-1] = "100"
            previous = -1
        else:
            out.append(str(value))
            previous = value
    return out
