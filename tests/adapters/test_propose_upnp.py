"""The UPnP compiler."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claw.adapters import codec, document, forms, verify
from claw.adapters.propose_upnp import propose
from claw.adapters.upnp_description import parse_description, parse_scpd
from claw.errors import DeviceGarbage
from tests.adapters import upnp_texts as texts
from tests.adapters.mangle import anything, mangled

RENDERER = texts.evidence(RenderingControl=texts.rendering_control(), AVTransport=texts.av_transport())


def test_a_renderer_is_a_speaker() -> None:
    (made,) = propose(RENDERER)
    adapter = document.parse(made)
    assert adapter.title == "Living Room"
    assert adapter.match[0].fields == {"usn": "uuid:2f402f80-da50-11e1-9b23-001788255acc*"}
    unit = adapter.units["speaker"]
    assert unit.capabilities == ("speaker",)
    assert set(unit.properties) == {"playback", "volume", "mute"}
    assert set(unit.actions) == {"play", "pause", "stop", "next", "previous"}
    form, _ = forms.fill(unit.actions["play"].form, {})
    assert form.href == "AVTransport/Play"
    assert form.terms == {
        "upnp:control": "/desc/ctl/AVTransport",
        "upnp:service": "urn:schemas-upnp-org:service:AVTransport:1",
        "upnp:action": "Play",
        "upnp:arguments": {"InstanceID": 0, "Speed": "1"},
    }


def test_volume_is_scaled_to_the_range_of_the_device() -> None:
    (made,) = propose(
        texts.evidence(RenderingControl=texts.rendering_control(top=30), AVTransport=texts.av_transport())
    )
    volume = document.parse(made).units["speaker"].properties["volume"]
    assert volume.read is not None
    assert volume.write is not None
    assert volume.observe is not None
    answer = {"CurrentVolume": "12"}
    assert codec.decode(volume.codec, forms.select(volume.read.select, answer)) == 40
    event = {"Volume": {"Master": "30", "LF": "1"}}
    assert codec.decode(volume.codec, forms.select(volume.observe.select, event)) == 100
    form, _ = forms.fill(volume.write, {}, codec.encode(volume.codec, 50))
    assert form.terms["upnp:arguments"] == {"InstanceID": 0, "Channel": "Master", "DesiredVolume": 15}


@pytest.mark.parametrize("top", [10, 30, 100, 255])
def test_documents_climb_the_ladder_as_far_as_they_can_without_the_device(top: int) -> None:
    for found in (
        texts.evidence(RenderingControl=texts.rendering_control(top), AVTransport=texts.av_transport()),
        texts.evidence(SwitchPower=texts.SWITCH_POWER, Dimming=texts.DIMMING),
    ):
        (made,) = propose(found)
        receipts = verify.static(document.parse(made))
        assert [(receipt.level, receipt.detail) for receipt in receipts if not receipt.passed] == []


@pytest.mark.parametrize(
    ("state", "playback"),
    [("PLAYING", "playing"), ("PAUSED_PLAYBACK", "paused"), ("NO_MEDIA_PRESENT", "stopped"), ("VENDOR_X", "stopped")],
)
def test_playback_is_the_transport_state(state: str, playback: str) -> None:
    bound = document.parse(propose(RENDERER)[0]).units["speaker"].properties["playback"]
    assert bound.read is not None
    assert codec.decode(bound.codec, forms.select(bound.read.select, {"CurrentTransportState": state})) == playback


def test_a_renderer_that_cannot_pause_is_no_speaker_of_ours() -> None:
    assert (
        propose(
            texts.evidence(RenderingControl=texts.rendering_control(), AVTransport=texts.av_transport(pause=False))
        )
        == []
    )


def test_a_switch_and_a_dimmable_light() -> None:
    (made,) = propose(texts.evidence(SwitchPower=texts.SWITCH_POWER))
    assert set(document.parse(made).units) == {"switch"}
    (made,) = propose(texts.evidence(SwitchPower=texts.SWITCH_POWER, Dimming=texts.DIMMING))
    unit = document.parse(made).units["light"]
    power, level = unit.properties["on_off"], unit.properties["brightness"]
    assert power.write is not None
    assert level.write is not None
    assert codec.decode(power.codec, "1") is True
    form, _ = forms.fill(power.write, {}, codec.encode(power.codec, False))  # noqa: FBT003
    assert form.terms["upnp:arguments"] == {"newTargetValue": 0}
    form, _ = forms.fill(level.write, {}, codec.encode(level.codec, 33.4))
    assert form.terms["upnp:arguments"] == {"newLoadlevelTarget": 33}


def test_what_has_no_known_meaning_is_listed_and_never_guessed() -> None:
    found = texts.evidence(SwitchPower=texts.SWITCH_POWER, ConnectionManager=texts.SWITCH_POWER)
    found["services"]["urn:acme:service:Reboot:1"] = {"control": "/x", "scpd": {}}
    (made,) = propose(found)
    assert "ConnectionManager" in made["description"]
    assert "urn:acme:service:Reboot:1" in made["description"]
    assert "Reboot" not in str(made["claw:units"])


@pytest.mark.parametrize("control", ["http://192.0.2.9/x", "//192.0.2.9/x", "/../x", "/{value}", "x", "", 7])
def test_a_control_path_that_leads_elsewhere_disables_its_service(control: Any) -> None:
    found = texts.evidence(SwitchPower=texts.SWITCH_POWER)
    found["services"]["urn:schemas-upnp-org:service:SwitchPower:1"]["control"] = control
    assert propose(found) == []


def test_urls_become_paths_on_the_same_machine() -> None:
    xml = texts.description("SwitchPower", "Dimming").replace(">ctl/Dimming<", ">http://192.0.2.9/ctl<")
    first, second = parse_description(xml, texts.LOCATION)["services"]
    assert (first["control"], first["event"], first["scpd"]) == (
        "/desc/ctl/SwitchPower",
        "/evt/SwitchPower",
        "/SwitchPower.xml",
    )
    assert second["control"] == ""
    same = xml.replace("http://192.0.2.9/ctl", "http://192.0.2.7:49152/ctl?a=1")
    assert parse_description(same, texts.LOCATION)["services"][1]["control"] == "/ctl?a=1"


def test_descriptions_are_read_leniently_and_entities_refused() -> None:
    xml = texts.description("SwitchPower")
    for odd in (f"\ufeff{xml}", f"\n\n{xml}\x00\x00", xml.replace("<?xml", '<?xml  encoding="latin-9x"', 1)):
        assert parse_description(odd)["friendly_name"] == "Living Room"
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><root><device>&b;</device></root>'
    for parse in (parse_description, parse_scpd):
        with pytest.raises(DeviceGarbage, match="entities"):
            parse(bomb)
        with pytest.raises(DeviceGarbage, match="not XML"):
            parse(b"<html><p>hello")
        with pytest.raises(DeviceGarbage, match="larger"):
            parse(b" " * (1 << 21))


def test_an_scpd_keeps_arguments_ranges_and_words() -> None:
    parsed = parse_scpd(texts.rendering_control(top=30))
    assert parsed["actions"]["SetVolume"]["in"] == {
        "InstanceID": "A_ARG_TYPE_InstanceID",
        "Channel": "A_ARG_TYPE_Channel",
        "DesiredVolume": "Volume",
    }
    assert parsed["variables"]["Volume"] == {"type": "ui2", "events": True, "minimum": 0, "maximum": 30, "step": 1}
    assert parsed["variables"]["Mute"] == {"type": "boolean", "events": False}


@given(mangled(texts.evidence(RenderingControl=texts.rendering_control(), AVTransport=texts.av_transport(),
                              SwitchPower=texts.SWITCH_POWER, Dimming=texts.DIMMING)))  # fmt: skip
def test_no_mangled_evidence_breaks_the_compiler(found: Any) -> None:
    for each in propose(found):
        document.parse(each)


@given(anything)
def test_no_json_breaks_the_compiler(found: Any) -> None:
    for each in propose(found):
        document.parse(each)


@given(st.integers(0, 2000), st.binary(max_size=20), st.integers(0, 40))
def test_no_mangled_xml_breaks_the_parsers(at: int, junk: bytes, cut: int) -> None:
    for parse, xml in ((parse_description, texts.description("SwitchPower")), (parse_scpd, texts.DIMMING)):
        raw = xml.encode()
        try:
            parse(raw[:at] + junk + raw[at + cut :])
        except DeviceGarbage:
            continue
