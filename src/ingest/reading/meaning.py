"""Which indicator a label names where it stands: its own, the topic's, a project's, or none of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ingest.reading.index import Figure, Lexicon
from ingest.reading.quantities import find
from ingest.reading.state import BUDGETS, Fact, Reading, in_brackets
from ingest.reading.words import Span
from ingest.records import WHOLE_DEPARTMENT

_ITEM_NUMBER = re.compile(r"^[(\[]?[\d一二三四五六七八九十]{1,3}[)\]、.]")
_NAME = re.compile(r"[\u4e00-\u9fff()\dA-Za-z]{4,36}")
_YEAR = re.compile(r"^.*(?:19|20)\d\d[^\d,;:]{0,2}(?<=[年度])")
_BARE_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_TIME = re.compile(r"(?:19|20)\d\d\D{0,2}$")
_BRACKETS = re.compile(r"\([^()]*\)")
_MONEY = ("spending", "income", "execution")


def lead_of(reading: Reading, label: Span, left: int) -> str:
    """The words of the label's own clause before it."""
    return reading.text[reading.clause_start(label.start, left) : label.start]


def indicator_named(reading: Reading, label: Span, left: int, figure: Figure) -> str:
    """The id of the indicator that a label names, "" where it is none of ours."""
    lead = lead_of(reading, label, left)
    if _of_others(reading, label, left, figure):
        return ""
    if label.type == "label":
        if _measures_else(reading, label, left):
            return ""
        topic = reading.book.indicators.get(reading.scope.topic)
        if topic and topic.kind == "rate" and topic.name_zh.endswith(label.text):
            # 执行率 under the item 政府采购执行率 is that rate.
            return topic.indicator
        return _specific(reading, label, left, figure)
    if label.type == "ratio":
        return ratio_named(reading, label, left)
    if label.type == "rate_of_topic":
        return _rate_of_topic(reading, label, left)
    if label.type == "generic":
        paid = _says_spent(reading, label) and not reading.scope.project_report
        if paid and _of_its_object(reading, label, figure):
            return ""
        return amount_named(reading, label, left)
    if label.type == "flow":
        return _flow(reading, label, left)
    return _short(reading, label, figure, lead)


# --- whose it is ---------------------------------------------------------------------------------


def _of_others(reading: Reading, label: Span, left: int, figure: Figure) -> bool:
    """Whether the clause speaks of another place, another office, or of one head each."""
    start = reading.clause_start(label.start, left)
    words = reading.book.words["names"]
    lead = _without(reading.text[start : label.start], words["asked"])
    before = reading.tiles(label.start - len(lead), label.start)
    if any(t.type == "per" for t in before) or ends_with_change(reading, label.start):
        return True
    if _elsewhere(reading, lead, label.start - len(lead)):
        return True
    named = lead + reading.text[label.end : figure.begin]
    if _endswith(_bare_scheme(reading, lead), words["towns"]) or any(
        w in lead for w in words["some_towns"]
    ):
        reading.state.elsewhere = True
        return True
    mean = re.search(words["all_counties"], lead) and re.search(words["on_average"], named)
    if (
        mean
        or any(t.type == "place" and t.value == "others" for t in before)
        or any(w in named for w in words["means"])
    ):
        return True
    # In a county's report the province's figures are another's; in the province's own they are its own.
    wide = bool(reading.scope.place) and any(
        t.type == "place" and t.value == "wide" for t in before
    )
    if wide and reading.has(reading.sentence.start, reading.sentence.end, "place.own"):
        return True
    return _other_insurance(reading, label)


def ends_with_change(reading: Reading, at: int) -> bool:
    """Whether what stands before text[at] makes it a change: 新增, 减少 …"""
    changes = tuple(reading.book.words["spans"]["change"]["word"])
    return reading.text.endswith(changes, reading.sentence.start, at)


def _bare_scheme(reading: Reading, lead: str) -> str:
    """The lead without the words of an insurance at its end: 城关镇居民基本 → 城关镇."""
    words = sorted(reading.book.words["names"]["schemes"], key=len, reverse=True)
    while lead:
        word = next((w for w in words if lead.endswith(w)), "")
        if not word:
            return lead
        lead = lead[: -len(word)]
    return lead


def _elsewhere(reading: Reading, lead: str, start: int) -> bool:
    """Whether the clause from text[start], or the one it goes on from, speaks of another office."""
    source = re.search(reading.book.words["names"]["source_line"], reading.text[:start])
    if not lead or source:
        return reading.state.elsewhere
    words = reading.book.words["names"]
    own = any(w in lead for w in words["own"]) or (
        reading.scope.office and any(n in lead for n in office_names(reading.scope.office))
    )
    if own:
        reading.state.elsewhere = False
    else:
        opened = _without(lead, words["openings"])
        office = re.match(words["other_office"], opened)
        if office:
            reading.state.elsewhere = True
    return reading.state.elsewhere


def office_names(office: str) -> tuple[str, ...]:
    """A reporting unit's name, whole and without the county in front."""
    return (office, office[-5:]) if len(office) > 5 else (office,)


def _other_insurance(reading: Reading, label: Span) -> bool:
    """Whether the last insurance named is none for health (养老, 失业, 工伤 …)."""
    role = reading.role(label.value)
    of_money = role in ("fund_income", "fund_spending", *_MONEY) or label.type == "flow"
    if role not in ("participation", "insured") and not of_money:
        return False
    names = reading.book.words["names"]
    # What a fund earned and spent may be told over several sentences.
    start = 0 if of_money else reading.sentence.start
    said = _BRACKETS.sub("", reading.text[start : label.end])
    # 「医疗、生育保险基金」 is one fund, and ours.
    said = re.sub(names["joined_insurance"], names["insurances"][-3], said)
    if of_money and not re.search(names["other_fund"], said):
        return False
    ours = max((said.rfind(w) for w in names["insurances"]), default=-1)
    other = max((said.rfind(w) for w in names["other_insurances"]), default=-1)
    return other >= 0 and other >= ours


