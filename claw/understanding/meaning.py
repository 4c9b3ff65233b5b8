"""What a piece asks of things of one domain: an action with its value, or a question."""

from __future__ import annotations

from dataclasses import dataclass

from claw.model.json import Json
from claw.understanding.ask import Ask
from claw.understanding.pieces import Piece

_PLAIN = frozenset({
    "toggle", "stop", "pause", "next", "previous", "mute", "unmute", "lock", "unlock", "start", "dock", "activate",
})  # fmt: skip
_OWN = {
    "light": "brightness", "media": "volume", "climate": "temperature", "pool": "temperature", "fan": "speed",
    "cover": "position",
}  # fmt: skip
_HEAT = ("climate", "pool")
_HINTS = {
    "brightness": ("light",), "color": ("light",), "color_temperature": ("light",), "volume": ("media",),
    "temperature": _HEAT, "target_temperature": _HEAT, "mode": ("climate",), "speed": ("fan",),
    "position": ("cover",), "heat_mode": ("pool",),
}  # fmt: skip
_MOVING = ("cover", "garage_door")
_VERB_HINTS = {
    "dim": ("light",), "brighten": ("light",), "play": ("media",), "pause": ("media",), "next": ("media",),
    "previous": ("media",), "mute": ("media",), "unmute": ("media",), "stop": ("media", "cover"), "open": _MOVING,
    "close": _MOVING, "lock": ("lock",), "unlock": ("lock",), "dock": ("vacuum",), "start": ("vacuum",),
}  # fmt: skip
HALF = 50  # percent: as far open as closed
SMALL_STEP = 12  # degrees: "turn it up 5" is a step, "turn it up 21" a temperature
WARMEST_C, COLDEST_F = 40, 41  # a bare number up to 40 is Celsius, from 41 Fahrenheit


@dataclass(frozen=True, slots=True)
class Meaning:
    """An action in the schema's words."""

    action: str
    value: Json = None
    unit: str = ""
    amount: float | None = None


def attribute(piece: Piece) -> str:  # noqa: PLR0911 - one line a case
    """The quantity a piece speaks of, or empty."""
    if piece.rel[:-1]:
        return piece.rel[:-1]
    if piece.verb in {"dim", "brighten"}:
        return "brightness"
    if piece.attr:
        return piece.attr
    if piece.color:
        return "color"
    if piece.unit in {"C", "F", "degrees"}:
        return "temperature"
    if piece.unit == "K" or (piece.kelvin and not piece.mode):
        return "color_temperature"
    return ""


def hints(piece: Piece, *, celsius: bool) -> tuple[str, ...]:
    """Domains that a piece suggests when it names no kind of thing."""
    if attr := attribute(piece):
        return _HINTS.get(attr, ())
    if piece.action in _VERB_HINTS:
        return _VERB_HINTS[piece.action]
    if piece.mode:
        return ("climate", "light") if piece.kelvin else ("climate",)
    if piece.unit == "percent" or piece.level:
        return ("light", "cover", "media")
    if piece.number is not None:
        warm = 10 <= piece.number <= 30 or (not celsius and 50 <= piece.number <= 90)  # noqa: PLR2004 - room degrees
        return ("climate", "light") if warm else ("light",)
    return ()


def meaning(piece: Piece, domain: str) -> Meaning | Ask:  # noqa: PLR0911 - one line a case
    """The action for things of `domain`. Every slot must be used; what does not fit is asked back."""
    action, sign = piece.action, _sign(piece)
    if action in _PLAIN:
        return _confused(piece) if _valued(piece) or piece.attr else Meaning(action)
    if action == "turn_off":
        if _valued(piece) or piece.attr not in {"", "heat_mode"}:
            return _confused(piece)
        return Meaning("set_mode", "off") if piece.attr and domain == "pool" else Meaning("turn_off")
    if action in {"open", "close"} or (sign and domain in {"cover", "garage_door"} and not piece.attr):
        return _cover(piece, opening=action == "open" or sign > 0)
    if action == "play":
        return _confused(piece) if _valued(piece) or piece.attr else Meaning("play")
    if action == "turn_on" and not _valued(piece) and not piece.attr:
        return Meaning("turn_on", _wish(piece, domain))
    if piece.attr == "heat_mode":
        return Meaning("set_mode", piece.mode or "heater") if domain == "pool" else Meaning("turn_on", "heat")
    if piece.mode and domain in {"climate", "pool"}:
        return Meaning("set_mode", piece.mode) if piece.number is None else _confused(piece)
    if piece.color or piece.kelvin or piece.unit == "K":
        return _colour(piece)
    return _quantity(piece, domain, sign)


