"""Support programmes: what ships, what a factory is by them, what a hub may add, and what is refused."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.errors import ConfigurationError
from lineside.rules import (
    InputKind,
    Known,
    Outcome,
    Programme,
    Range,
    Standing,
    Timing,
    changed,
    evaluate,
    programmes,
    read_programmes,
    together,
)
from lineside.rules.programmes.sums import best
from lineside.texts import LANGUAGES, has

DAY = date(2026, 6, 1)
SHIPPED = {one.id: one for one in programmes().usable}
RETROFIT: Known = {
    "retrofit_spend": 900_000,
    "original_tax_basis": 1_500_000,
    "tax_due": 60_000,
    "carried_credit": 5_000,
    "in_catalogue": True,
    "still_in_catalogue": True,
    "bought_and_used": True,
    "named_retrofit": True,
}
FILE = """
[[programme]]
id = "local-meters"
edition = "1"
name = { en = "Meters", zh = "电表" }
country = "CN"
document = "Measures"
source = "the measures"
confidence = "found"
from = 2026-01-01
to = 2026-12-31
dated_by = { en = "The day", zh = "当日" }
authority = { en = "the office", zh = "主管部门" }
amount = "grant"
timing = "once"
budget = "pot"

[[programme.input]]
name = "meters"
unit = "pieces"
least = 0
most = 500
evidence = ["invoice"]
en = "Meters"
zh = "电表数"

[[programme.parameter]]
name = "rate"
value = 800
unit = "CNY/pieces"
en = "Each"
zh = "每块"

[[programme.parameter]]
name = "pot"
value = 1_000_000
unit = "CNY"
en = "All"
zh = "总额"

[[programme.condition]]
id = "enough"
when = "meters >= 5"
en = "Five at least"
zh = "至少五块"

[[programme.step]]
name = "grant"
unit = "CNY"
formula = "min(meters * rate, 20_000)"
en = "Grant"
zh = "补助"

