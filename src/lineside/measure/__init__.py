"""Times, losses and KPIs of ISO 22400-2 as pure functions of facts, plant editions and the calendar."""

from lineside.measure.consumption import energy_json
from lineside.measure.counting import Increments, increments
from lineside.measure.energy import CarrierUse, EnergyUse, Factor, Metered, energy_use, factor_of
from lineside.measure.facts import MachineFacts, product_spans, read_facts
from lineside.measure.intervals import Intervals, seconds_by_state, within
from lineside.measure.judge import judge
from lineside.measure.kpi import KPIS, Judged, Kpi, Lack, losses
from lineside.measure.number import Number, open_number
from lineside.measure.planned import Planned, order_span, planned_time, shifts_of
from lineside.measure.present import iso, lack_json, number_json, row_json
from lineside.measure.query import Scope, kpi_rows, opened, pace_of, row_of, whole_row
from lineside.measure.rows import By, Row
from lineside.measure.states import derive_states, rule_codes
from lineside.measure.windows import parse_moment, parse_moment_in, parse_window, window_of

__all__ = [
    "KPIS",
    "By",
    "CarrierUse",
    "EnergyUse",
    "Factor",
    "Increments",
    "Intervals",
    "Judged",
    "Kpi",
    "Lack",
    "MachineFacts",
    "Metered",
    "Number",
    "Planned",
    "Row",
    "Scope",
    "derive_states",
    "energy_json",
    "energy_use",
    "factor_of",
    "increments",
    "iso",
    "judge",
    "kpi_rows",
    "lack_json",
    "losses",
    "number_json",
    "open_number",
    "opened",
    "order_span",
    "pace_of",
    "parse_moment",
    "parse_moment_in",
    "parse_window",
    "planned_time",
    "product_spans",
    "read_facts",
    "row_json",
    "row_of",
    "rule_codes",
    "seconds_by_state",
    "shifts_of",
    "whole_row",
    "window_of",
    "within",
]