def _valued(piece: Piece) -> bool:
    return piece.value or bool(piece.rel)


def _wish(piece: Piece, domain: str) -> Json:
    """As in "turn on the heat" says which mode; "turn on the thermostat" does not."""
    if domain != "climate":
        return None
    said = set(piece.group.texts)
    if said & {"ac", "a", "air", "aircon", "cooling"}:
        return "cool"
    return "heat" if said & {"heat", "heating", "heater", "radiator", "furnace"} else None


def _sign(piece: Piece) -> int:
    words = {piece.verb, piece.particle}
    verb = 1 if words & {"up", "brighten"} else -1 if words & {"down", "dim"} else 0
    if not piece.rel or (verb and len(piece.rel) == 1):  # "lower it a little more" is lower
        return verb
    return 1 if piece.rel.endswith("+") else -1


def _confused(piece: Piece) -> Ask:
    return Ask("ambiguous_value", f"That says two things about the {piece.group.text or 'same thing'}. Which one?")


def _cover(piece: Piece, *, opening: bool) -> Meaning | Ask:
    if piece.color or piece.kelvin or piece.mode or piece.unit not in {"", "percent"}:
        return _confused(piece)
    number = float(piece.level) if piece.level else piece.number
    if number is None or (piece.level == "100" and opening):
        return Meaning("open" if opening else "close")
    if piece.by:
        return Meaning("increase_position" if opening else "decrease_position", amount=number)
    if opening or piece.to or number == HALF:
        return Meaning("set_position", number, "percent")
    return Ask("ambiguous_value", f"How far open should the {piece.group.text} be: {number:g}% or {100 - number:g}%?")


def _colour(piece: Piece) -> Meaning | Ask:
    if piece.level or piece.rel or (piece.number is not None and piece.unit != "K") or (piece.color and piece.kelvin):
        return _confused(piece)
    if piece.color:
        return Meaning("set_color", piece.color)
    kelvin = piece.number if piece.unit == "K" else float(piece.kelvin)
    return Meaning("set_color_temp", kelvin, "K")


def _quantity(piece: Piece, domain: str, sign: int) -> Meaning | Ask:  # noqa: PLR0911 - one line a case
    attr = attribute(piece) or _OWN.get(domain, "")
    if attr == "target_temperature":
        attr = "temperature"
    if not attr or _OWN.get(domain) != attr or piece.mode:
        return Ask("vague", "I am not sure what to change there. Say it once more, with the value?")
    number = float(piece.level) if piece.level else piece.number
    temperature = attr == "temperature"
    unit = _unit(piece, temperature)
    if unit is None:
        return Ask("ambiguous_value", f"{number:g} of what?")
    if number is None:
        if not sign:
            return Ask("missing_value", f"What should the {attr} be?")
        return Meaning(f"{_step(sign)}_{attr}")
    relative = sign and not piece.to and (piece.by or (number <= SMALL_STEP if temperature else True))
    if relative or piece.by:
        if not sign:
            return Ask("missing_value", "Up or down?")
        return Meaning(f"{_step(sign)}_{attr}", unit=unit, amount=number)
    if temperature and not unit:
        unit = "C" if number <= WARMEST_C else "F"
    return Meaning(f"set_{attr}", number, unit)


def _step(sign: int) -> str:
    return "increase" if sign > 0 else "decrease"


def _unit(piece: Piece, temperature: bool) -> str | None:  # noqa: FBT001 - internal
    """The unit of the number; None when it does not belong to the quantity."""
    if temperature:
        return (
            None if piece.unit in {"percent", "K"} or piece.level else "" if piece.unit == "degrees" else piece.unit
        )
    return None if piece.unit in {"C", "F", "K", "degrees"} else "percent"
