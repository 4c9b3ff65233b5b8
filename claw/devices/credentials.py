"""Getting a credential that a device wants: from the device itself, where it hands one out, or from a person."""

from __future__ import annotations

from dataclasses import replace

from claw.adapters import forms
from claw.adapters.adapter import Adapter
from claw.devices.endpoint import endpoint, secret_ref
from claw.errors import CredentialMissing, DeviceRefused
from claw.model.device import Device
from claw.model.form import Target
from claw.protocols.binding import Binding, Secrets

MAX_SECRET = 4096


async def unlock(adapter: Adapter, device: Device, binding: Binding, secrets: Secrets, given: str) -> None:
    """See to it that the device's credential is kept. Raises CredentialMissing saying what a person must do."""
    credential = adapter.credential
    if credential is None:
        raise CredentialMissing(f"{device.title} wants a credential that its adapter does not describe.")
    ref = secret_ref(adapter.binding, device.id)
    if given:
        await secrets.put(ref, given)
        return
    ask = credential.ask or f"Give me the key or password of {device.title}."
    if credential.obtain is None:
        raise CredentialMissing(ask)
    form, payload = forms.fill(credential.obtain, {})
    try:
        answer = await binding.invoke(
            Target(replace(endpoint(adapter, device), auth="none", secret=""), form), payload
        )
    except DeviceRefused as error:  # so some say that the button was not pressed
        raise CredentialMissing(ask) from error
    expression = form.terms.get("claw:select", credential.obtain.select)
    found = forms.select(expression if isinstance(expression, str) else "@", answer)
    if not isinstance(found, str) or not 0 < len(found) <= MAX_SECRET:
        raise CredentialMissing(ask)
    await secrets.put(ref, found)
