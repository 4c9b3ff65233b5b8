"""Sets up a fresh nodejs-poolController over its own interface: `python pool.py ADDRESS PORT`; prints `ready`.

A number on standard input is what its water sensor measures from then on, in Fahrenheit.
"""

from __future__ import annotations

import http.client
import json
import sys
import time
from functools import partial
from typing import Any

say = partial(print, flush=True)
pause = partial(time.sleep, 0.05)  # in a process of its own, with nothing to wait on but HTTP


class Panel:
    """The controller's REST interface."""

    def __init__(self, address: str, port: str) -> None:
        self._where = (address, int(port))

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        connection = http.client.HTTPConnection(*self._where, timeout=20)
        try:
            text = json.dumps(body) if body is not None else None
            connection.request(method, path, text, {"Content-Type": "application/json"})
            return json.loads(connection.getresponse().read() or "null")
        finally:
            connection.close()

    def state(self) -> Any:
        return self._call("GET", "/state/all")

    def put(self, path: str, **body: Any) -> None:
        self._call("PUT", path, body)

    def until(self, word: str) -> None:
        """Wait until its state has `word` in it."""
        while True:
            try:
                if word in json.dumps(self.state()):
                    return
            except OSError:
                pass
            pause()


if __name__ == "__main__":
    panel = Panel(*sys.argv[1:])
    panel.until('"controllerType": "nixie"')
    panel.put("/config/controllerType", controllerType="nixie", model="nxps")
    panel.until('"Spa"')
    panel.put("/config/heater", id=0, name="Gas Heater", type=1, body=32, master=1, isActive=True)
    panel.put("/config/circuit", id=0, name="Waterfall", type=0, master=1)
    panel.put("/config/feature", id=0, name="Bubbler", type=0)
    panel.put("/state/temps", waterSensor1=78, air=70)
    panel.until('"Bubbler"')
    panel.until('"waterSensor1": 78')
    say("ready")
    for line in sys.stdin:
        panel.put("/state/temps", waterSensor1=int(line), air=70)
