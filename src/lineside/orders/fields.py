"""What an ERP tells and is told: kinds of records, their fields, and what exports call the columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["orders", "products", "costs", "completions"]
KINDS: tuple[Kind, ...] = ("orders", "products", "costs", "completions")
FieldType = Literal["id", "text", "whole", "rank", "number", "begin", "finish", "codes", "state", "what", "currency"]
"""How a value is read. Of a date alone `begin` is where the production day begins and `finish` where it ends."""
STATES = ("planned", "released", "running", "held", "done", "withdrawn")
WITHDRAWN = "withdrawn"
COSTS = ("machine_hour", "labour_hour", "material")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record; `words` are the columns that hold it in exports, without blanks and marks."""

    name: str
    type: FieldType
    words: tuple[str, ...]
    needed: bool = False


def _field(name: str, type: FieldType, words: str, *, needed: bool = False) -> Field:
    return Field(name, type, (*words.split(), plain(name)), needed=needed)


def plain(word: str) -> str:
    """A column's name without blanks and marks, in small letters."""
    return re.sub(r"[\W_]+", "", word).casefold()


_PRODUCT = (
    "product productid productno productcode material materialno materialnumber matnr item itemno itemnumber itemcode"
    " part partno partnumber article articleno sku produkt produktnummer artikel artikelnummer artikelnr"
    " materialnummer materialnr teil teilenummer sachnummer"
    " 产品 产品编号 产品编码 产品代码 物料 物料编码 物料编号 物料号 料号 品号 存货编码"
)
_ORDER = (
    "order orderno orderid ordernumber workorder workorderno wo productionorder processorder manufacturingorder mo job"
    " jobno aufnr auftrag auftragsnummer auftragsnr fertigungsauftrag fanummer fa betriebsauftrag"
    " 订单 订单号 订单编号 工单 工单号 工单编号 生产订单 生产订单号 生产工单 任务单号 制令单号"
)
_START = (
    "start startdate starttime plannedstart plannedstartdate scheduledstart basicstart basicstartdate startdatetime"
    " gstrp gstrs begin beginn starttermin startdatum eckstart eckstarttermin planbeginn planstart geplanterstart"
    " 开始 开始时间 开始日期 计划开始 计划开始时间 计划开始日期 开工日期 计划开工日期 计划开工时间"
)
_END = (
    "end enddate endtime finish finishdate plannedend plannedfinish scheduledend scheduledfinish basicfinish"
    " basicfinishdate gltrp gltrs ende endtermin enddatum eckende eckendtermin planende geplantesende"
    " 结束 结束时间 结束日期 计划结束 计划结束时间 计划完成 计划完成时间 完工日期 计划完工日期 计划完工时间"
)
_LINE = (
    "productionline workcenter workcentre workcenterno arbpl linie fertigungslinie produktionslinie arbeitsplatz"
    " 产线 生产线 线别 工作中心"
)
_MACHINE = "machineid equipment workunit maschine anlage 机器 设备 设备编号 机台"

