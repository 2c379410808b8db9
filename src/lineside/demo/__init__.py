"""The demo plant: recorded machine tools and a simulated assembly line, with two weeks of history, live at once."""

from lineside.demo.plan import DEMO_FILE, DemoPlan, HistoryFile, catch_up, fill_in, prepare
from lineside.demo.simulators import Simulators

__all__ = ["DEMO_FILE", "DemoPlan", "HistoryFile", "Simulators", "catch_up", "fill_in", "prepare"]