# --- a label of its own --------------------------------------------------------------------------


def _measures_else(reading: Reading, label: Span, left: int) -> bool:
    """Whether a score or a rate with a common name is one of something else, by the words before."""
    rules = reading.book.words["measures"].get("else", [])
    start = reading.clause_start(label.start, left)
    wide = reading.clause_start(max(start - 1, left), left)
    for rule in rules:
        if reading.role(label.value) != rule.get("role", reading.role(label.value)):
            continue
        if rule.get("label") and label.text not in rule["label"]:
            continue
        first = {"sentence": reading.sentence.start, "clauses": wide}.get(rule["extent"], start)
        said = reading.text[first : label.start]
        own = any(w in said + label.text for w in rule.get("unless", ()))
        asked = not rule.get("words") or any(w in said for w in rule["words"])
        if not own and asked:
            return True
    return False


def _specific(reading: Reading, label: Span, left: int, figure: Figure) -> str:
    role = reading.role(label.value)
    shared = reading.has(label.end, figure.begin, "all", "link.all")
    if figure.kind == "amount" and reading.entry(label.value).kind == "amount" and not shared:
        whole = whole_of_list(reading, label, left)
        if whole is not None:
            return whole
    if role in ("participation", "fund_income") and figure.kind == "count":
        return reading.book.of_role("insured")
    if _of_something_else(reading, label, left, figure):
        return ""
    if role == "score":
        return label.value if _scored(reading, lead_of(reading, label, left)) else ""
    if role == "insured":
        return _insured(reading, label, left)
    if role in _MONEY:
        return _department_money(reading, label, left, role)
    return _of_fund(reading, label, left)


def _of_something_else(reading: Reading, label: Span, left: int, figure: Figure) -> bool:
    """Whether money with a label of its own is that of a part, an insurance fund or another year."""
    role = reading.role(label.value)
    if role in ("fund_income", "fund_spending") and _part_of_fund(reading, label):
        return True
    return {
        "income": lambda: _holds_balance(reading, label),
        "spending": lambda: _of_its_object(reading, label, figure),
        "fund_income": lambda: not _names_fund(reading, label),
        "fund_spending": lambda: not _names_fund(reading, label),
        "closing_balance": lambda: _of_the_fund(reading) or _of_one_source(reading, label, left),
        "opening_balance": lambda: (
            not _opens_this_year(reading, label, left, figure)
            or _of_one_source(reading, label, left)
        ),
    }.get(role, lambda: False)()


def _of_its_object(reading: Reading, label: Span, figure: Figure) -> bool:
    """「全年支出低保资金667万元」: what was paid for is named between, and is a part of the whole."""
    said = _BRACKETS.sub("", reading.text[label.end : figure.begin])
    return re.search(reading.book.words["names"]["paid_for"], said) is not None


def _of_fund(reading: Reading, label: Span, left: int) -> str:
    known = reading.entry(label.value)
    if known.family == "budget" and known.kind == "rate":
        news = reading.scope.insured and not reading.scope.project_report
        if news or _fund_in(reading, lead_of(reading, label, left)):
            # The rate of a fund, or in news of an insurance, is none of the department's.
            return ""
    return label.value


def _fund_in(reading: Reading, words: str) -> bool:
    return any(w in words for w in reading.book.words["names"].get("fund", ()))


def _of_one_source(reading: Reading, label: Span, left: int) -> bool:
    """「国债转贷资金上年结余11万元」: what is left of one source of money."""
    lead = _ITEM_NUMBER.sub("", lead_of(reading, label, left))
    return any(lead.endswith(w) for w in reading.book.words["names"]["sources"])


def _of_the_fund(reading: Reading) -> bool:
    """Whether the sentence speaks of an insurance fund: what is left of it is not the office's."""
    topic = reading.role(reading.state.topic) in ("fund_income", "fund_spending")
    return topic or reading.scope.fund


def _holds_balance(reading: Reading, label: Span) -> bool:
    """收入总计 that includes last year's balance is no revenue of the year."""
    words = reading.book.words["names"]
    said = reading.text[reading.sentence.start : reading.sentence.end]
    if label.text.endswith(tuple(words["totals"])) and any(w in said for w in words["balance"]):
        return True
    return (
        re.match(words["opened_with"], reading.text[label.end : reading.sentence.end]) is not None
    )


def _part_of_fund(reading: Reading, label: Span) -> bool:
    """「基金收入7.4亿元,其中统筹基金收入4.5亿元」: the pooled account is a part of the fund."""
    if not any(w in label.text for w in reading.book.words["names"].get("pooled", ())):
        return False
    part = reading.part_start(label.start)
    whole = any(f.indicator == label.value and f.start >= part for f in reading.state.facts)
    return whole or reading.has(part, label.start, "part.list")


def _names_fund(reading: Reading, label: Span) -> bool:
    """Whether a bare 筹资 stands in words, or below a title, that name an insurance."""
    names, scope = reading.book.words["names"], reading.scope
    if label.text not in names.get("bare_raising", ()) or scope.fund or scope.insured:
        return True
    said = reading.text[: label.start] + scope.service
    return any(w in said for w in names["our_insurances"])


def _opens_this_year(reading: Reading, label: Span, left: int, figure: Figure) -> bool:
    """Whether a bare 结转 is said of last year; longer names say it themselves."""
    if label.text not in reading.book.words["names"]["bare_balance"]:
        return True
    around = lead_of(reading, label, left) + reading.text[label.end : figure.begin]
    before = str(reading.scope.year - 1) if reading.scope.year else ""
    previous = [
        s for s in reading.tiles(left, figure.begin) if s.type == "time" and s.value == "previous"
    ]
    return bool(before and before in around) or bool(previous)


