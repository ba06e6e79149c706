"""Makes a figure of a label and a quantity: settles every dimension, or refuses with the reason."""

from __future__ import annotations

from decimal import Decimal

from ingest.dimensions import (
    BUDGETS,
    TARGET_AFTER,
    basis_of,
    population_of,
    scenario_of,
    year_and_period,
)
from ingest.lexicon import Token
from ingest.naming import remember_topic
from ingest.quantities import comparator
from ingest.records import WHOLE_DEPARTMENT, Quantity
from ingest.sentence import Figure, Scope, Sentence, fitted, phrase_start, refuse

# Measured on a day, not over a part of the year.
_AT_A_DATE = ("participation_rate", "total_assets", "e_certificate_activation_rate")


_BOUNDS = (">=", ">", "<=", "<")


def add(
    sentence: Sentence,
    quantity: Quantity,
    indicator: str,
    label: Token,
    from_: int,
    begin: int,
    left: int,
    rule: str,
    population: str | None = None,
    scenario: str = "",
    own_year: bool = True,
    year: int | None = None,
) -> None:
    entry = sentence.lexicon.indicators[indicator]
    amount = fitted(sentence, indicator, quantity, label)
    if amount is None:
        return
    value, decimals = amount
    mark, _, after = comparator(sentence.text, quantity.start, quantity.end)
    if quantity.kind == "range":
        mark, after = quantity.comparator, quantity.end
    settled: list[tuple[str, str]] = [("indicator", label.text)]
    if entry.family == "reimbursement" and _policy_rule(sentence, label, quantity, left):
        refuse(sentence, quantity, "a rule of the policy, not an outcome", indicator)
        return
    words = label.text
    if not scenario:
        scenario, words = scenario_of(sentence, entry.kind, indicator, label, left, begin, after)
        if mark in (">", "<") and label.start < left and TARGET_AFTER.match(sentence.text, after):
            # 「满意度95.9%,高于90%的目标」: the goal is 90 %.
            mark = "="
    if entry.kind == "amount" and "scenario" not in entry.dimensions:
        implied = (sentence.scope.scenario_from, "as its whole", "as the figure before")
        if scenario in BUDGETS and words not in implied and "结" not in label.text:
            refuse(sentence, quantity, "a budget of what is only counted when done", indicator)
            return
        scenario = "actual"
    settled.append(("scenario", words))
    groups: tuple[str, ...] = (population or "",)
    if population is None:
        groups, words = population_of(sentence, indicator, label, quantity, left, begin, after)
        reason = _no_group(groups, words, entry.kind)
        if reason:
            refuse(sentence, quantity, reason, indicator)
            return
        if groups == ("all",) and entry.population != "all":
            groups, words = (entry.population,), "whom the indicator is of"
        if words:
            settled.append(("population", words))
    year, period, words = _when(sentence, indicator, label, left, begin, own_year, year)
    if scenario == "target" and indicator != "budget_execution_rate":
        # A goal by a day in the year is the year's; how far to have spent by June is June's.
        period = ""
    if words:
        settled.append(("year", words))
    scenario = _by_year(scenario, dict(settled)["scenario"], mark, year, sentence.scope)
    subject = _whose(sentence, indicator, label)
    if indicator == "project_expenditure" and sentence.scope.project_report:
        # In a report on one project that project's money is the whole of it.
        indicator = "expenditure" if subject == sentence.scope.subject else indicator
    if subject != WHOLE_DEPARTMENT:
        settled.append(("subject", subject))
    basis = basis_of(sentence, indicator, label, left, begin) if "basis" in entry.dimensions else ""
    if not period:
        period = str(year) if year else ""
    outside = _outside(sentence, entry.lowest, entry.highest, value)
    if outside:
        refuse(sentence, quantity, outside, indicator)
        return
    review = _open_readings(entry.kind, scenario, dict(settled).get("scenario", ""), mark)
    for group in groups:
        figure = Figure(
            indicator=indicator,
            scenario=scenario,
            population=group,
            subject=subject,
            basis=basis,
            year=year,
            period=period,
            comparator=mark,
            value=value,
            unit=entry.unit,
            decimals=decimals,
            printed=quantity.printed,
            start=min(from_, begin),
            end=max(after, label.end if rule == "label after figure" else after),
            rule=rule,
            settled=tuple(settled),
            review=review,
        )
        sentence.state.figures.append(figure)
        sentence.state.figure = figure
    sentence.state.label = label
    sentence.state.indicator = indicator
    remember_topic(sentence, indicator, begin)
    sentence.state.scenario = scenario


