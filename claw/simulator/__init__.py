"""A whole simulated house on real sockets and real announcements, for the demo and for tests."""

from claw.simulator.clock import Clock, ManualClock, RealClock
from claw.simulator.control import control
from claw.simulator.fault import Fault
from claw.simulator.house import NAMES, SimulatedHouse

__all__ = ["NAMES", "Clock", "Fault", "ManualClock", "RealClock", "SimulatedHouse", "control"]
