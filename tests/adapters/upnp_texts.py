"""Descriptions and SCPDs in the shape of the UPnP Forum's service templates, written for these tests."""

from __future__ import annotations

from typing import Any

from claw.adapters.upnp_description import parse_description, parse_scpd

LOCATION = "http://192.0.2.7:49152/desc/root.xml"


def description(*services: str, udn: str = "uuid:2f402f80-da50-11e1-9b23-001788255acc") -> str:
    rows = "".join(
        f"<service><serviceType>urn:schemas-upnp-org:service:{service}:1</serviceType>"
        f"<serviceId>urn:upnp-org:serviceId:{service}</serviceId><SCPDURL>/{service}.xml</SCPDURL>"
        f"<controlURL>ctl/{service}</controlURL><eventSubURL>/evt/{service}</eventSubURL></service>"
        for service in services
    )
    return (
        '<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0">'
        "<specVersion><major>1</major><minor>0</minor></specVersion><device><deviceType>urn:schemas-upnp-org:device:MediaRenderer:1</deviceType>"
        f"<friendlyName>Living Room</friendlyName><manufacturer>ACME</manufacturer>"
        f"<modelName>R1</modelName><UDN>{udn}</UDN>"
        f"<serviceList>{rows}</serviceList></device></root>"
    )


def scpd(actions: dict[str, tuple[dict[str, str], dict[str, str]]], variables: dict[str, str]) -> str:
    def arguments(found: dict[str, str], direction: str) -> str:
        return "".join(
            f"<argument><name>{name}</name><direction>{direction}</direction>"
            f"<relatedStateVariable>{variable}</relatedStateVariable></argument>"
            for name, variable in found.items()
        )

    listed = "".join(
        f"<action><name>{name}</name><argumentList>{arguments(into, 'in')}{arguments(out, 'out')}</argumentList>"
        "</action>"
        for name, (into, out) in actions.items()
    )
    table = "".join(
        f'<stateVariable sendEvents="no"><name>{name}</name><dataType>{kind}</dataType></stateVariable>'
        if not kind.startswith("0..")
        else f"<stateVariable><name>{name}</name><dataType>ui2</dataType><allowedValueRange><minimum>0</minimum>"
        f"<maximum>{kind[3:]}</maximum><step>1</step></allowedValueRange></stateVariable>"
        for name, kind in variables.items()
    )
    return (
        '<scpd xmlns="urn:schemas-upnp-org:service-1-0"><specVersion><major>1</major><minor>0</minor></specVersion>'
        f"<actionList>{listed}</actionList><serviceStateTable>{table}</serviceStateTable></scpd>"
    )


INSTANCE = {"InstanceID": "A_ARG_TYPE_InstanceID"}
CHANNEL = {**INSTANCE, "Channel": "A_ARG_TYPE_Channel"}


def rendering_control(top: int = 100) -> str:
    return scpd(
        {
            "GetVolume": (CHANNEL, {"CurrentVolume": "Volume"}),
            "SetVolume": ({**CHANNEL, "DesiredVolume": "Volume"}, {}),
            "GetMute": (CHANNEL, {"CurrentMute": "Mute"}),
            "SetMute": ({**CHANNEL, "DesiredMute": "Mute"}, {}),
        },
        {"Volume": f"0..{top}", "Mute": "boolean", "A_ARG_TYPE_InstanceID": "ui4", "A_ARG_TYPE_Channel": "string"},
    )


def av_transport(*, pause: bool = True) -> str:
    states = {"CurrentTransportState": "TransportState", "CurrentSpeed": "TransportPlaySpeed"}
    actions: dict[str, tuple[dict[str, str], dict[str, str]]] = {
        "GetTransportInfo": (INSTANCE, states),
        "Play": ({**INSTANCE, "Speed": "TransportPlaySpeed"}, {}),
        "Stop": (INSTANCE, {}),
        "Next": (INSTANCE, {}),
        "Previous": (INSTANCE, {}),
        "SetAVTransportURI": ({**INSTANCE, "CurrentURI": "AVTransportURI", "CurrentURIMetaData": "X"}, {}),
    }
    if pause:
        actions["Pause"] = (INSTANCE, {})
    return scpd(actions, {"TransportState": "string", "TransportPlaySpeed": "string"})


SWITCH_POWER = scpd(
    {
        "SetTarget": ({"newTargetValue": "Target"}, {}),
        "GetTarget": ({}, {"RetTargetValue": "Target"}),
        "GetStatus": ({}, {"ResultStatus": "Status"}),
    },
    {"Target": "boolean", "Status": "boolean"},
)
DIMMING = scpd(
    {
        "SetLoadLevelTarget": ({"newLoadlevelTarget": "LoadLevelTarget"}, {}),
        "GetLoadLevelStatus": ({}, {"retLoadlevelStatus": "LoadLevelStatus"}),
    },
    {"LoadLevelTarget": "0..100", "LoadLevelStatus": "0..100"},
)


def evidence(**services: str) -> dict[str, Any]:
    """What adoption gathers: the description, and for each service its paths and parsed SCPD."""
    about = parse_description(description(*services), LOCATION)
    scpds = dict(zip((row["type"] for row in about["services"]), services.values(), strict=True))
    return {
        "description": about,
        "services": {row["type"]: {**row, "scpd": parse_scpd(scpds[row["type"]])} for row in about["services"]},
    }
