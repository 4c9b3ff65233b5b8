"""The lexicon: data in `lexicon/en.json`, read once."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_PLAIN_KINDS = frozenset({"all", "noun", "filler", "prep"})


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything known about a language. `phrases` maps word tuples to `{kind: value}`."""

    phrases: Mapping[tuple[str, ...], Mapping[str, str]]
    plurals: frozenset[tuple[str, ...]]
    contractions: Mapping[str, str]
    numbers: Mapping[str, int]
    units: Mapping[str, str]
    domains: Mapping[str, str]
    generic: frozenset[str]
    distinct: frozenset[str]
    mass: frozenset[str]
    quantifiers: frozenset[str]
    glue: frozenset[str]
    time: re.Pattern[str]
    longest: int

    def domain(self, word: str) -> str:
        """The understanding's word for a capability or a foreign domain name."""
        return self.domains.get(word, word)


def _quantifiers(words: Mapping[str, Mapping[str, list[str]]]) -> frozenset[str]:
    """As in "all" and "everything": single words that no name may swallow."""
    return frozenset(text for kind in ("all", "everything") for text in words["all"][kind] if " " not in text)


def _glue(phrases: Mapping[tuple[str, ...], Mapping[str, str]]) -> frozenset[str]:
    """Words that say nothing beside a quantifier but which kind, or where: "all the lights in"."""
    return frozenset(word for phrase, kinds in phrases.items() if kinds.keys() & _PLAIN_KINDS for word in phrase)


def plural(word: str) -> str:
    """The regular English plural."""
    return word + "es" if word.endswith(("ch", "sh", "x", "s")) else word + "s"


@cache
def english() -> Lexicon:
    """The English lexicon."""
    data = json.loads(files(__package__).joinpath("lexicon/en.json").read_text("utf-8"))
    phrases: dict[tuple[str, ...], dict[str, str]] = {}
    plurals: set[tuple[str, ...]] = set()
    for kind, values in data["words"].items():
        for value, texts in values.items():
            for text in texts:
                phrases.setdefault(tuple(text.split()), {})[kind] = f"{value}/{text}" if kind == "noun" else value
                if kind == "noun":
                    many = tuple(plural(text).split())
                    phrases.setdefault(many, {})[kind] = f"{value}/{text}"
                    plurals.add(many)
    return Lexicon(
        phrases=phrases,
        plurals=frozenset(plurals),
        contractions=data["contractions"],
        numbers=data["numbers"],
        units=data["units"],
        domains=data["domains"],
        generic=frozenset(data["generic"]),
        distinct=frozenset(data["distinct"]),
        mass=frozenset(data["mass"]),
        quantifiers=_quantifiers(data["words"]),
        glue=_glue(phrases),
        time=re.compile(data["time"]),
        longest=max(map(len, phrases)),
    )
