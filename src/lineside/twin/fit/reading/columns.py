"""Which column of a log holds what, by its name in English or Chinese, or else by what stands in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from lineside.connect.recordings.moments import MomentReader
from lineside.errors import ConfigurationError, UnusableData
from lineside.twin.fit.reading.tables import Table
from lineside.twin.fit.reading.words import COMPLETE, LIFECYCLE, START, state_of
from lineside.twin.reading import Finding

NAMES: Mapping[str, tuple[str, ...]] = {
    "lifecycle": (
        "lifecycle transition", "lifecycle", "transition", "event type", "生命周期", "事件类型",
    ),
    "start": (
        "start timestamp", "start time", "time start", "started at", "start date", "start datetime", "begin time",
        "started", "start", "begin", "from", "beginn", "开始时间", "开工时间", "起始时间", "进站时间", "开始",
    ),
    "end": (
        "complete timestamp", "completion timestamp", "end timestamp", "end time", "time end", "finish time",
        "finished at", "complete time", "completion time", "end date", "end datetime", "stop time", "finished",
        "completed", "complete", "end", "finish", "stop", "to", "ende", "operation end time", "结束时间",
        "完成时间", "完工时间", "出站时间", "结束", "完成",
    ),
    "time": (
        "time timestamp", "timestamp", "event time", "date time", "datetime", "time stamp", "ts", "time", "date",
        "zeitstempel", "zeit", "时间戳", "时间", "日期时间", "记录时间", "日期",
    ),
    "part": (
        "case concept name", "case id", "caseid", "part id", "unit id", "serial number", "serial no", "serial",
        "sn", "workpiece id", "workpiece", "piece id", "part no", "part number", "job id", "work order", "order id",
        "lot id", "batch id", "case", "part", "unit", "piece", "job", "order", "lot", "batch", "pallet", "id",
        "工件编号", "工件号", "工件", "零件号", "零件", "序列号", "件号", "产品编号", "工单号", "工单", "案例",
        "批次号", "批次",
    ),
    "activity": (
        "concept name", "activity", "operation", "operation name", "process step", "step", "task", "activity name",
        "station", "station id", "station name", "work center", "workcenter", "工序名称", "工序", "活动", "操作",
        "工位", "工站", "站点",
    ),
    "resource": (
        "org resource", "resource", "machine", "machine name", "machine id", "equipment", "equipment id", "asset",
        "asset id", "device", "workstation", "server", "station", "station id", "station name", "设备名称",
        "设备编号", "设备", "机床", "机器", "机台", "资源", "工位", "工站",
    ),
    "state": (
        "state", "machine state", "status", "machine status", "execution", "report type", "设备状态", "机器状态",
        "运行状态", "状态",
    ),
    "product": (
        "product", "variant", "part desc", "part description", "part type", "product type", "product id",
        "product name", "material", "case product", "case variant", "model", "item type", "产品名称", "产品型号",
        "产品", "型号", "品种", "物料",
    ),
    "result": (
        "result", "outcome", "judgement", "verdict", "quality", "qty rejected", "rejected", "scrap", "scrapped",
        "rework", "ok", "pass", "检验结果", "结果", "判定", "合格", "报废", "不良数", "不良",
    ),
    "completed": (
        "qty completed", "completed qty", "good qty", "qty good", "合格数", "完成数量",
    ),
    "reason": (
        "reason", "reason code", "stop reason", "downtime reason", "cause", "停机原因", "故障原因", "原因",
    ),
    "count": (
        "items", "pieces", "parts made", "units made", "产量", "件数",
    ),
    "instance": (
        "concept instance", "lifecycle instance", "activity instance", "instance", "instance id",
    ),
}  # fmt: skip
"""The names a role is known by, the surest first; a column is given to the first role that names it."""
SAMPLE = 400


def plain(name: str) -> str:
    """A column's name in small letters and single spaces: "StartTime" and "start_time" are "start time"."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return " ".join(re.sub(r"[\W_]+", " ", spaced).lower().split())


def is_named(role: str, name: str) -> bool:
    """Whether a name is one the role is known by."""
    return plain(name) in NAMES[role]