def _scored(reading: Reading, lead: str) -> bool:
    """Whether it is known what was scored; 「甲项目自评得分98分」 makes it what is spoken of."""
    words = reading.book.words["names"]
    if re.search(words["whole_office"], lead):
        reading.state.subject = ""
        return True
    name = subject_in(reading, lead)
    if name:
        reading.state.subject = name.removesuffix(words["project"])
    of_project = reading.scope.project_report or reading.state.subject
    return bool(of_project) or not lead.endswith(words["project"])


def _insured(reading: Reading, label: Span, left: int) -> str:
    """资助…参保 counts those whose premium was paid."""
    clause = reading.tiles(reading.clause_start(label.start, left), label.start)
    grants = [n for n, t in enumerate(clause) if t.type == "grant" and t.value == "paid"]
    between = clause[grants[-1] + 1 :] if grants else []
    groups = [t for t in between if t.type == "group"]
    if groups and all(t.type in ("group", "and", "neutral", "of") for t in between):
        # 「补贴低保对象参保6427人」
        return reading.book.of_role("subsidised")
    for other in reading.sentence.labels:
        paid = other.type == "label" and reading.role(other.value) == "subsidised"
        if paid and left <= other.start < label.start:
            between = reading.tiles(other.end, label.start)
            if all(
                t.type not in ("figure", "label") and t.value not in ("semicolon", "comma")
                for t in between
            ):
                reading.state.used.add(other.start)
                return other.value
    return label.value


def _department_money(reading: Reading, label: Span, left: int, role: str) -> str:
    names = reading.book.words["names"]
    lead = lead_of(reading, label, left)
    if re.search(names["whole_office"], lead + label.text) and not reading.scope.project_report:
        reading.state.subject = ""
    if role == "execution":
        return _execution(reading, label, left, lead)
    part = part_before(reading, label, left)
    if part is not None and role == "spending":
        reading.state.used.add(part.start)
        whole = whole_of_list(reading, part, left)
        return part.value if whole is None else whole
    if role == "spending" and _beside_its_part(reading, label, left):
        return ""
    fund = {"spending": "fund_spending", "income": "fund_income"}[role]
    of_fund = reading.role(reading.state.topic) in ("fund_spending", "fund_income")
    if of_fund or re.search(names["own_fund"], _BRACKETS.sub("", lead)):
        return reading.book.of_role(fund)
    if _of_a_unit(reading, label, lead):
        return ""
    if any(w in lead for w in names["projects"]) and not subject_in(reading, lead):
        reading.state.stranger = label.start
        return ""
    if not lead and _of_stranger(reading, label):
        return ""
    own_subject = reading.state.subject and reading.state.subject != reading.scope.subject
    if role == "spending" and own_subject:
        return reading.book.of_role("project_spending")
    if label.text in reading.book.words["generic"]["spending"]:
        return amount_named(reading, label, left)
    return label.value


def _beside_its_part(reading: Reading, label: Span, left: int) -> bool:
    """「三公经费某某支出合计28亿元」: of the part named in the same clause, or of the whole?"""
    clause = reading.clause_start(label.start, left)
    return any(
        t.type == "label" and is_part_of_spending(reading, t.value)
        for t in reading.sentence.labels
        if clause <= t.start and t.end <= label.start
    )


def _of_a_unit(reading: Reading, label: Span, lead: str) -> bool:
    """Whether the money is a fund's, or that of one unit of several."""
    names = reading.book.words["names"]
    since = reading.sentence.start
    if re.search(names["one_unit"], lead) and reading.has(since, label.start, "part.list"):
        return True
    return reading.scope.fund or _fund_in(reading, lead) or reading.scope.part


def _execution(reading: Reading, label: Span, left: int, lead: str) -> str:
    names = reading.book.words["names"]
    words = lead + label.text
    if reading.scope.insured and not reading.scope.project_report:
        return ""
    if label.text.endswith(tuple(names["budget_ends"])):
        return _completion(reading, label, left)
    if any(w in words for w in names["at_check"]) or _of_a_unit(reading, label, lead):
        return ""
    of_part = re.search(names["part_executed"], words)
    whole = reading.scope.project_report or reading.state.subject
    if (of_part or _of_stranger(reading, label)) and not whole:
        return ""
    named = part_before(reading, label, left)
    measured = named.value if named else _part_measured(reading, label, left)
    return _rate_of(reading, measured) if measured else label.value


def _rate_of(reading: Reading, amount: str) -> str:
    """The rate whose numerator an amount is, "" for none."""
    for indicator in reading.book.indicators.values():
        if (
            indicator.kind == "rate"
            and indicator.numerator == f"{amount}/actual"
            and indicator.denominator.startswith(f"{amount}/")
        ):
            return indicator.indicator
    return ""


def _completion(reading: Reading, label: Span, left: int) -> str:
    """「支出1125万元,完成年初预算的114%」: of the amount just stated, if it is ours."""
    before = [f for f in reading.sentence.figures if f.end <= label.start]
    previous, fact = (before[-1] if before else None), reading.state.fact
    if previous is not None and previous.kind == "amount" and left > reading.sentence.start:
        own = fact is not None and fact.at >= previous.quantity.start
        if _is_change(reading, previous):
            # The change is no amount of its own.
            own = bool(reading.state.facts)
            reading.state.fact = reading.state.facts[-1] if own else None
        labelled = any(left <= t.start and t.end <= label.start for t in reading.sentence.labels)
        if not own and not labelled:
            return ""
    if any(w in reading.text[left : label.start] for w in reading.book.words["names"]["added"]):
        return ""
    return completion_of(reading, label, left)