FIELDS: Mapping[Kind, tuple[Field, ...]] = {
    "orders": (
        _field("id", "id", _ORDER, needed=True),
        _field("product", "text", _PRODUCT, needed=True),
        _field("line", "text", _LINE),
        _field("machine", "text", _MACHINE),
        _field(
            "quantity",
            "whole",
            "qty orderquantity orderqty targetquantity totalquantity plannedquantity plannedqty gamng menge sollmenge"
            " auftragsmenge gesamtmenge planmenge 数量 计划数量 生产数量 订单数量 计划产量 投产数量 工单数量",
            needed=True,
        ),
        _field("start", "begin", _START, needed=True),
        _field("end", "finish", _END),
        _field(
            "due",
            "finish",
            "duedate deliverydate requireddate promiseddate dispatchdate liefertermin lieferdatum fälligkeit"
            " fälligam wunschtermin 交期 交货日期 交货期 需求日期 要求交期",
        ),
        _field("state", "state", "status orderstatus systemstatus zustand auftragsstatus 状态 订单状态 工单状态"),
        _field("priority", "rank", "prio urgency orderpriority priorität dringlichkeit 优先级 优先 紧急程度 优先级别"),
        _field("note", "text", "remark remarks comment description bemerkung notiz kurztext 备注 说明"),
    ),
    "products": (
        _field("id", "id", _PRODUCT, needed=True),
        _field(
            "name",
            "text",
            "productname description materialdescription itemname designation maktx bezeichnung benennung"
            " artikelbezeichnung materialkurztext 名称 产品名称 物料名称 物料描述 品名",
        ),
        _field(
            "ideal_cycle_s",
            "number",
            "idealcycle cycletime cycletimes cycletimesec cyclesec secondsperpiece taktzeit zykluszeit zykluszeits"
            " stückzeit 节拍 理论节拍 标准节拍 理想周期 节拍秒 单件工时秒",
        ),
        _field("ideal_cycle_min", "number", "cycletimemin cyclemin minutesperpiece zykluszeitmin te vorgabezeitmin"),
        _field("per_hour", "number", "piecesperhour unitsperhour partsperhour stückprostunde stproh uph 每小时产量"),
        _field("codes", "codes", "code alias aliases machinecode programm program programcode 代码 程序 程序号 别名"),
    ),
    "costs": (
        _field("what", "what", "kind type costtype art kostenart 类型 成本类型", needed=True),
        _field("of", "text", f"object subject {_PRODUCT} {_LINE} {_MACHINE} kostenstelle costcenter 成本中心 对象"),
        _field(
            "amount", "number", "cost costs rate price value kosten satz preis betrag 金额 成本 单价 费率", needed=True
        ),
        _field("currency", "currency", "curr waers währung 币种 货币", needed=True),
        _field("start", "begin", "from validfrom since gültigab ab von 生效日期 起始日期 开始日期", needed=True),
    ),
    "completions": (
        _field("order", "text", _ORDER, needed=True),
        _field("id", "id", "confirmation confirmationno rueck rückmeldung rückmeldenummer 报工单号 完工单号"),
        _field(
            "good",
            "number",
            "goodquantity goodqty yield confirmedyield completed gutmenge gut lmnga"
            " 良品 良品数 合格数 合格数量 完成数量 完工数量",
            needed=True,
        ),
        _field(
            "rejected",
            "number",
            "scrap scrapquantity rejects rejectquantity xmnga ausschuss ausschussmenge 不良数 不良品数 报废数 不合格数",
        ),
        _field("start", "begin", f"actualstart iststart 实际开始 实际开始时间 {_START}"),
        _field("end", "finish", f"actualend actualfinish istende 实际结束 实际完成 实际完工日期 {_END}"),
    ),
}

_STATE_WORDS = {
    "planned": "planned forecast pending created new open crtd eröffnet geplant offen angelegt"
    " 计划 已计划 新建 未开始 开立",
    "released": "released ready rel freigegeben frei 已下达 下达 已审核 已发放 释放",
    "running": "running started active inprogress inprocess pcnf tecp gestartet läuft"
    " inarbeit 进行中 生产中 已开工 开工 执行中",
    "held": "held hold onhold suspended suspending pausing holding interrupted blocked lock"
    " gesperrt angehalten 暂停 挂起 冻结",
    "done": "done completed complete closed finished cnf dlv teco clsd erledigt fertig abgeschlossen beendet"
    " 完成 已完成 完工 已完工 关闭 已关闭 结案 已结案",
    "withdrawn": "withdrawn cancelled canceled aborted aborting deleted void dlfl dlt storniert gelöscht abgebrochen"
    " 取消 已取消 作废 已作废 删除 已删除 撤销",
}
_STATE_OF = {word: state for state, words in _STATE_WORDS.items() for word in words.split()}
_COST_WORDS = {
    "machine_hour": "machinehour machinehours machine maschinenstunde maschinenstundensatz maschine"
    " 机时 机器工时 机器小时",
    "labour_hour": "labourhour labourhours laborhour laborhours labour labor lohnstunde personalstunde lohn"
    " 人工 人时 工时",
    "material": "material materialcost materialkosten rohmaterial 材料 材料费 物料 材料成本",
}
_COST_OF = {word: cost for cost, words in _COST_WORDS.items() for word in words.split()}


def state_of(word: str) -> str | None:
    """The state that an ERP's word or words mean, the one farthest on ("REL PCNF MSPT" is running); None: unknown."""
    whole = _STATE_OF.get(plain(word))
    found = [_STATE_OF[part] for part in map(plain, word.split()) if part in _STATE_OF]
    return whole or max(found, key=STATES.index, default=None)


_RANK_WORDS = (
    "urgent veryhigh critical dringend eilig sehrhoch 紧急 加急 特急",
    "high hoch 高",
    "normal medium mittel 中 普通 一般 正常",
    "low niedrig gering 低",
)
_RANK_OF = {word: rank for rank, words in enumerate(_RANK_WORDS, 1) for word in words.split()}


def rank_of(word: str) -> int | None:
    """The priority that a word means, from 1 for urgent to 4 for low; None: unknown."""
    return _RANK_OF.get(plain(word))


def cost_of(word: str) -> str | None:
    """Which kind of cost a word means; None: unknown."""
    return _COST_OF.get(plain(word))


def field_of(kind: Kind, name: str) -> Field | None:
    """The field of a kind by its name."""
    return next((field for field in FIELDS[kind] if field.name == name), None)