def find_columns(table: Table, given: Mapping[str, str], zone: ZoneInfo) -> dict[str, str]:
    """The column of each role that has one. Raises ConfigurationError where given ones do not exist."""
    known = list(table.columns)
    for role, column in given.items():
        if role not in NAMES:
            raise ConfigurationError("log.role", role=role, roles=", ".join(NAMES))
        if column not in table.columns:
            raise ConfigurationError(
                "log.column", file=table.name, role=role, column=column, columns=", ".join(known[:30])
            )
    taken = dict(given)
    names = {column: plain(column) for column in known}
    for role, wanted in NAMES.items():
        free = {names[column]: column for column in reversed(known) if column not in taken.values()}
        found = next((free[name] for name in wanted if name in free and _fits(role, table.columns[free[name]])), None)
        if role not in taken and found is not None:
            taken[role] = found
    _by_content(table, taken, zone)
    if {"lifecycle", "time"} <= taken.keys() and _has_starts(table.columns[taken["lifecycle"]]):
        taken = {role: column for role, column in taken.items() if role not in ("start", "end") or role in given}
    return taken


def _has_starts(column: pa.Array) -> bool:
    """Whether a column of transitions tells starts and completes; such rows are moments, not whole visits."""
    return {START, COMPLETE} <= {LIFECYCLE.get(word.lower()) for word in _sample(column).unique().to_pylist()}


def taken_findings(table: Table, taken: Mapping[str, str]) -> Finding:
    """What was taken for what, and what was left alone."""
    left = [column for column in table.columns if column not in taken.values()]
    pairs = ", ".join(f"{role} = {column}" for role, column in taken.items())
    return Finding("-", "log.taken", {"pairs": pairs, "left": ", ".join(left[:30]) or "-"})


def _sample(column: pa.Array) -> pa.Array:
    """What stands in the first rows, or first at all where these are empty."""
    first = _filled(column.slice(0, 20 * SAMPLE))
    return first if len(first) else _filled(column).slice(0, 20 * SAMPLE)


def _filled(column: pa.Array) -> pa.Array:
    texts = pc.utf8_trim_whitespace(column.cast(pa.string()).fill_null(""))
    return texts.filter(pc.not_equal(texts, ""))


def _fits(role: str, column: pa.Array) -> bool:
    """Whether what stands in a column can be what its name says."""
    sample = _sample(column)
    if not len(sample):
        return False
    words = sample.unique().to_pylist()
    if role == "lifecycle":
        return any(word.strip().lower() in LIFECYCLE for word in words)
    return role != "state" or len(words) <= 60


def _is_time(column: pa.Array, zone: ZoneInfo) -> bool:
    if pa.types.is_timestamp(column.type):
        return True
    sample = _sample(column).slice(0, SAMPLE)
    if not len(sample) or pc.all(pc.match_substring_regex(sample, r"^\d+$")).as_py():
        return False
    try:
        return bool(MomentReader(zone, "-", day_first=True).read(sample).known.mean() > 0.9)
    except (UnusableData, pa.ArrowException):
        return False


def _by_content(table: Table, taken: dict[str, str], zone: ZoneInfo) -> None:
    """Fills roles that no name told: times, states, and a station where just one column can be it."""
    free = [column for column in table.columns if column not in taken.values()]
    if not {"time", "start", "end"} & taken.keys():
        moments = [column for column in free if _is_time(table.columns[column], zone)]
        if len(moments) in (1, 2):
            taken.update(zip(("time",) if len(moments) == 1 else ("start", "end"), moments, strict=True))
    if "state" not in taken:
        states = [
            column
            for column in [*free, taken.get("reason", "")]
            if column in table.columns and _is_state(table.columns[column])
        ]
        if states:
            taken["state"] = states[0]
            if taken.get("reason") == states[0]:
                del taken["reason"]
    if not {"activity", "resource"} & taken.keys():
        stations = [column for column in free if column not in taken.values() and _is_group(table.columns[column])]
        if len(stations) == 1:
            taken["activity"] = stations[0]


def _is_state(column: pa.Array) -> bool:
    words = _sample(column).unique().to_pylist()
    known = sum(state_of(word) is not None and not word.replace(".", "").isdigit() for word in words)
    return 2 <= len(words) <= 40 and known >= 2 and known >= 0.6 * len(words)


def _is_group(column: pa.Array) -> bool:
    sample = _sample(column)
    words = sample.unique().to_pylist()
    numbers = sum(re.fullmatch(r"[-+\d.,:/ TZ]+", word) is not None for word in words)
    return 2 <= len(words) <= min(50, len(sample) / 3) and numbers < 0.2 * len(words)
