"""Every setting, in one place; the only reader of the process environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from claw.errors import SettingsError

DEFAULT_PORT = 8400
MAX_PORT = 65535


@dataclass(frozen=True, slots=True)
class Settings:
    """Resolved settings of one daemon. Flags win over `CLAW_*` variables, which win over defaults.

    `database`: SQLAlchemy async URL, empty for SQLite in `data`. `interfaces`: IP addresses of the interfaces
    to discover on, empty for all. `mqtt`: `mqtt://[user:password@]host[:port]` of a broker, empty to discover
    one.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    interfaces: tuple[str, ...] = ()
    database: str = ""
    mqtt: str = ""
    discovery: bool = True

    @property
    def database_url(self) -> str:
        """The database to open."""
        return self.database or f"sqlite+aiosqlite:///{self.data / 'claw.db'}"


def data_dir(flag: str | None) -> Path:
    """Where this daemon keeps everything: the flag, `CLAW_DATA`, or `~/.local/share/claw`."""
    if flag:
        return Path(flag).expanduser()
    if env := os.environ.get("CLAW_DATA"):  # noqa: TID251 - this is settings.py
        return Path(env).expanduser()
    return Path.home() / ".local" / "share" / "claw"


def demo_dir() -> Path:
    """Where `claw demo` lives unless told otherwise: never the folder of a real house."""
    folder = data_dir(None)
    return folder.with_name(f"{folder.name}-demo")


def load(
    *,
    data: str | None = None,
    host: str | None = None,
    port: int | None = None,
    interfaces: tuple[str, ...] = (),
    discovery: bool = True,
    alone: bool = False,
) -> Settings:
    """Resolve flags and environment. Raises SettingsError with the setting's name.

    `alone`: take nothing from the environment; for a demo or a look, which must not touch the real house's database.
    """
    env = {} if alone else {key: value for key, value in os.environ.items() if key.startswith("CLAW_")}  # noqa: TID251
    raw_port = str(port) if port is not None else env.get("CLAW_PORT", str(DEFAULT_PORT))
    if not raw_port.isdecimal() or int(raw_port) > MAX_PORT:
        name = "CLAW_PORT" if port is None else "--port"
        raise SettingsError(f"{name} is {raw_port!r}; give a port number from 0 to {MAX_PORT}.")
    port = int(raw_port)
    return Settings(
        data=data_dir(data),
        host=host or env.get("CLAW_HOST", "127.0.0.1"),
        port=port,
        interfaces=interfaces or tuple(filter(None, env.get("CLAW_INTERFACES", "").split(","))),
        database=env.get("CLAW_DATABASE", ""),
        mqtt=env.get("CLAW_MQTT", ""),
        discovery=discovery,
    )
