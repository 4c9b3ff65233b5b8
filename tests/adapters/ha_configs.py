"""Discovery messages as Home Assistant's documentation shows them to be, written for these tests."""

from __future__ import annotations

from typing import Any

ROOM = {"identifiers": ["room-1"], "name": "Room", "manufacturer": "ACME", "model": "RC-1"}

CONFIGS: dict[str, dict[str, Any]] = {
    "homeassistant/light/lamp/config": {
        "~": "room/lamp", "name": "Lamp", "uniq_id": "lamp", "stat_t": "~/state", "cmd_t": "~/set", "schema": "json",
        "sup_clrm": ["hs", "color_temp"], "bri_scl": 100, "avty_t": "~/here", "dev": ROOM,
        "min_mirs": 153, "max_mirs": 500,
    },
    "homeassistant/light/plain/config": {
        "name": "Bulb", "unique_id": "plain", "device": {"ids": "room-1"}, "state_topic": "room/bulb",
        "command_topic": "room/bulb/set", "brightness_state_topic": "room/bulb/level",
        "brightness_command_topic": "room/bulb/level/set",
        "qos": 1, "retain": True,
    },
    "homeassistant/light/kelvin/config": {
        "name": "Kelvin", "uniq_id": "kelvin", "stat_t": "room/k", "cmd_t": "room/k/set", "clr_temp_k": True,
        "clr_temp_stat_t": "room/k/t", "clr_temp_cmd_t": "room/k/t/set", "min_k": 2200, "max_k": 6500, "dev": ROOM,
    },
    "homeassistant/light/words/config": {
        "name": "Words", "uniq_id": "words", "schema": "template", "stat_t": "room/words", "cmd_t": "room/words/set",
        "cmd_on_tpl": "1", "cmd_off_tpl": "0", "stat_tpl": "{{ value_json.lit }}", "dev": ROOM,
    },
    "homeassistant/cover/slats/config": {
        "name": "Slats", "uniq_id": "slats", "pos_t": "room/s", "set_pos_t": "room/s/set", "dev": ROOM,
        "tilt_status_t": "room/s/tilt", "tilt_cmd_t": "room/s/tilt/set", "tilt_min": -45, "tilt_max": 45,
    },
    "homeassistant/switch/room/socket/config": {
        "name": "Socket", "uniq_id": "socket", "stat_t": "room/socket", "cmd_t": "room/socket/cmd", "val_tpl":
        "{{ value_json.POWER }}", "pl_on": "1", "pl_off": "0", "stat_on": "ON", "stat_off": "OFF", "dev": ROOM,
    },
    "homeassistant/cover/blind/config": {
        "name": "Blind", "uniq_id": "blind", "pos_t": "room/blind/pos", "set_pos_t": "room/blind/pos/set",
        "pos_open": 0, "pos_clsd": 255, "cmd_t": "room/blind/set", "stat_t": "room/blind/state", "dev": ROOM,
    },
    "homeassistant/cover/awning/config": {
        "name": "Awning", "uniq_id": "awning", "cmd_t": "room/awning/set", "stat_t": "room/awning/state", "dev": ROOM,
    },
    "homeassistant/cover/gate/config": {
        "name": "Gate", "uniq_id": "gate", "cmd_t": "gate/set", "stat_t": "gate/state", "dev_cla": "gate",
    },
    "homeassistant/fan/fan/config": {
        "name": "Fan", "uniq_id": "fan", "stat_t": "room/fan", "cmd_t": "room/fan/set",
        "pct_stat_t": "room/fan/speed", "pct_cmd_t": "room/fan/speed/set", "spd_rng_max": 4,
        "dir_stat_t": "room/fan/dir", "dir_cmd_t": "room/fan/dir/set", "osc_stat_t": "room/fan/osc",
        "osc_cmd_t": "room/fan/osc/set", "dev": ROOM,
    },
    "homeassistant/climate/ac/config": {
        "name": "AC", "uniq_id": "ac", "temp_stat_t": "room/ac", "temp_stat_tpl": "{{ value_json['set'] | float }}",
        "temp_cmd_t": "room/ac/set", "temp_cmd_tpl": '{"set": {{ value | float }} }', "curr_temp_t": "room/ac",
        "curr_temp_tpl": "{{ value_json.now }}",
        "act_t": "room/ac/action", "mode_stat_t": "room/ac/mode", "mode_cmd_t": "room/ac/mode/set",
        "modes": ["off", "heat", "heat_cool", "dry"], "temp_unit": "F", "min_temp": 60, "max_temp": 80, "dev": ROOM,
    },
    "homeassistant/lock/door/config": {"name": None, "uniq_id": "door", "stat_t": "door", "cmd_t": "door/set",
                                       "dev": {"cns": [["mac", "00:11:22:33:44:55"]], "name": "Front Door"}},
    "homeassistant/number/target/config": {"name": "Target", "uniq_id": "n", "stat_t": "room/n",
                                           "cmd_t": "room/n/set",
                                           "unit_of_meas": "°C", "dev_cla": "temperature", "dev": ROOM},
    "homeassistant/sensor/t/config": {"name": "Temperature", "uniq_id": "t", "stat_t": "room/t", "unit_of_meas": "°F",
                                      "val_tpl": "{{ value_json.t | float / 10 }}", "dev_cla": "temperature",
                                      "dev": ROOM},
    "homeassistant/sensor/w/config": {"name": "Water", "uniq_id": "w", "stat_t": "room/w", "unit_of_meas": "L",
                                      "dev": ROOM},
    "homeassistant/sensor/text/config": {"name": "Text", "uniq_id": "x", "stat_t": "room/x", "dev": ROOM},
    "homeassistant/binary_sensor/win/config": {"name": "Window", "uniq_id": "win", "stat_t": "room/win",
                                               "dev_cla": "window", "dev": ROOM},
    "homeassistant/binary_sensor/pir/config": {"name": "Motion", "uniq_id": "pir", "stat_t": "room/pir",
                                               "dev_cla": "occupancy", "val_tpl": "{{value_json.occupancy}}",
                                               "pl_on": "true", "pl_off": "false", "dev": ROOM},
    "homeassistant/device/multi/config": {
        "dev": {"ids": ["multi"], "name": "Multi"}, "o": {"name": "x"}, "avty": [{"t": "multi/here"}],
        "cmps": {"a": {"p": "switch", "uniq_id": "ma", "name": "A", "stat_t": "multi/a", "cmd_t": "multi/a/set"},
                 "b": {"p": "sensor", "uniq_id": "mb", "name": "B", "stat_t": "multi/b", "unit_of_meas": "W",
                       "dev_cla": "power"}},
    },
}  # fmt: skip