def _is_change(reading: Reading, figure: Figure) -> bool:
    return ends_with_change(reading, figure.begin) or figure.kind == "points"


def completion_of(reading: Reading, label: Span, left: int) -> str:
    """What 完成预算的x% is said of: the amount named or stated before it, else the topic."""
    fact = reading.state.fact
    stated = (
        fact.indicator
        if fact is not None and reading.entry(fact.indicator).kind == "amount"
        else ""
    )
    named = [
        t
        for t in reading.sentence.labels
        if left <= t.start and t.end <= label.start and t.start not in reading.state.closed
    ]
    if named and named[-1].type in ("generic", "label"):
        last = named[-1]
        stated = amount_named(reading, last, left) if last.type == "generic" else last.value
    topic = stated or reading.state.topic
    role = reading.role(topic)
    if role in ("", "spending", "execution") and topic in (
        "",
        reading.book.of_role("spending"),
        reading.book.of_role("execution"),
    ):
        return reading.book.of_role("execution")
    if role == "project_spending" and reading.state.subject:
        return reading.book.of_role("execution")
    if role == "three_public_control":
        return topic
    return (
        _rate_of(reading, topic)
        if role in ("income", "three_public")
        else _rate_named(reading, topic)
    )


def _rate_named(reading: Reading, topic: str) -> str:
    """「收入预算完成率」 as the topic stays that rate; of other amounts 完成预算的 is no indicator."""
    return ""


def part_before(reading: Reading, label: Span, left: int) -> Span | None:
    """「三公经费全年支出」: the part of the spending that the words right before the label name."""
    spending = reading.book.of_role("spending")
    for token in reversed(reading.sentence.labels):
        if token.start in reading.state.closed:
            continue
        if left <= token.start and token.end <= label.start:
            gap = reading.text[token.end : label.start]
            listed = any(t.type == "and" for t in reading.tiles(token.end, label.start))
            joined = not listed and only_soft(reading, token.end, label.start) and "," not in gap
            is_part = token.type == "label" and is_part_of_spending(reading, token.value, spending)
            return token if is_part and joined else None
    return None


def is_part_of_spending(reading: Reading, indicator: str, spending: str = "") -> bool:
    """Whether an amount is a part of the department's spending, summed or within it."""
    spending = spending or reading.book.of_role("spending")
    within = {
        p for t in reading.book.sums if t.by == "within" and t.whole == spending for p in t.parts
    }
    wholes = reading.book.wholes(indicator) | {indicator}
    return (spending in wholes and indicator != spending) or bool(wholes & within)


def _part_measured(reading: Reading, label: Span, left: int) -> str:
    """The part of the spending whose budget and spending a bare 执行率 compares, "" for the whole."""
    names = reading.book.words["names"]
    if re.search(names["whole_named"], lead_of(reading, label, left) + label.text):
        return ""
    since = reading.part_start(label.start)
    amounts = [
        f
        for f in reading.state.facts
        if f.at >= since and reading.entry(f.indicator).kind == "amount"
    ]
    if not amounts or not is_part_of_spending(reading, amounts[-1].indicator):
        return ""
    last = amounts[-1]
    if last.subject != WHOLE_DEPARTMENT:
        return ""
    compared = len(amounts) > 1 and amounts[-2].indicator == last.indicator
    listed = reading.has(since, label.start, "part.list")
    alone = not listed and all(is_part_of_spending(reading, f.indicator) for f in amounts)
    # 「其中:出国费8657万元,执行比例90%,接待费8万元,执行比例2%」: a rate behind each item.
    rates = [t for t in reading.sentence.labels if reading.role(t.value) == "execution"]
    each = listed and len(rates) > 1
    return last.indicator if compared or alone or each else ""


def _rate_of_topic(reading: Reading, label: Span, left: int) -> str:
    """A bare 控制率: the control rate of the amount that the sentence is about."""
    if not department_only(reading, lead_of(reading, label, left)):
        return ""
    completes = label.text in reading.book.words["generic"]["completion"]
    fact = reading.state.fact
    if completes and fact is not None and fact.subject != WHOLE_DEPARTMENT:
        return (
            reading.book.of_role("execution") if fact.unit == reading.book.units["amount"] else ""
        )
    ending = label.text
    for token in reversed(reading.sentence.labels):
        # 「预算完成率:支出…,预算…,完成率95%」: the full name stands before.
        if token.type == "label" and token.end < label.start and token.text.endswith(ending):
            return token.value
    amounts = [
        f.indicator for f in reading.state.facts if reading.entry(f.indicator).kind == "amount"
    ]
    compared = amounts[-1:] if len(amounts) > 1 and amounts[-1] == amounts[-2] else []
    for topic in (*compared, reading.state.topic):
        for indicator in reading.book.indicators.values():
            about = indicator.indicator == topic or indicator.numerator.partition("/")[0] == topic
            if topic and about and ending in indicator.topic_labels:
                return indicator.indicator
    return ""


def ratio_named(reading: Reading, label: Span, left: int) -> str:
    """The reimbursement ratio that the noun phrase ending with the label names, or ""."""
    start = reading.clause_start(label.start, left)
    phrase = reading.text[start : label.end]
    # 「报销比例(住院)」: the brackets name the service.
    service = re.match(r"\([^()\d]{2,8}\)", reading.text[label.end :])
    phrase += service.group(0) if service else ""
    before = reading.text[reading.sentence.start : start]
    return ratio_of(
        reading.lexicon, phrase, before.rpartition(";")[2], before, reading.scope.service
    )