[[programme.evidence]]
id = "invoice"
shows = "document"
en = "Invoice"
zh = "发票"
"""


def outcome(name: str, known: Known, on: date = DAY) -> Outcome:
    """What a programme that ships is to whom this is known of."""
    return evaluate(SHIPPED[name], known, on)


def _shipped() -> str:
    from importlib.resources import files

    return files("lineside.rules").joinpath("data/programmes.toml").read_text("utf-8")


def test_what_ships_is_without_findings_and_says_how_sure_it_is() -> None:
    """Each has a source, a confidence, words in both languages and somebody who confirms it."""
    found = programmes()

    assert found.findings == ()
    assert len(found.usable) == 10
    assert {one.edition.confidence.value for one in found.usable} == {"found", "own"}
    for one in found.usable:
        words = [one.names, one.dated_by, one.authority]
        words += [x.words for x in one.conditions] + [x.words for x in one.steps]
        words += [x.words for x in one.inputs.values()] + [x.words for x in one.parameters.values()]
        words += [x.words for x in one.evidence.values()] + [x.words for x in one.cautions]
        assert one.edition.document
        assert one.edition.source
        assert all(set(said) == set(LANGUAGES) and all(said.values()) for said in words)


def test_the_retrofit_credit_is_ten_percent_of_at_most_half_the_basis() -> None:
    """Announcement 2024 no. 9: 10 % of 750,000, of which the tax of the year takes 60,000 with what was carried."""
    found = outcome("cn-eit-retrofit-credit", RETROFIT)

    assert (found.standing, found.amount) == (Standing.ELIGIBLE, Range.only(60_000))
    assert {one.step.name: one.value.known for one in found.steps} == {
        "credit": 75_000,
        "used": 60_000,
        "carried_on": 20_000,
    }
    assert (found.missing, found.evidence) == ((), ())
    assert found.edition.id == "2024 no. 9"


def test_what_is_missing_is_named_with_what_would_show_it() -> None:
    """A condition nobody confirmed is open, an unknown figure makes a range; nothing is taken for nothing."""
    known = {k: v for k, v in RETROFIT.items() if k not in ("tax_due", "still_in_catalogue")}

    found = outcome("cn-eit-retrofit-credit", known)

    assert found.standing is Standing.UNKNOWN
    assert found.amount == Range(0, 80_000)
    assert found.if_eligible == Range(0, 80_000)
    assert found.missing == ("tax_due",)
    assert found.evidence == ("energy_before_after", "tax_return")
    assert [one.condition.id for one in found.conditions if one.holds is None] == ["still_in_catalogue"]


def test_who_fails_a_condition_receives_nothing_and_learns_which() -> None:
    """One condition that fails ends it, whatever else is unknown; what it would have been is still told."""
    found = outcome("cn-eit-retrofit-credit", {**RETROFIT, "named_retrofit": False})

    assert (found.standing, found.amount) == (Standing.NOT, Range.only(0))
    assert found.if_eligible == Range.only(60_000)
    assert [one.condition.id for one in found.conditions if one.holds is False] == ["named_retrofit"]


@pytest.mark.parametrize(
    ("on", "subsidy"),
    [
        (date(2024, 7, 24), 20_000),
        (date(2024, 7, 25), 30_000),
        (date(2026, 12, 31), 30_000),
        (date(2024, 3, 6), 0),
        (date(2027, 1, 1), 0),
    ],
)
def test_a_rate_is_that_of_the_day(on: date, subsidy: float) -> None:
    """Interest subsidy: 1.0 point, then 1.5, for two years at most; nothing before and after it is in force."""
    known: Known = {"principal": 1_000_000, "years": 5}
    known = {**known, "on_candidate_list": True, "paid_to_supplier": True, "under_relending": True}

    found = outcome("cn-equipment-loan-interest", known, on)

    assert found.amount.known == pytest.approx(subsidy)
    assert (found.standing is Standing.ELIGIBLE) is found.in_force is (subsidy > 0)


@pytest.mark.parametrize(
    ("invested", "met", "award"), [(25e6, True, 6e6), (25e6, False, 3e6), (20e6, True, 6e6), (19.9e6, True, 0)]
)
def test_a_little_giant_keeps_what_its_plan_was_carried_out_for(invested: float, met: bool, award: float) -> None:
    """Caijian [2024] 148: half first; below 20 million all is recovered, targets missed withhold the second half."""
    known: Known = {"planned_investment": invested, "targets_met": met, "little_giant": True, "proposal": True}

    assert outcome("cn-little-giant-2024", known).amount == Range.only(award)


def test_an_award_of_up_to_is_a_range() -> None:
    """What the authority has yet to decide leaves all between nothing and the most."""
    known: Known = {"cmmm_level": 3, "in_zone": True}

    found = outcome("cn-yangzhou-edz-cmmm", known)

    assert (found.standing, found.amount) == (Standing.ELIGIBLE, Range(0, 150_000))
    assert outcome("cn-yangzhou-edz-cmmm", {**known, "cmmm_level": Range(1, 2)}).amount == Range(0, 80_000)


@pytest.mark.parametrize(
    ("income", "staff", "assets", "saved"),
    [(3e6, 300, 5e7, 600_000), (3_000_001, 300, 5e7, 0), (3e6, 301, 5e7, 0), (3e6, 300, 50_000_001, 0)],
)
def test_a_small_enterprise_pays_a_fifth(income: float, staff: float, assets: float, saved: float) -> None:
    """5 % instead of 25 %, up to three thresholds, each reached exactly still counting."""
    known: Known = {"taxable_income": income, "employees": staff, "assets": assets, "not_restricted": True}

    assert outcome("cn-eit-small-low-profit", known).amount.known == pytest.approx(saved)


def test_a_threshold_may_depend_on_size() -> None:
    """The R&D share that a high-tech enterprise needs falls with its sales."""
    known: Known = {"rd_share": 0.04, "high_tech_revenue_share": 0.7, "rd_staff_share": 0.2, "recognised": True}
    known = {**known, "taxable_income": 1e6}
    stand = {sales: outcome("cn-eit-hightech-15", {**known, "sales": sales}).standing for sales in (4e7, 6e7, 3e8)}

    assert stand == {4e7: Standing.NOT, 6e7: Standing.ELIGIBLE, 3e8: Standing.ELIGIBLE}
    assert outcome("cn-eit-hightech-15", known).standing is Standing.UNKNOWN


@pytest.mark.parametrize(
    ("known", "key"),
    [
        ({"retrofit_spend": -1}, "out_of_bounds"),
        ({"retrofit_spend": math.nan}, "no_number"),
        ({"retrofit_spend": math.inf}, "no_number"),
        ({"retrofit_spend": "much"}, "no_number"),
        ({"retrofit_spend": True}, "no_number"),
        ({"retrofit_spend": Range(5, 3)}, "no_number"),
        ({"in_catalogue": 1}, "no_truth"),
        ({"in_catalogue": "yes"}, "no_truth"),
    ],
)
def test_what_cannot_be_is_refused(known: Known, key: str) -> None:
    """A figure outside of its bounds or of another kind is named instead of worked with."""
    with pytest.raises(ConfigurationError) as raised:
        outcome("cn-eit-retrofit-credit", known)

    assert raised.value.key == f"rules.{key}"


def _known(programme: Programme) -> st.SearchStrategy[dict[str, float | bool | str]]:
    """Anything that may be known of somebody."""
    kinds: dict[str, st.SearchStrategy[float | bool | str]] = {}
    for name, one in programme.inputs.items():
        if one.kind is InputKind.CHOICE:
            kinds[name] = st.sampled_from(sorted(one.choices))
        elif one.kind is InputKind.TRUTH:
            kinds[name] = st.booleans()
        else:
            low, high = max(one.least, -1e7), min(one.most, 1e8)
            kinds[name] = st.floats(low, high, allow_nan=False)
    kinds |= {one.id: st.booleans() for one in programme.conditions if one.when is None}
    return st.fixed_dictionaries(kinds)


@given(st.data())
def test_knowing_more_never_takes_back_what_was_said(data: st.DataObject) -> None:
    """Of every programme: who was eligible or not stays so, and the amount stays within the range it had."""
    programme = data.draw(st.sampled_from(sorted(SHIPPED.values(), key=lambda one: one.id)))
    known = data.draw(_known(programme))
    less = {name: value for name, value in known.items() if data.draw(st.booleans())}

    before, after = evaluate(programme, less, DAY), evaluate(programme, known, DAY)

    assert before.standing in (Standing.UNKNOWN, after.standing)
    assert after.standing is not Standing.UNKNOWN
    margin = 1e-9 * (1 + abs(after.amount.low))
    assert before.amount.low - margin <= after.amount.low <= after.amount.high <= before.amount.high + margin
    assert set(after.missing) == set()
    assert set(before.missing) <= known.keys() - less.keys()


def test_what_excludes_each_other_is_not_added() -> None:
    """Of two that cannot be had for the same thing the better one counts, and it is told which was left out."""
    rd: Known = {"rd_expensed": 1e6, "rd_amortised": 0, "tax_rate": 0.15, "business": "manufacturing"}
    rd = {**rd, "eligible_rd": True, "proper_accounts": True, "on_list": True}
    chosen = [SHIPPED[name] for name in ("cn-eit-rd-super-deduction", "cn-eit-rd-ic-mothermachine")]
    chosen += [SHIPPED["cn-eit-retrofit-credit"], SHIPPED["cn-eit-equipment-expensing"]]
    known: Known = {**rd, **RETROFIT, "unit_cost": 1e6, "usual_depreciation": 1e5, "newly_bought": True}

    found = {one.timing: one for one in together([(one, evaluate(one, known, DAY)) for one in chosen])}

    assert found[Timing.YEAR].amount == Range.only(1.2e6 * 0.15 + 60_000)
    assert found[Timing.YEAR].chosen == ("cn-eit-rd-ic-mothermachine", "cn-eit-retrofit-credit")
    assert found[Timing.YEAR].left_out == {"cn-eit-rd-super-deduction": ("cn-eit-rd-ic-mothermachine",)}
    assert found[Timing.DEFERRED].amount == Range.only(pytest.approx(135_000))  # type: ignore[arg-type]


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=9),
    st.sets(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=20),
)
def test_the_best_choice_is_that_of_trying_all(weights: list[int], pairs: set[tuple[int, int]]) -> None:
    """The greatest sum without two that exclude each other, as every choice tried one by one shows."""
    names = [str(at) for at in range(len(weights))]
    against = {
        a: frozenset(b for b in names if a != b and ({(int(a), int(b)), (int(b), int(a))} & pairs)) for a in names
    }
    told = {name: (float(weight), 0.0) for name, weight in zip(names, weights, strict=True)}

    found = best(told, against)

    tried = [{n for at, n in enumerate(names) if mask >> at & 1} for mask in range(2 ** len(names))]
    allowed = [one for one in tried if not any(against[n] & one for n in one)]
    assert not any(against[name] & found for name in found)
    assert sum(told[n][0] for n in found) == max(sum(told[n][0] for n in one) for one in allowed)


def test_a_figure_of_a_rule_can_be_changed_and_says_so() -> None:
    """Another rate is another edition, of nobody's word, with another digest; the rule itself stays as it was."""
    rule = SHIPPED["cn-eit-retrofit-credit"]

    other = changed(rule, {"rate": 0.2})

    assert evaluate(other, {**RETROFIT, "tax_due": 1e6}, DAY).amount == Range.only(155_000)
    assert "rate = 0.2" in other.edition.id
    assert other.edition.confidence.value == "own"
    assert other.sha256 != rule.sha256
    assert rule.parameters["rate"].on(DAY) == 0.1
    assert changed(rule, {}) is rule
    for wrong_one in ({"rates": 0.2}, {"rate": math.nan}):
        with pytest.raises(ConfigurationError):
            changed(rule, wrong_one)


