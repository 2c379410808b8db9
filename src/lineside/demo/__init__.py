"""The demo plant: recorded machine tools and a simulated assembly line, with weeks of history, live at once."""

from lineside.demo.plan import DEMO_FILE, DemoPlan, HistoryFile, catch_up, fill_in, prepare
from lineside.demo.simulators import Simulators
from lineside.demo.works import Works

__all__ = ["DEMO_FILE", "DemoPlan", "HistoryFile", "Simulators", "Works", "catch_up", "fill_in", "prepare"]