def ratio_of(lexicon: Lexicon, phrase: str, segment: str, sentence: str, service: str = "") -> str:
    """Which ratio a noun phrase names, "" if it names none of ours.

    Where the phrase names no service, the words before it do: `segment` those since the last
    semicolon, `sentence` all of the sentence's, then the heading.
    """
    rules = lexicon.book.words.get("ratios", {})
    said = phrase
    for costs in lexicon.assisted_costs:
        said = said.replace(costs, "")
    if any(word in said for word in rules.get("refused", ())):
        return ""
    money = any(w in sentence + phrase + service for w in rules.get("of_care", ()))
    if phrase in rules.get("of_money", ()) and not money:
        # 「资金支付1850万元,未支70万元,支付率96%」: how much of the money was paid.
        return ""
    named = _first_kind(rules, phrase, "phrase")
    for rule in rules.get("leads", ()):
        fits = named in rule["of"] and all(
            any(w in _where(rule, segment, sentence, service) for w in words)
            for words in rule["all"]
        )
        unless = any(w in segment + phrase for w in rule.get("without", ()))
        unless = unless or any(w in sentence for w in rule.get("unless_sentence", ()))
        before = sentence[: len(sentence) - len(segment)]
        if fits and not unless and re.search(rule.get("earlier", ""), before):
            return str(rule["indicator"])
    return named


def _where(rule: dict[str, object], segment: str, sentence: str, service: str) -> str:
    return {
        "segment": segment,
        "clause": segment[:-1].rpartition(",")[2],
        "sentence": sentence,
        "heading": service,
    }[str(rule["where"])]


def _first_kind(rules: dict[str, object], phrase: str, where: str) -> str:
    kinds: Iterable[dict[str, object]] = rules.get("kinds", ())  # type: ignore[assignment]
    for kind in kinds:
        lists: Iterable[list[str]] = kind["all"]  # type: ignore[assignment]
        without: Iterable[str] = kind.get("without", ())  # type: ignore[assignment]
        if all(any(w in phrase for w in words) for words in lists) and not any(
            w in phrase for w in without
        ):
            return str(kind["indicator"])
    return ""


# --- a generic word for an amount ----------------------------------------------------------------


def amount_named(reading: Reading, label: Span, left: int) -> str:
    """预算数, 实际支出 and the like: of the label before them, the topic, or the department."""
    names = reading.book.words["names"]
    start = reading.clause_start(label.start, left)
    lead = reading.text[start : label.start]
    near = _amount_before(reading, label, left)
    if near is None:
        near = (
            _in_its_brackets(reading, label)
            or _budget_of_item(reading, label)
            or _spent_of_budget(reading, label)
        )
    if near:
        return near
    subject = subject_in(reading, lead) or _in_list_of_projects(reading, lead)
    if subject:
        reading.state.subject = subject
        return _own_money(reading)
    if _of_a_unit(reading, label, lead) or _adjusted_by(reading, label):
        return ""
    if _one_unit_of_several(reading, label, lead):
        reading.state.stranger = label.start
        return ""
    if near is not None:
        # An item stands before it that is none of ours, or that nothing ties to it.
        reading.state.stranger = label.start
        return near
    if _shares(reading, label):
        return _budget_of_spent(reading, label)
    if _other_cost(reading, label.start):
        reading.state.stranger = label.start
        return ""
    if _settles_income(reading, label):
        return reading.book.of_role("income")
    paid = re.search(names["payer_lead"], lead) and not reading.scope.project_report
    if paid or not department_only(reading, lead) or re.match(names["its"], lead):
        _note_owner(reading, label, lead)
        return ""
    return _department_amount(reading, label, start, lead)


def _note_owner(reading: Reading, label: Span, lead: str) -> None:
    """Remembers that the words before an amount name an owner whom nobody knows."""
    names = reading.book.words["names"]
    name = name_in(reading, lead)
    unowned = label.text not in names["issued"] and _NAME.fullmatch(name)
    if unowned and not re.search(names["no_owner"], name):
        reading.state.stranger = label.start


def _department_amount(reading: Reading, label: Span, start: int, lead: str) -> str:
    names = reading.book.words["names"]
    subject = _subject_before(reading, start)
    if subject:
        reading.state.subject = subject
    if reading.state.subject:
        return _own_money(reading)
    if re.search(names["counted_projects"], reading.text[reading.part_start(start) : start]):
        return reading.book.of_role("project_spending")
    issued = label.text in names["issued"] and not (
        reading.scope.project_report and re.search(names["all_issued"], lead)
    )
    if issued or re.search(names["this_project"], lead) or _of_stranger(reading, label):
        return (
            reading.book.of_role("spending") if reading.scope.project_report and not issued else ""
        )
    return (
        _spoken_of(reading, label)
        or _amount_of_topic(reading, lead + label.text)
        or reading.book.of_role("spending")
    )


def _spoken_of(reading: Reading, label: Span) -> str:
    """「公务接待费方面,2022年决算数2万元」: the one item that the clause before names without a figure."""
    if label.type != "generic":
        return ""
    start = reading.clause_start(label.start, reading.sentence.start)
    since = max(
        reading.part_start(start), reading.state.facts[-1].end if reading.state.facts else 0
    )
    named = [t for t in reading.sentence.labels if since <= t.start and t.end <= start]
    if len(named) != 1 or named[0].type != "label":
        return ""
    spoken = named[0].value
    if spoken in reading.book.wholes(reading.state.topic):
        # 「购置公务用车0辆,预算0万元」 under a heading on purchases.
        return ""
    return spoken if is_part_of_spending(reading, spoken) else ""


def _own_money(reading: Reading) -> str:
    """A project's money: in a report on one project it is the whole of the report's."""
    return reading.book.of_role("spending" if reading.scope.project_report else "project_spending")


