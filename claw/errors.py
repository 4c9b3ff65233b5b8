"""Every error Claw raises, one tree.

ClawError
├── SettingsError          a setting is missing or wrong
├── UsageError             the caller asked for something that makes no sense
│   └── InvalidValue       wrong type or out of range; refused before the wire
├── NotFound               no such thing, property, area, device, adapter
├── InUse                  cannot go while something else lives on it
├── Unauthorized           who are you?
├── Forbidden              you may not
│   └── NotProven          the adapter has not earned this level
├── DaemonDown             no daemon answers on this data directory
├── StoreError             the database
│   ├── StoreLocked · StoreFull · StoreTooNew · StoreCorrupt
├── AdapterError           a document or codec is wrong
│   ├── DocumentInvalid
│   └── CodecError         a value that the codec cannot carry
└── DeviceError            the device, as seen from here
    ├── DeviceOffline      cannot be reached
    ├── DeviceTimeout      reached, never answered
    ├── DeviceRefused      answered no (an HTTP 4xx/5xx, a SOAP fault, a HAP status)
    ├── DeviceGarbage      answered something that is not what the protocol says
    ├── AnswerTooLarge     answered more than we are willing to read
    ├── RedirectRefused    pointed at another machine
    ├── CredentialMissing  needs a credential that has not been given
    │   └── CredentialWrong   was given one, and refuses it
    └── NotSupported       the wire cannot do this (observe on plain HTTP, say)

`str(error)` is one line that a person can act on. `status` is its HTTP status, `code` its RFC 9457 type suffix.
Foreign exceptions are translated once, at the edge where they appear, with `from`.
"""

from __future__ import annotations

from typing import ClassVar


class ClawError(Exception):
    """Root of every error that Claw raises on purpose."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500


class SettingsError(ClawError):
    """A setting is missing or wrong."""

    code = "settings"


class UsageError(ClawError):
    """The caller asked for something that makes no sense."""

    code = "usage"
    status = 400


class InvalidValue(UsageError):
    """A value of the wrong type or out of range; nothing was sent."""

    code = "invalid-value"
    status = 422


class NotFound(ClawError):
    """No such thing, property, area, device or adapter."""

    code = "not-found"
    status = 404


class InUse(ClawError):
    """Cannot go while something else lives on it."""

    code = "in-use"
    status = 409


class Unauthorized(ClawError):
    """No token, or one we do not know."""

    code = "unauthorized"
    status = 401


class Forbidden(ClawError):
    """Known, but not allowed to do this."""

    code = "forbidden"
    status = 403


class NotProven(Forbidden):
    """The adapter has not earned the verification level that this needs."""

    code = "not-proven"


class DaemonDown(ClawError):
    """No daemon answers on this data directory."""

    code = "daemon-down"
    status = 503


class StoreError(ClawError):
    """The database cannot be used; its message says what to do."""

    code = "store"
    status = 503


class StoreLocked(StoreError):
    """Another process holds the database."""

    code = "store-locked"


class StoreFull(StoreError):
    """The disk, or the database's quota, is full."""

    code = "store-full"


class StoreTooNew(StoreError):
    """Written by a newer Claw; untouched."""

    code = "store-too-new"


class StoreCorrupt(StoreError):
    """Not a database, or a damaged one; untouched."""

    code = "store-corrupt"


class AdapterError(ClawError):
    """An adapter document cannot be used."""

    code = "adapter"
    status = 422


class DocumentInvalid(AdapterError):
    """The document breaks the format; the message names the place."""

    code = "document-invalid"


class CodecError(AdapterError):
    """A value that the codec cannot carry."""

    code = "codec"


class DeviceError(ClawError):
    """The device, as seen from here."""

    code = "device"
    status = 502


class DeviceOffline(DeviceError):
    """Cannot be reached at all."""

    code = "device-offline"
    status = 503


class DeviceTimeout(DeviceError):
    """Reached, but never answered in time."""

    code = "device-timeout"
    status = 504


class DeviceRefused(DeviceError):
    """Answered no."""

    code = "device-refused"


class DeviceGarbage(DeviceError):
    """Answered something that the protocol does not allow, or hung up in the middle."""

    code = "device-garbage"


class AnswerTooLarge(DeviceError):
    """Answered more than we are willing to read."""

    code = "answer-too-large"


class RedirectRefused(DeviceError):
    """Pointed us at another machine; we do not follow."""

    code = "redirect-refused"


class CredentialMissing(DeviceError):
    """Needs a credential (a set-up code, a key, a password) that nobody has given yet."""

    code = "credential-missing"
    status = 409


class CredentialWrong(CredentialMissing):
    """Refuses the credential it was given."""

    code = "credential-wrong"


class NotSupported(DeviceError):
    """This wire cannot do this operation."""

    code = "not-supported"
    status = 501