def test_a_hub_adds_programmes_in_a_folder(tmp_path: Path) -> None:
    """A file of the same form is used beside those that ship; a folder that is not there adds none."""
    (tmp_path / "own.toml").write_text(FILE, "utf-8")

    found = programmes(tmp_path)

    assert found.findings == ()
    assert evaluate(found.of("local-meters", DAY), {"meters": 30}, DAY).amount == Range.only(20_000)
    assert len(programmes(tmp_path / "none").usable) == len(SHIPPED)
    with pytest.raises(ConfigurationError) as raised:
        found.of("local-metres", DAY)
    assert raised.value.key == "rules.programme.none"


@pytest.mark.parametrize(
    ("old", "new", "at", "key", "problem"),
    [
        ('source = "the measures"\n', "", "[[programme]]", "source", "programme.no_source"),
        ('confidence = "found"\n', "", "source", "source", "programme.no_source"),
        ('confidence = "found"', 'confidence = "sure"', "confidence", "confidence", "file.wants_one_of"),
        ("meters >= 5", "metres >= 5", "metres", "condition[1].when", "expression.no_name"),
        ("meters >= 5", "meters >= pot", "meters >=", "condition[1].when", "expression.units"),
        ("meters >= 5", "meters >= 501", "[[programme.condition", "condition[1]", "programme.nobody"),
        ("meters * rate", "meters + rate", "meters +", "step[1].formula", "expression.units"),
        ("min(meters * rate, 20_000)", "meters", 'unit = "CNY"\nformula', "step[1].unit", "programme.unit_of_step"),
        ('amount = "grant"', 'amount = "grand"', "grand", "amount", "programme.no_step"),
        ('budget = "pot"', 'budget = "pod"', "pod", "budget", "programme.no_parameter"),
        ('budget = "pot"', 'budget = "rate"', "budget", "budget", "programme.budget_unit"),
        ('budget = "pot"', 'budgets = "pot"', "budgets", "budgets", "file.unknown"),
        ('budget = "pot"', 'excludes = ["x"]', "excludes", "excludes", "programme.no_other"),
        ("to = 2026-12-31", "to = 2025-12-31", "to = ", "to", "programme.ends_before"),
        ("to = 2026-12-31", 'to = "soon"', "soon", "to", "file.wants_day"),
        ("value = 800", "value = true", "value", "parameter[1].value", "file.wants_number"),
        ("value = 800", "phase = [{ to = 2026-03-01, value = 8 }]", "phase", "parameter[1].phase", "programme.phases"),
        ("least = 0", "least = 600", "most = 500", "input[1].most", "programme.bounds"),
        (', zh = "电表" }', " }", "name", "name.zh", "file.missing"),
        ('["invoice"]', '["bill"]', "evidence", "input[1].evidence", "programme.no_evidence"),
        ('name = "meters"', 'name = "if"', 'name = "if"', "input[1].name", "file.wants_name"),
        ('unit = "pieces"', 'unit = "p^2"', "p^2", "input[1].unit", "file.wants_unit"),
        ("[[programme]]", "[[program]]", "[[program]]", "program", "file.unknown"),
        ("from = 2026-01-01", "from = 2026-01-", "from", "", "file.syntax"),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_cure(old: str, new: str, at: str, key: str, problem: str) -> None:
    """File, line, key, what is wrong and what to write; a programme with a fault is not used, the others are."""
    told = FILE.replace(old, new)
    assert told != FILE
    line = told[: told.index(at)].count("\n") + 1
    dotted = key if key in ("", "program") else f"programme[1].{key}"

    found = read_programmes([("programmes.toml", _shipped()), ("own.toml", told)])

    assert "local-meters" not in {one.id for one in found.usable}
    assert len(found.usable) == len(SHIPPED)
    places = {(one.file, one.line, one.key, one.problem) for one in found.findings}
    assert ("own.toml", line, dotted, f"rules.{problem}") in places
    for one in found.findings:
        assert has(one.problem)
        assert has(f"{one.problem}.cure")
        for language in LANGUAGES:
            assert one.problem not in one.sentence(language) + one.cure(language)


def test_two_editions_on_the_same_days_are_both_set_aside() -> None:
    """Neither is silently taken; one that says it replaces the other is used, and the other is told as replaced."""
    again = _shipped().replace('edition = "2024 no. 9"', 'edition = "ours"')
    own = again[again.index("[[programme]]") : again.index('id = "cn-eit-rd-super')].rsplit("[[programme]]", 1)[0]
    both = read_programmes([("programmes.toml", _shipped()), ("own.toml", own)])
    ours = read_programmes(
        [
            ("programmes.toml", _shipped()),
            ("own.toml", own.replace('timing = "year"', 'timing = "year"\nreplaces = true')),
        ]
    )

    assert "cn-eit-retrofit-credit" not in {one.id for one in both.usable}
    assert {one.file for one in both.findings if one.problem == "rules.programme.two_editions"} == {
        "programmes.toml",
        "own.toml",
    }
    assert ours.of("cn-eit-retrofit-credit", DAY).edition.id == "ours"
    assert [(one.file, one.problem) for one in ours.findings] == [("programmes.toml", "rules.programme.replaced")]


def test_programmes_that_disagree_about_each_other_are_set_aside() -> None:
    """One excludes what the other says can be had with it: both are shown and neither is used."""
    told = FILE.replace("budget", 'combines = ["cn-eit-rd-super-deduction"]\nbudget')
    other = _shipped().replace('excludes = ["cn-eit-rd-ic-mothermachine"]', 'excludes = ["local-meters"]')

    found = read_programmes([("programmes.toml", other), ("own.toml", told)])

    assert {"local-meters", "cn-eit-rd-super-deduction"} & {one.id for one in found.usable} == set()
    assert [one.problem for one in found.findings].count("rules.programme.disagree") == 2


def test_a_file_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    """One bad file does not take the others away."""
    (tmp_path / "a.toml").write_bytes(b"\xff\xfe")
    (tmp_path / "b.toml").write_text("#" * 1_000_001, "utf-8")
    (tmp_path / "c.toml").write_text(FILE, "utf-8")

    found = programmes(tmp_path)

    assert [one.problem for one in found.findings] == ["rules.file.unreadable", "rules.file.large"]
    assert "local-meters" in {one.id for one in found.usable}


@given(st.binary(max_size=400))
def test_no_text_breaks_the_reader(raw: bytes) -> None:
    """Whatever stands in a file is a programme or a finding."""
    text = FILE.replace("meters >= 5", raw.decode("utf-8", "replace").replace("\n", " "))

    found = read_programmes([("own.toml", text)])

    assert bool(found.usable) != bool(found.findings)