def _no_group(groups: tuple[str, ...], words: str, kind: str) -> str:
    """Why a figure of these groups is none of ours, "" where it is."""
    if not groups:
        return f"a group without an id: '{words}'"
    return "one count for several groups" if len(groups) > 1 and kind == "count" else ""


def _when(
    sentence: Sentence,
    indicator: str,
    label: Token,
    left: int,
    begin: int,
    own_year: bool,
    year: int | None,
) -> tuple[int | None, str, str]:
    """Year and period of a figure, and the words that say so; `year` is one that is known before."""
    if year is not None:
        period, words = "", f"{year}年"
    elif own_year:
        stock = sentence.lexicon.indicators[indicator].kind == "count" or indicator in _AT_A_DATE
        year, period, words = year_and_period(sentence, left, begin, label, stock)
    else:
        year, period, words = sentence.scope.year, "", ""
    if indicator == "opening_balance" and year and year + 1 == sentence.scope.year:
        # 「2022年未用完结转」 opens 2023.
        year = sentence.scope.year
    return year, period, words


def _by_year(scenario: str, words: str, mark: str, year: int | None, scope: Scope) -> str:
    """The scenario, where the year of the figure shows that it is the other one."""
    if not year or not scope.year:
        return scenario
    if scenario == "target" and words == scope.scenario_from and year < scope.year:
        # A year already over in a plan: what was reached then.
        return "actual"
    if words == "nothing said otherwise" and mark in _BOUNDS and year > scope.year:
        # 「2024年参保率95%以上」 in the report on 2023: only what is planned can be told of it.
        return "target"
    return scenario


def _whose(sentence: Sentence, indicator: str, label: Token) -> str:
    """The project or fund that the money, or the score, is of; else the whole department."""
    of_score = indicator == "self_evaluation_score"
    own = label.kind in ("generic", "flow") or of_score or indicator == "budget_execution_rate"
    # 「甲项目预算20万元,全年支出19万元」: the whole's name for what a project spent.
    own = own or (indicator == "project_expenditure" and label.value == "expenditure")
    of_money = sentence.lexicon.indicators[indicator].family == "budget" or of_score
    if sentence.state.subject and (own or sentence.scope.project_report) and of_money:
        return sentence.state.subject
    return WHOLE_DEPARTMENT


def _open_readings(kind: str, scenario: str, words: str, mark: str) -> str:
    """Why a person should choose between two readings, "" where one is settled.

    A bound that neither heading nor sentence calls a goal or a result may be either.
    """
    bound = mark in _BOUNDS
    if kind != "amount" and bound and words == "nothing said otherwise":
        return "a bound: read as actual, but nothing says that it is no target"
    return ""


def _outside(
    sentence: Sentence, lowest: float | None, highest: float | None, value: Decimal
) -> str:
    if lowest is not None and value < Decimal(str(lowest)):
        return f"{value} is below any believable value"
    if highest is not None and value > Decimal(str(highest)):
        return f"{value} is above any believable value"
    return ""


def _policy_rule(sentence: Sentence, label: Token, quantity: Quantity, left: int) -> bool:
    """Whether a ratio is set by the policy: words of its rules, or tiers by level of care."""
    policy = sentence.lexicon.context["policy"]
    around = sentence.text[phrase_start(sentence, label.start, left) : quantity.start]
    tiers = {w for w in policy["levels"] if w in sentence.text[sentence.start : sentence.end]}
    if any(words in sentence.text[sentence.start : quantity.start] for words in policy["tiers"]):
        return True
    if len(tiers) > 1 and any(w in sentence.text[left : quantity.start] for w in tiers):
        return True
    return any(w in around for w in policy["words"]) and "限额内" not in around