def _shares(reading: Reading, label: Span) -> bool:
    return any(t.end == label.start and t.type == "share" for t in reading.sentence.tiles)


def _adjusted_by(reading: Reading, label: Span) -> bool:
    """「预算调整数72万元,调整率8.8%」: by how much, not to what."""
    names = reading.book.words["names"]
    said = reading.text[reading.sentence.start : reading.sentence.end]
    return label.text in names["adjusted_by"] and any(w in said for w in names["adjustment_rate"])


def _one_unit_of_several(reading: Reading, label: Span, lead: str) -> bool:
    """「医保中心预算210万元,支出205万元;局机关预算610万元」: each unit's own is a part."""
    unit_of = reading.book.words["names"]["unit_of"]
    said = reading.text[reading.sentence.start : reading.sentence.end]
    return len(set(re.findall(unit_of, said))) > 1 and re.search(unit_of, lead) is not None


def _in_its_brackets(reading: Reading, label: Span) -> str | None:
    """「公务接待费1.15万元(预算1.5万元)」: brackets right behind a figure are about it."""
    fact = reading.state.fact
    if (
        fact is None
        or reading.text[fact.end : fact.end + 1] != "("
        or not in_brackets(reading.text, label.start)
    ):
        return None
    amount = reading.entry(fact.indicator).kind == "amount"
    inside = only_soft(reading, fact.end + 1, label.start)
    return fact.indicator if amount and inside else None


def _spent_of_budget(reading: Reading, label: Span) -> str | None:
    """「公务接待费预算2万元,决算1.32万元」: what was spent of the item just budgeted."""
    fact = reading.state.fact
    spending = reading.book.of_role("spending")
    if (
        fact is None
        or not is_part_of_spending(reading, fact.indicator)
        or fact.scenario not in BUDGETS
    ):
        return None
    gap = reading.text[fact.end : label.start]
    own = re.fullmatch(r",[^,;。:、()\d]{0,4}", gap) is not None
    if not (own and only_soft(reading, fact.end, label.start) and _says_spent(reading, label)):
        return None
    since = reading.part_start(label.start)
    near = [f for f in reading.state.facts if f.at >= since]
    wholes = reading.book.wholes(fact.indicator)
    stated = {f.scenario for f in near if f.indicator in wholes}
    if not stated or "actual" in stated:
        return fact.indicator
    # 「预算1020万元,其中人员420万元,项目600万元,实际支出998万元」: of the whole, behind its items;
    # behind a single item nobody can tell.
    items = {
        f.indicator
        for f in near
        if is_part_of_spending(reading, f.indicator, spending) and f.scenario in BUDGETS
    }
    return None if len(items - wholes) > 1 else ""


def _budget_of_spent(reading: Reading, label: Span) -> str:
    """「支出2.7万元,占年初预算3万元的90%」: the budget of what was spent, and then the share."""
    fact = reading.state.fact
    if fact is None or reading.entry(fact.indicator).kind != "amount" or fact.scenario != "actual":
        return ""
    if not re.fullmatch(r",.", reading.text[fact.end : label.start]) or _says_spent(reading, label):
        return ""
    return fact.indicator


def _says_spent(reading: Reading, label: Span) -> bool:
    said = reading.index.said(label.start, label.end)
    return label.type == "flow" or (bool(said) and said[-1].value in ("done", "spent"))


def _budget_of_item(reading: Reading, label: Span) -> str | None:
    """「…;公务接待费2.05万元,年初预算2万元;…」: the budget behind what was spent of one item."""
    fact = reading.state.fact
    if fact is None or fact.scenario != "actual" or _says_spent(reading, label):
        return None
    if not is_part_of_spending(reading, fact.indicator) or not re.fullmatch(
        r",", reading.text[fact.end : label.start]
    ):
        return None
    since = reading.part_start(label.start)
    wholes = reading.book.wholes(fact.indicator)
    near = {f.indicator for f in reading.state.facts if f.at >= since}
    opened = [t for t in reading.tiles(since, fact.start) if t.type == "part"]
    budgeted = any(
        f.indicator in wholes and f.scenario in BUDGETS
        for f in (*reading.state.earlier, *reading.state.facts)
    )
    alone = near == {fact.indicator} and (since > reading.sentence.start or not opened)
    return fact.indicator if alone or (budgeted and len(near - wholes) == 1) else None


def _of_stranger(reading: Reading, label: Span) -> bool:
    """「某项费用预算60万元,支出45.5万元,执行率75.83%」: whose budget nobody knows, his is the rest."""
    stranger = reading.state.stranger
    between = reading.text[max(stranger, 0) : label.end]
    whole = reading.book.words["names"]["whole_named"]
    return stranger >= 0 and ";" not in between and not re.search(whole, between)


def _settles_income(reading: Reading, label: Span) -> bool:
    """「收入预算36214万元,决算数34980万元」: what came in of the revenue budgeted."""
    fact = reading.state.fact
    names = reading.book.words["names"]
    return (
        fact is not None
        and reading.role(fact.indicator) == "income"
        and fact.scenario in BUDGETS
        and not any(w in label.text for w in reading.book.words["generic"]["flow_out"])
        and any(w in label.text for w in names["settled"])
        and re.fullmatch(r",[^,;]{0,4}", reading.text[fact.end : label.start]) is not None
    )


def _other_cost(reading: Reading, at: int) -> bool:
    """Whether the clauses before are about a cost that is no indicator: 培训费, 运维成本 …"""
    since = reading.part_start(at)
    last = max(
        (t.end for t in reading.sentence.labels if t.type == "label" and t.end <= at), default=0
    )
    said = reading.text[max(since, last) : at]
    return any(cost in said for cost in reading.book.words["department"]["other_costs"])


