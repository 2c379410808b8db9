"""What the words of a log mean: states of machines, transitions of an activity, results of a part."""

from __future__ import annotations

from collections.abc import Mapping

from lineside.twin.fit.record import GOOD, REJECTED
from lineside.twin.tally import BLOCKED, DOWN, OFF, SETUP, STARVED, WAITING, WORKING

START, COMPLETE, OTHER = 0, 1, 2
_LIFE: Mapping[int, str] = {
    START: "start started begin in enter arrive 开始 进站 开工",
    COMPLETE: "complete completed end finish finished stop out exit leave done 完成 结束 出站 完工",
}
LIFECYCLE: Mapping[str, int] = {word: kind for kind, words in _LIFE.items() for word in words.split()}
_STATES: Mapping[int, str] = {
    WORKING: "working work run running active executing execute production producing productive processing busy "
    "automatic auto in_cycle cutting d 加工 加工中 运行 运行中 生产 生产中 工作 工作中 自动",
    SETUP: "setup set-up set_up changeover change-over tooling s 换型 换模 调试 调机 准备 设置",
    WAITING: "idle waiting wait ready standby stand-by 空闲 待机 等待 待料中",
    BLOCKED: "blocked block blocking 堵塞 阻塞 堵料 下游堵料",
    DOWN: "down stopped stop failure failed fault faulted alarm error breakdown repair interrupted aborted "
    "aborting held feed_hold emergency maintenance b 故障 停机 停止 报警 维修 急停 异常",
    OFF: "off unavailable offline off-shift off_shift break closed power_off shutdown 关机 离线 休息 停班 断电",
    STARVED: "starved starving starvation no_parts 缺料 待料 饥饿",
}
_WORDS: Mapping[str, int] = {word: state for state, words in _STATES.items() for word in words.split()}
_RESULTS: Mapping[int, str] = {
    GOOD: "ok pass passed good true yes y success accept accepted conform 合格 良品 通过 是 正常",
    REJECTED: "nok ng fail failed failure reject rejected scrap scrapped bad false no n "
    "不合格 不良 不良品 报废 否 废品",
}
_VERDICTS: Mapping[str, int] = {word: result for result, words in _RESULTS.items() for word in words.split()}


def state_of(word: str) -> int | None:
    """The state a word stands for, as an index into STATES; None for a word nobody knows."""
    return _WORDS.get("_".join(word.strip().lower().split()))


def result_of(word: str, *, scrap: bool) -> int | None:
    """GOOD or REJECTED; in a column that counts or marks what is bad (`scrap`), a yes is bad. None for neither."""
    text = word.strip().lower()
    try:
        return REJECTED if (float(text) > 0) == scrap else GOOD
    except ValueError:
        pass
    marked = text in ("true", "yes", "y", "是")
    if scrap and (marked or text in ("false", "no", "n", "否")):
        return REJECTED if marked else GOOD
    return _VERDICTS.get(text)
