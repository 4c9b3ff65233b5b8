"""A UPnP renderer on async_upnp_client's own server side: the protocol stack is not ours.

That library reads annotations at run time, so they are not postponed here.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, ClassVar, cast
from xml.etree import ElementTree as ET

from async_upnp_client.client import UpnpRequester
from async_upnp_client.const import DeviceInfo, ServiceInfo
from async_upnp_client.exceptions import UpnpActionError
from async_upnp_client.server import (
    UpnpServer,
    UpnpServerDevice,
    UpnpServerService,
    callable_action,
    create_event_var,
    create_state_var,
)

from claw.model.form import Endpoint

SERVICE = "urn:schemas-upnp-org:service:RenderingControl:1"
EVENTS = "/upnp/event/rc"
CONTROL = "/upnp/control/rc"


class RenderingControl(UpnpServerService):
    SERVICE_DEFINITION = ServiceInfo(
        service_id="urn:upnp-org:serviceId:RenderingControl",
        service_type=SERVICE,
        control_url=CONTROL,
        event_sub_url=EVENTS,
        scpd_url="/rc.xml",
        xml=ET.Element("service"),
    )
    STATE_VARIABLE_DEFINITIONS: ClassVar[dict[str, Any]] = {
        "A_ARG_TYPE_InstanceID": create_state_var("ui4"),
        "A_ARG_TYPE_Channel": create_state_var("string"),
        "Volume": create_event_var("ui2", allowed_range={"min": "0", "max": "100"}),
        "Preset": create_event_var("string"),
    }

    @callable_action(
        "GetVolume",
        {"InstanceID": "A_ARG_TYPE_InstanceID", "Channel": "A_ARG_TYPE_Channel"},
        {"CurrentVolume": "Volume"},
    )
    async def get_volume(self, InstanceID: int, Channel: str) -> dict[str, Any]:  # noqa: N803 - UPnP's names
        return {"CurrentVolume": self.state_variable("Volume")}

    @callable_action(
        "SetVolume",
        {"InstanceID": "A_ARG_TYPE_InstanceID", "Channel": "A_ARG_TYPE_Channel", "DesiredVolume": "Volume"},
        {},
    )
    async def set_volume(self, InstanceID: int, Channel: str, DesiredVolume: int) -> dict[str, Any]:  # noqa: N803
        self.state_variable("Volume").value = DesiredVolume
        return {}

    @callable_action("SelectPreset", {"Name": "Preset"}, {"Chosen": "Preset"})
    async def select_preset(self, Name: str) -> dict[str, Any]:  # noqa: N803
        if Name == "none":
            raise UpnpActionError(error_code=701, error_desc="no such preset")
        self.state_variable("Preset").value = Name
        return {"Chosen": Name}


class Renderer(UpnpServerDevice):
    DEVICE_DEFINITION = DeviceInfo(
        device_type="urn:schemas-upnp-org:device:MediaRenderer:1",
        friendly_name="Test",
        manufacturer="Claw",
        manufacturer_url=None,
        model_description=None,
        model_name="Renderer",
        model_number="1",
        model_url=None,
        serial_number="1",
        udn="uuid:4d696e69-444c-164e-9d41-000000000001",
        upc=None,
        presentation_url=None,
        url="/device.xml",
        icons=[],
        xml=ET.Element("device"),
    )
    EMBEDDED_DEVICES: ClassVar[list[Any]] = []
    SERVICES: ClassVar[list[Any]] = [RenderingControl]

    def __init__(self, requester: UpnpRequester, base_uri: str, boot_id: int, config_id: int) -> None:
        super().__init__(requester, base_uri, boot_id, config_id)


@asynccontextmanager
async def renderer(port: int) -> AsyncGenerator[tuple[Endpoint, RenderingControl]]:
    """The renderer on loopback, without its announcements."""
    server = UpnpServer(Renderer, ("127.0.0.1", 0), http_port=port)
    server._create_device()
    service = cast("RenderingControl", cast("UpnpServerDevice", server._device).service(SERVICE))
    # a default in the definition would send events before there is a list of subscribers
    service.state_variable("Volume").value = 20
    service.state_variable("Preset").value = "A & B <c>"
    await server._async_start_http_server()
    assert server._site is not None
    try:
        yield Endpoint("127.0.0.1", port, device_id="r1"), service
    finally:
        await server._site._runner.cleanup()
