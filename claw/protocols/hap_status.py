"""HAP status codes (HomeKit Accessory Protocol specification, table 6-11) as errors a person can act on."""

from __future__ import annotations

from typing import Final

from claw.errors import DeviceError, DeviceOffline, DeviceRefused, DeviceTimeout, NotSupported

_ERRORS: Final[dict[int, tuple[type[DeviceError], str]]] = {
    70401: (DeviceRefused, "The accessory does not allow this pairing to do that. Pair again as the home's owner."),
    70402: (DeviceOffline, "The bridge cannot reach this accessory. Check its power, battery and range."),
    70403: (DeviceRefused, "The accessory is busy. Try again in a moment."),
    70404: (NotSupported, "This value can only be read."),
    70405: (NotSupported, "This value can only be written."),
    70406: (NotSupported, "The accessory does not report changes of this value; it has to be polled."),
    70407: (DeviceRefused, "The accessory has no room for this request. Try again, or restart it."),
    70408: (DeviceTimeout, "The accessory took too long. Try again."),
    70409: (DeviceRefused, "The accessory no longer has this value. Adopt it again to learn its new layout."),
    70410: (DeviceRefused, "The accessory refuses this value."),
    70411: (DeviceRefused, "The accessory wants more authorization for this. Do it once in the maker's app."),
    70412: (DeviceRefused, "The accessory cannot do this in its present state."),
}


def error_of(status: object) -> DeviceError | None:
    """The error of a HAP `status`, None for success. Some lose the minus sign; unknown codes are refusals."""
    if not isinstance(status, int) or status == 0:
        return None
    kind, message = _ERRORS.get(abs(status), (DeviceRefused, "The accessory refuses."))
    return kind(f"{message} (HAP status {-abs(status)})")