def _amount_before(reading: Reading, label: Span, left: int) -> str | None:
    """The amount named between the last figure and a generic word: "" if it is not ours."""
    before = [
        t
        for t in reading.sentence.labels
        if left <= t.start
        and t.end <= label.start
        and t.start not in reading.state.closed
        and (
            t.type in ("label", "not_label")
            or (t.type == "short" and t.start == reading.clause_start(t.start, left))
        )
    ]
    if not before:
        return None
    near = before[-1]
    if near.type == "label":
        whole = whole_of_list(reading, near, left)
        if whole is not None:
            for token in before:
                reading.state.used.add(token.start)
            return whole
    apart = re.search("[,;:]", reading.text[near.end : label.start])
    if near.type == "short" and reading.entry(near.value).kind != "amount":
        # 「职工医保基金2023年收入7486万元」: a scheme is no amount.
        return None
    if near.type == "not_label" or reading.entry(near.value).kind != "amount":
        return None if apart else ""
    if only_soft(reading, near.end, label.start):
        reading.state.used.add(near.start)
        if near.text in reading.book.words["generic"]["spending"]:
            # 「三公经费预算5万元,全年支出决算4万元」: two general words, of what is spoken of.
            return _department_money(reading, near, left, reading.role(near.value))
        return near.value
    return None if apart else ""


def whole_of_list(reading: Reading, label: Span, left: int) -> str | None:
    """「出国费、公务用车费和接待费的预算数27万元」: parts listed before one figure are their whole.

    "" where some parts only are listed, None where nothing is listed.
    """
    listed = [label]
    for token in reversed(reading.sentence.labels):
        if (
            token.end > listed[0].start
            or token.start < left
            or token.type not in ("label", "short")
        ):
            continue
        between = reading.tiles(token.end, listed[0].start)
        if not between or any(t.type not in ("and", "neutral", "of") for t in between):
            break
        if not any(t.type == "and" for t in between):
            break
        listed.insert(0, token)
    if len(listed) < 2:
        return None
    named = {t.value for t in listed}
    for total in reading.book.sums:
        parts = set(total.parts)
        if total.by == "kind" and named <= parts | reading.book.parts(total.whole):
            covered = {p for p in parts if p in named or named & reading.book.parts(p)}
            return total.whole if covered == parts else ""
    return None


def _amount_of_topic(reading: Reading, words: str) -> str:
    """The amount that the sentence is about, "" where it is about the whole department.

    Revenue and balances are no topic of a budget or of spending.
    """
    if not reading.state.topic:
        return ""
    topic = reading.entry(reading.state.topic)
    amount = topic.indicator if topic.kind == "amount" else topic.numerator.partition("/")[0]
    if (
        not amount
        or amount not in reading.book.indicators
        or reading.entry(amount).kind != "amount"
    ):
        return ""
    role = reading.role(amount)
    if role == "income":
        inward = any(w in words for w in reading.book.words["generic"]["flow_in"])
        return amount if inward else ""
    return "" if role in ("opening_balance", "closing_balance") else amount


def _subject_before(reading: Reading, start: int) -> str:
    """The project that an earlier clause without a figure opens with."""
    names = reading.book.words["names"]
    if re.search(names["whole_office"], reading.text[reading.part_start(start) : start]):
        return ""
    part = reading.text[reading.sentence.start : start].rpartition(";")[2]
    clauses = re.split("[,:]", part)
    for clause in reversed(clauses):
        opening = re.match(names["project_opens"], clause)
        if opening and not find(clause):
            return subject_in(reading, opening.group(1))
    if len(clauses) > 1 and not find(clauses[0]):
        # In a list of projects an item opens with the project's name; any numbered item that opens
        # with a name of a cost does.
        name = _ITEM_NUMBER.sub("", clauses[0])
        costs = tuple(reading.book.words["projects"]["costs"])
        of_item = name != clauses[0] and name.endswith(costs) and not holds_label(reading, name)
        listed = reading.scope.projects and name.endswith(costs)
        if 4 <= len(name) <= 36 and "。" not in name and (listed or of_item):
            return name
    return ""


def holds_label(reading: Reading, name: str) -> bool:
    """Whether a name holds a label of an indicator."""
    return any(t.type in ("label", "not_label") for t in reading.lexicon.labels(name))


def department_only(reading: Reading, lead: str) -> bool:
    """Whether the words before a generic amount name nothing but the department itself."""
    names = reading.book.words["names"]
    lead = re.sub(names["compared_lead"], "", _ITEM_NUMBER.sub("", lead))
    lead = _BARE_YEAR.sub("", lead)
    for office in office_names(reading.scope.office) if reading.scope.office else ():
        lead = lead.replace(office, "")
    lead = re.sub(names["office_opens"], "", lead)
    for word in sorted(reading.book.words["department"]["words"], key=len, reverse=True):
        lead = lead.replace(word, "")
    return soft_text(reading.lexicon, lead)


def subject_in(reading: Reading, lead: str) -> str:
    """The name of a project or fund that ends the words before a generic amount, or ""."""
    projects, names = reading.book.words["projects"], reading.book.words["names"]
    name = name_in(reading, lead)
    if name in projects["no_name"] or not 5 <= len(name) <= 40:
        return ""
    if re.search(names["reason"], name) or any(name.startswith(w) for w in names["no_name_opens"]):
        return ""
    return name if name.endswith(tuple(projects["endings"])) else ""


def name_in(reading: Reading, lead: str) -> str:
    """The words before an amount without the number, the year and the verbs around a name."""
    names = reading.book.words["names"]
    lead = _YEAR.sub("", _ITEM_NUMBER.sub("", lead))
    for expression in names["around_a_name"]:
        lead = re.sub(expression, "", lead)
    return lead


