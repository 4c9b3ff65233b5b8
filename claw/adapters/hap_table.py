"""HAP service and characteristic types (HAP specification, chapters 8 and 9) and the capabilities they make.

A row reads `first` (several codes: one value each, named by `fields`) and writes `to` when it has one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from claw.adapters import hap_recipes as as_
from claw.adapters.hap_recipes import Recipe


@dataclass(frozen=True, slots=True)
class Row:
    """One property: where it is read, where it is written, and how."""

    property: str
    first: tuple[str, ...]
    recipe: Recipe
    to: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    default: Any = None  # human value of a wire value that an enum does not list


@dataclass(frozen=True, slots=True)
class Press:
    """One action: a characteristic and the value to write."""

    action: str
    code: str
    value: Any


@dataclass(frozen=True, slots=True)
class Kind:
    """What a service is to us."""

    name: str
    capability: str
    rows: tuple[Row, ...]
    presses: tuple[Press, ...] = ()


def _both(name: str, code: str, recipe: Recipe) -> Row:
    return Row(name, (code,), recipe, (code,))


_ON: Final = _both("on_off", "25", as_.on_off)
_ACTIVE: Final = _both("on_off", "B0", as_.on_off)
_SPEED: Final = _both("speed", "29", as_.percent)
_TURN: Final = _both("direction", "28", as_.enum({0: "forward", 1: "reverse"}))
_SWING: Final = _both("oscillate", "B6", as_.on_off)
_TEMPERATURE: Final = Row("temperature", ("11",), as_.measured)
_HUMIDITY: Final = Row("humidity", ("10",), as_.measured)
_COVER: Final = (
    Row("position", ("6D",), as_.percent, ("7C",)),
    Row("tilt", ("6C",), as_.angle, ("7B",)),
    Row("tilt", ("6E",), as_.angle, ("7D",)),
    Row("motion_state", ("72",), as_.enum({0: "closing", 1: "opening", 2: "stopped"})),
)
_COVER_PRESSES: Final = (Press("open", "7C", 100), Press("close", "7C", 0), Press("stop", "6F", value=True))

KINDS: Final[Mapping[str, Kind]] = {
    "43": Kind(
        "Lightbulb",
        "light",
        (
            _ON,
            _both("brightness", "8", as_.percent),
            _both("color_temperature", "CE", as_.kelvin),
            Row("color", ("13", "2F"), as_.color, ("13", "2F"), ("hue", "saturation")),
        ),
    ),
    "47": Kind("Outlet", "switch", (_ON,)),
    "49": Kind("Switch", "switch", (_ON,)),
    "40": Kind("Fan", "fan", (_ON, _SPEED, _TURN)),
    "B7": Kind("Fanv2", "fan", (_ACTIVE, _SPEED, _TURN, _SWING)),
    "BB": Kind("AirPurifier", "fan", (_ACTIVE, _SPEED, _SWING)),
    "4A": Kind(
        "Thermostat",
        "thermostat",
        (
            _TEMPERATURE,
            _both("target_temperature", "35", as_.set_point),
            _both("mode", "33", as_.enum({0: "off", 1: "heat", 2: "cool", 3: "auto"})),
            Row("activity", ("F",), as_.enum({0: "idle", 1: "heating", 2: "cooling"})),
            _HUMIDITY,
        ),
    ),
    "BC": Kind(
        "HeaterCooler",
        "thermostat",
        (
            _TEMPERATURE,
            Row("target_temperature", ("12", "D"), as_.set_point_pair, ("12", "D"), ("12", "D")),
            _both("target_temperature", "12", as_.set_point),
            _both("target_temperature", "D", as_.set_point),
            Row("mode", ("B0", "B2"), as_.heater_cooler, ("B0", "B2"), ("active", "target")),
            Row("activity", ("B1",), as_.enum({0: "idle", 1: "idle", 2: "heating", 3: "cooling"})),
        ),
    ),
    "8C": Kind("WindowCovering", "cover", _COVER, _COVER_PRESSES),
    "8B": Kind("Window", "cover", _COVER, _COVER_PRESSES),
    # a driven door is a way into the house: it gets the care of a garage door, and no half-open
    "81": Kind(
        "Door", "garage_door", (Row("open", ("6D",), as_.enum({0: False, 100: True}), ("7C",), default=True),)
    ),
    "45": Kind(
        "LockMechanism",
        "lock",
        (
            # jammed and unknown are not locked
            Row("locked", ("1D",), as_.enum({0: False, 1: True, 2: False, 3: False}), ("1E",)),
            Row("jammed", ("1D",), as_.enum({0: False, 1: False, 2: True, 3: False})),
        ),
    ),
    "41": Kind(
        "GarageDoorOpener",
        "garage_door",
        (
            Row("open", ("E",), as_.enum({0: True, 1: False, 2: True, 3: True, 4: True}), ("32",)),
            Row(
                "door_state",
                ("E",),
                as_.enum({0: "open", 1: "closed", 2: "opening", 3: "closing", 4: "stopped"}),
            ),
            Row("obstructed", ("24",), as_.on_off),
        ),
    ),
    "8A": Kind("TemperatureSensor", "sensor", (_TEMPERATURE,)),
    "82": Kind("HumiditySensor", "sensor", (_HUMIDITY,)),
    "84": Kind("LightSensor", "sensor", (Row("illuminance", ("6B",), as_.measured),)),
    "97": Kind("CarbonDioxideSensor", "sensor", (Row("carbon_dioxide", ("93",), as_.measured),)),
    "80": Kind("ContactSensor", "contact", (Row("contact_open", ("6A",), as_.on_off),)),
    "85": Kind("MotionSensor", "motion", (Row("motion", ("22",), as_.on_off),)),
    "86": Kind("OccupancySensor", "motion", (Row("motion", ("71",), as_.on_off),)),
    "228": Kind(
        "SmartSpeaker",
        "speaker",
        (
            Row("playback", ("E0",), as_.enum({0: "playing", 1: "paused", 2: "stopped", 3: "stopped"})),
            _both("volume", "119", as_.percent),
            _both("mute", "11A", as_.on_off),
        ),
        (Press("play", "137", 0), Press("pause", "137", 1), Press("stop", "137", 2)),
    ),
    "113": Kind("Speaker", "switch", (_ACTIVE,)),
    "D8": Kind("Television", "switch", (_ACTIVE,)),
    "D0": Kind("Valve", "circuit", (_ACTIVE,)),
    "D7": Kind("Faucet", "circuit", (_ACTIVE,)),
    "CF": Kind("IrrigationSystem", "circuit", (_ACTIVE,)),
    "110": Kind("CameraRTPStreamManagement", "camera", ()),
}

BATTERY: Final = "96"
BATTERY_LEVEL: Final = Row("battery", ("68",), as_.measured)

TELEVISION: Final = "D8"
TELEVISION_SPEAKER: Final = "113"

# services that carry no function of the house
SILENT: Final = frozenset(
    {"3E", "D9", "DA", "A2", "55", "56", "58", "129", "125", "122", "44", "CC", "239", "237", "211", "12E"}
)

NAMES: Final[Mapping[str, str]] = {
    "8": "Brightness", "D": "CoolingThresholdTemperature", "E": "CurrentDoorState", "F": "CurrentHeatingCoolingState",
    "10": "CurrentRelativeHumidity", "11": "CurrentTemperature", "12": "HeatingThresholdTemperature", "13": "Hue",
    "1D": "LockCurrentState", "1E": "LockTargetState", "22": "MotionDetected", "24": "ObstructionDetected",
    "25": "On", "28": "RotationDirection", "29": "RotationSpeed", "2F": "Saturation", "32": "TargetDoorState",
    "33": "TargetHeatingCoolingState", "35": "TargetTemperature", "68": "BatteryLevel", "6A": "ContactSensorState",
    "6B": "CurrentAmbientLightLevel", "6C": "CurrentHorizontalTiltAngle", "6D": "CurrentPosition",
    "6E": "CurrentVerticalTiltAngle", "6F": "HoldPosition", "71": "OccupancyDetected", "72": "PositionState",
    "7B": "TargetHorizontalTiltAngle", "7C": "TargetPosition", "7D": "TargetVerticalTiltAngle",
    "93": "CarbonDioxideLevel", "B0": "Active", "B1": "CurrentHeaterCoolerState", "B2": "TargetHeaterCoolerState",
    "B6": "SwingMode", "CE": "ColorTemperature", "E0": "CurrentMediaState", "119": "Volume", "11A": "Mute",
    "137": "TargetMediaState",
}  # fmt: skip