def _in_list_of_projects(reading: Reading, lead: str) -> str:
    """Under a heading of projects any name before an amount is a project's: 「审核服务费预算60万元」."""
    owned = re.search(reading.book.words["names"]["own_money"], lead)
    if not reading.scope.projects or owned or department_only(reading, lead):
        return ""
    name = name_in(reading, lead)
    known = name in reading.book.words["projects"]["no_name"]
    if known or not _NAME.fullmatch(name) or holds_label(reading, name):
        return ""
    return "" if re.search(reading.book.words["names"]["reason"], name) else name


def _flow(reading: Reading, label: Span, left: int) -> str:
    """Bare 收入 or 支出: the fund's or the department's, once the sentence said whose."""
    names = reading.book.words["names"]
    near = _amount_before(reading, label, left)
    if near is None:
        near = _spent_of_budget(reading, label)
    if near is not None:
        return near
    lead = lead_of(reading, label, left)
    out = label.value == "out"
    if re.search(names["own_fund"], _TIME.sub("", _BRACKETS.sub("", lead))):
        # 「职工医保基金2023年收入7487万元」
        return reading.book.of_role("fund_spending" if out else "fund_income")
    flows = re.search(names["flows_heading"], reading.scope.service) is not None
    # Under a heading on the revenue and spending of the year the unit that reports is named.
    unit = re.match(names["unit_opens"], lead) if flows else None
    lead = lead[unit.end() :] if unit else lead
    if not department_only(reading, lead) or _of_stranger(reading, label):
        return ""
    if re.search(names["one_unit"], lead) and reading.has(
        reading.sentence.start, label.start, "part.list"
    ):
        return ""
    topic_role = reading.role(reading.state.topic)
    headed = reading.text.startswith(":", label.end) and not _ITEM_NUMBER.sub("", lead)
    if flows and not topic_role and (headed or unit):
        return reading.book.of_role("spending" if out else "income")
    if topic_role in ("fund_income", "fund_spending") or reading.scope.fund:
        return reading.book.of_role("fund_spending" if out else "fund_income")
    if out and reading.state.subject:
        return _own_money(reading)
    if out and _amount_of_topic(reading, label.text):
        return _amount_of_topic(reading, label.text)
    if topic_role in ("spending", "income", "opening_balance"):
        return reading.book.of_role("spending" if out else "income")
    return ""


def _short(reading: Reading, label: Span, figure: Figure, lead: str) -> str:
    """人员, 公用, 项目 count only in a list under their whole, right before the figure."""
    part = label.value
    if reading.role(part) == "insured":
        return part if label.end == figure.begin else ""
    before = reading.tiles(reading.clause_start(label.start, reading.sentence.start), label.start)
    opened = not before or before[-1].type in ("and", "part", "mark")
    if not opened and reading.role(part) == "project_spending":
        return ""
    for total in reading.book.sums:
        if total.by in ("kind", "within") and part in total.parts:
            related = (total.whole, *total.parts, *reading.book.wholes(part))
            near = [
                t for t in reading.sentence.labels if t.end <= label.start and t.type == "label"
            ]
            clause = reading.clause_start(label.start, reading.sentence.start)
            named = near and near[-1].start >= clause and near[-1].value in related
            fact = reading.state.fact
            listed = fact is not None and bool(
                ({fact.indicator} | reading.book.wholes(fact.indicator)) & set(related)
            )
            if named or reading.state.topic in related or listed:
                return part
    return ""


# --- the topic -----------------------------------------------------------------------------------


def remember_topic(reading: Reading, indicator: str, at: int) -> None:
    """Makes what text[at] speaks of the topic; an item of a whole leaves the whole the topic."""
    text = reading.text
    itemised = reading.has(reading.sentence.start, reading.sentence.end, "part.list")
    itemised = itemised or in_brackets(text, at)
    if itemised and reading.state.topic in reading.book.wholes(indicator):
        return
    entry = reading.entry(indicator)
    if entry.family in ("budget", "three_public") or entry.role in ("fund_income", "fund_spending"):
        reading.state.topic = indicator


def wholes_stated(reading: Reading, facts: Iterable[Fact], indicator: str) -> list[Fact]:
    """The facts that state a whole of which the indicator is a part."""
    wholes = reading.book.wholes(indicator)
    return [f for f in facts if f.indicator in wholes]


# --- small helps ---------------------------------------------------------------------------------

_SOFT = frozenset(
    (
        "link",
        "neutral",
        "scenario",
        "time",
        "group",
        "staff_group",
        "satisfied_group",
        "and",
        "all",
        "of",
        "trend",
        "result",
        "not_figure",
        "sum",
        "payer",
        "exceed",
        "heads",
        "equals",
        "sign",
        "compare",
        "each",
        "part",
        "survey",
        "place",
    )
)


def only_soft(reading: Reading, start: int, end: int) -> bool:
    """Whether nothing in text[start:end] could change what a figure after it is."""
    return all(_soft(t) for t in reading.tiles(start, end))


def _soft(tile: Span) -> bool:
    if tile.type == "mark":
        return tile.value != "stop"
    if tile.type == "scoring":
        return tile.value == "then"
    return tile.type in _SOFT or (tile.type == "label" and tile.value in ("generic", "flow"))


def soft_text(lexicon: Lexicon, text: str) -> bool:
    """The same of a text of its own."""
    index = lexicon.index(text)
    return all(_soft(t) for s in index.sentences for t in s.tiles)


def _without(text: str, openings: Iterable[str]) -> str:
    """A text without the openings (expressions) that lead it."""
    for expression in openings:
        text = re.sub(f"^(?:{expression})+", "", text)
    return text


def _endswith(text: str, endings: Iterable[str]) -> bool:
    return any(re.search(f"(?:{e})$", text) for e in endings)
