"""Settles what a figure is about: scenario, group of persons, year and period, basis.

Each function returns the value and the words of the sentence that decided it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.definitions import Sum
from ingest.lexicon import Token
from ingest.quantities import FORMULA
from ingest.records import Quantity
from ingest.sentence import Figure, Sentence, phrase_start

BUDGETS = ("initial_budget", "adjusted_budget", "budget")
# Words for no group in particular, from strong to weak.
_GENERAL = ("everybody", "people")
_POSTS = ("staff", "authorised_posts")
_INSTITUTION_POSTS = re.compile(r"(?<!参公)(?<!参照)事业(?:单位)?(?:编制?|人员|在职|在编|在岗|\d)")
# 「局机关编制6人,实有7人」
_STAFF_OF_POSTS = re.compile(",(?:现|年末|年底|目前)?")
# Two groups that are everybody together.
_BOTH = ({"employees", "residents"}, {"bureau", "centre"}, {"administrative", "institution"})
_TARGETS_FOLLOW = re.compile(
    r"(?:目标|任务|打算|计划|指标值)(?:值|设定)?(?:是|为)?:(?!.*(?:完成情况|实际))"
)
# 「…98%以上的目标要求」: what follows the figure makes it a target.
TARGET_AFTER = re.compile(
    r"\)?的?(?:(?!完成|实现|达到|超过)[^,。;:、()]){0,8}?(?:目标(?!完成)|任务|指标(?!值完成)|要求|考核)"
)
# Behind a budget: how much of it was spent.
_MEASURED_BY = re.compile(r"[,(]?(?:完成|占)(?:年初|全年|调整后|支出)?预算数?的?\d")
_ITEMISED = re.compile("其中[^;]*")
RELATIVE_YEAR = re.compile(
    r"(?:上年度?|去年|上一年度?|今年|本年度?)(?:同期)?(?:实际)?(?:为|达|达到)?$"
)
COMPARED = re.compile(
    r"[,(]?(?:比|较|与|同|和)(?:上年度?|去年|((?:19|20)\d\d)年度?)(?:同期)?(?:的|末|底|实际|决算数?|预算数?|年初预算数?)*$"
)
STARTING_FROM = re.compile(r"(?:由|从)(?:(?:19|20)\d\d年度?的?|上年度?的?|去年的?)?$")
YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)年")
_BARE_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?=年?度)")
# Every word for a year or a part of it has one of these; most cells of forms have none.
_OF_TIME = re.compile("[年月季由从]")
_PERIODS = (
    (re.compile(r"(?<!\d)(\d{1,2})月?[-~至到](\d{1,2})月"), "span"),
    (re.compile(r"上半年"), "01/06"),
    (re.compile(r"前三季度"), "01/09"),
    (re.compile(r"(?:第?一季度|首季)"), "01/03"),
    (re.compile(r"第?二季度"), "04/06"),
    (re.compile(r"第?三季度"), "07/09"),
    (re.compile(r"第?四季度"), "10/12"),
    (re.compile(r"(?<![\d~至到-])(\d{1,2})月[底末份]"), "until"),
    (
        re.compile(r"截[至止]到?(?:目前)?(?:(?:19|20)\d\d年)?(\d{1,2})月(?:(\d{1,2})日|[底末份])?"),
        "until",
    ),
)

# 脱贫人口36218人、监测对象1057人参保率均为…
_COUNTED_GROUPS = re.compile(r"(?:[^,;:。\d]{2,14}[\d,.]+万?[人名户][、,和及与]?){2,}$")
_IN_BRACKETS = re.compile(r"\([^()]*\d[^()]*\)")
# 「减少0.6万人,主要是转入职工医保」: whom an explanation names, the figures are not of.
_EXPLAINED = re.compile(r"(?:主要(?:是|因|原因|系)|原因是|由于)[^;。]*")
# 「参保率≥95%,完成情况:97%」
_RESULT = re.compile(r"(?<!计划)(?<!目标)(?<!预期)(?:完成情况|完成值|实际值)(?:为|是|:)*$")
# Words of a plan.
_PLANS = re.compile("力争|争取|谋划|计划|规划|打算|展望|目标|预计|确保|拟")
_CLAUSE_END = re.compile("[,;:。]")
# What stands between a year planned for and a figure that was reached all the same.
_REACHED = re.compile("截至|截止|已|目前")
# A sentence on what comes next, or on what a meeting asked for, states no result.
_WHAT_COMES = re.compile(r"(?:\d[.、])?(?:下一步|下步|下一阶段|今后|会议要求|会议强调)")
# 脱贫人口21377人全部入保,参保率…: the rate is that of the persons just counted.
_ALL_OF_THEM = re.compile(r"(?:已|均|都|全部|全员)[^,;。\d]{0,6},")


def scenario_of(
    sentence: Sentence, kind: str, indicator: str, label: Token, left: int, begin: int, after: int
) -> tuple[str, str]:
    suffix = TARGET_AFTER.match(sentence.text, after)
    if suffix and not re.match(r"\)?[,。;]", sentence.text[after:]):
        return "target", suffix.group(0)
    region_start = left if label.start >= left else sentence.start
    clause = phrase_start(sentence, min(label.start, begin), region_start)
    if label.start < left:
        # 高于70%的目标;职工为86.4%: the goal was the figure's before.
        closing = TARGET_AFTER.match(sentence.text, left)
        clause = phrase_start(sentence, begin, min(closing.end(), begin)) if closing else left
    tokens = sentence.lexicon.scenarios(sentence.text, clause, begin)
    if kind == "amount":
        for token in reversed(tokens):
            if token.value in (*BUDGETS, "actual"):
                return token.value, token.text
        if any(t.text in ("力争", "争取") for t in tokens):
            return "target", "力争"
        if plans_next_year(sentence, begin):
            return "target", "planned for the next year"
        if _WHAT_COMES.match(sentence.text, sentence.start):
            return "target", "下一步"
        if label.start < left and sentence.state.figure is not None:
            return sentence.state.figure.scenario, "as the figure before"
        whole = _whole_scenario(sentence, indicator, begin) if label.kind != "flow" else ""
        whole = whole or _listed_under(sentence, begin)
        if whole:
            return whole, "as its whole"
        if sentence.scope.scenario in (*BUDGETS, "actual"):
            return sentence.scope.scenario, sentence.scope.scenario_from
        if sentence.scope.scenario == "target":
            return "budget", sentence.scope.scenario_from
        return "actual", "nothing said otherwise"
    set_by_rule = indicator.endswith("_ratio") or label.start >= after
    if set_by_rule and kind == "rate" and _describes_policy(sentence, begin):
        return "target", "a rule of the policy"
    for token in reversed(tokens):
        if token.value == "target":
            return "target", token.text
        if token.value == "actual" and token.text in (
            "实际",
            "已",
            "截至",
            "截止",
            "累计",
            "决算",
            "达到了",
        ):
            return "actual", token.text
    if _RESULT.search(sentence.text[clause:begin]):
        return "actual", "完成情况:"
    if plans_next_year(sentence, begin):
        return "target", "planned for the next year"
    before = _figure_to_follow(sentence, indicator, begin)
    if label.start < left and before is not None and not tokens:
        return before.scenario, "as the figure before"
    if re.search(r"(?:完成情况|实际完成值?|完成值|实际):$", sentence.text[:clause]):
        return "actual", "完成情况:"
    if _TARGETS_FOLLOW.search(sentence.text[sentence.start : clause].rpartition("。")[2]):
        return "target", "目标:"
    if _WHAT_COMES.match(sentence.text, sentence.start):
        return "target", "下一步"
    opening = sentence.lexicon.scenarios(sentence.text, sentence.start, clause)
    for token in reversed(opening):
        if token.text in ("力争", "争取", "努力", "确保", "拟", "预计", "计划", "目标为", "目标是"):
            return "target", token.text
        if token.text in ("实际", "已", "截至", "截止"):
            break
    # What is scored or counted of its own office is no goal because a heading speaks of goals.
    found = kind == "score" or indicator in _POSTS
    if sentence.scope.scenario == "actual" or (sentence.scope.scenario == "target" and not found):
        return sentence.scope.scenario, sentence.scope.scenario_from
    return "actual", "nothing said otherwise"


def _describes_policy(sentence: Sentence, at: int) -> bool:
    """Whether the part of the sentence around text[at] tells what the policy grants (起付线 …)."""
    first = max(sentence.text.rfind(";", sentence.start, at), sentence.start)
    last = sentence.text.find(";", at, sentence.end)
    part = sentence.text[first : last if last >= 0 else sentence.end]
    return any(words in part for words in sentence.lexicon.context["policy"]["plan"])


def _whole_scenario(sentence: Sentence, indicator: str, begin: int) -> str:
    """A part listed under its whole shares the whole's scenario; what stands in brackets does not.

    A whole stated since the last semicolon comes before all others: 「预算8.5万元,其中甲7万元;实际
    支出6.2万元,其中甲5.4万元」.
    """
    sums = [total for total in sentence.lexicon.definitions.sums if total.by == "kind"]
    wholes = wholes_of(indicator, sums)
    figure = sentence.state.figure
    opened = sentence.text.rfind("(", sentence.start, begin)
    if figure is not None and in_brackets(sentence.text, begin):
        # 「预算安排6万元(公务用车5万元,接待费1万元)」
        outer = [f for f in sentence.state.figures if f.end == opened and f.indicator in wholes]
        if outer:
            return outer[-1].scenario
    said = [
        f
        for f in reversed([*sentence.state.earlier, *sentence.state.figures])
        if not in_brackets(sentence.text, f.start)
        and f.rule != "budget before its share"
        and not _only_compared(sentence.text, f)
    ]
    part = sentence.text.rfind(";", sentence.start, sentence.end)
    near = [f for f in sentence.state.figures if f.start > part >= 0 and f.indicator in wholes]
    if near:
        return near[-1].scenario
    for total in sums:
        if indicator not in total.parts:
            continue
        for related in ((total.whole,), total.parts):
            for figure in said:
                if figure.indicator in related:
                    return figure.scenario
    return ""


def _only_compared(text: str, figure: Figure) -> bool:
    """「支出0.86万元,比预算1.6万元少,…」, 「支出607万元,预算588万元,完成预算的103%」: back to the actual."""
    if figure.scenario not in BUDGETS:
        return False
    if text[figure.start - 1 : figure.start] in ("比", "较", "与", "同", "占"):
        return True
    return _MEASURED_BY.match(text, figure.end) is not None


def wholes_of(indicator: str, sums: Sequence[Sum]) -> set[str]:
    """The amounts that an indicator is a part of, and those that they are parts of."""
    found: set[str] = set()
    wanted = {indicator}
    while wanted:
        wanted = {total.whole for total in sums if wanted & set(total.parts)} - found
        found |= wanted
    return found


def _listed_under(sentence: Sentence, begin: int) -> str:
    """「收入预算738万元,其中…拨款701万元」: the scenario of the amount that 其中 takes apart."""
    part = sentence.text.rfind(";", sentence.start, begin) + 1
    among = sentence.text.rfind("其中", max(part, sentence.start), begin)
    if among < 0:
        return ""
    whole = [f for f in sentence.state.figures if part <= f.start and f.end <= among]
    if whole:
        return whole[-1].scenario if whole[-1].scenario in BUDGETS else ""
    # The whole may have been refused, as revenue that holds last year's balance is.
    said = sentence.lexicon.scenarios(sentence.text, max(part, sentence.start), among)
    kinds = {t.value for t in said}
    return said[-1].value if kinds and kinds <= set(BUDGETS) else ""


def plans_next_year(sentence: Sentence, begin: int) -> bool:
    """「谋划2024年工作,参保率保持95%以上,…」: whether the sentence plans the year after the report's."""
    if not sentence.scope.year or not _PLANS.search(sentence.text, sentence.start, begin):
        return False
    years = [*YEAR.finditer(sentence.text, sentence.start, begin)]
    if not years or int(years[-1].group(1)) != sentence.scope.year + 1:
        return False
    if _REACHED.search(sentence.text, years[-1].end(), begin):
        return False
    clauses = _CLAUSE_END.split(sentence.text[sentence.start : begin])
    return any(years[-1].group(0) in words and _PLANS.search(words) for words in clauses)


def _figure_to_follow(sentence: Sentence, indicator: str, begin: int) -> Figure | None:
    """The figure whose scenario a further one shares; not the goal that only measured it."""
    before = sentence.state.figure
    closed = before is not None and in_brackets(sentence.text[:begin], before.end - 1)
    if before is not None and closed:
        outside = [
            f for f in sentence.state.figures if not in_brackets(sentence.text[:begin], f.end - 1)
        ]
        before = outside[-1] if outside else before
    if before is None or not TARGET_AFTER.match(sentence.text, before.end):
        return before
    level = [
        f
        for f in sentence.state.figures
        if f.indicator == indicator and not TARGET_AFTER.match(sentence.text, f.end)
    ]
    return level[-1] if level else before


def in_brackets(text: str, at: int) -> bool:
    """Whether text[at] stands inside brackets that are closed after it."""
    opened = text.rfind("(", 0, at)
    return opened >= 0 and ")" not in text[opened:at] and ")" in text[at:]


def population_of(
    sentence: Sentence,
    indicator: str,
    label: Token,
    quantity: Quantity,
    left: int,
    begin: int,
    after: int,
) -> tuple[tuple[str, ...], str]:
    """The groups the figure is of, and the words that say so; () for a group without an id."""
    entry = sentence.lexicon.indicators[indicator]
    if "population" not in entry.dimensions:
        return ("",), ""
    start = phrase_start(sentence, min(label.start, begin), left)
    if label.start < left:
        start = left
    tokens = sentence.lexicon.populations(sentence.text, start, begin, indicator)
    follows = sentence.lexicon.populations(
        sentence.text, after, min(after + 12, sentence.end), indicator
    )
    follows = [t for t in follows if t.text != "参合"]
    if (
        follows
        and sentence.text[after : follows[0].start] in ("", "的")
        and quantity.kind in ("count", "visits")
    ):
        tokens = [follows[0]]
    if indicator != "medical_assistance_ratio" and any(t.value == "assisted" for t in tokens):
        return (), next(t.text for t in tokens if t.value == "assisted")
    if indicator == "subsidised_persons":
        # 居民参保 names the scheme, not those whose premium was paid.
        tokens = [t for t in tokens if t.value not in ("residents", "employees")]
    named = [t for t in tokens if t.value not in _GENERAL]
    if indicator == "subsidised_persons" and not named and _total_of_paid(sentence, label):
        return ("poor",), "all groups counted before"
    if indicator == "participation_rate" and not named and _both_counted(sentence, label):
        return ("all",), "of both insurances counted before"
    outside = [t for t in tokens if not (label.start <= t.start < label.end)]
    if any(t.value in sentence.lexicon.group_ids for t in outside):
        # 贫困人口参加城乡居民医保: the label names the scheme, 贫困人口 is the group.
        tokens = [t for t in tokens if t in outside or t.value not in ("residents", "employees")]
    if label.start >= after and not any(t.value in sentence.lexicon.group_ids for t in tokens):
        tokens += sentence.lexicon.populations(sentence.text, label.start, label.end, indicator)
    groups = [t for t in tokens if t.value in sentence.lexicon.group_ids or t.value == "other"]
    if indicator in _POSTS and groups and _beside_institution(sentence, groups[-1]):
        return (), groups[-1].text
    if groups:
        return _named_groups(
            sentence, indicator, entry.kind, entry.family, groups, start, label.start > begin
        )
    if re.search("合计|总计|总共", sentence.text[start:begin]):
        sentence.state.population = ("all",)
        return ("all",), "合计"
    general = [t for t in tokens if t.value in _GENERAL]
    everybody = [t for t in general if t.value == "everybody"]
    if everybody:
        # In a report on one insurance 全县 means all whom that insurance covers.
        sentence.state.population = (sentence.scope.insured or "all",)
        return sentence.state.population, everybody[-1].text
    if indicator == "satisfaction_rate":
        before = sentence.state.figure
        if before is not None and before.indicator == indicator:
            return (before.population,), "as before in the sentence"
        asked = _named_earlier(sentence, start, indicator)
        return ((asked.value,), asked.text) if asked else (("all",), "")
    return _population_before(sentence, indicator, label, start, left, begin, tokens)


def _population_before(
    sentence: Sentence,
    indicator: str,
    label: Token,
    start: int,
    left: int,
    begin: int,
    tokens: list[Token],
) -> tuple[tuple[str, ...], str]:
    """The groups of a figure whose own clause names none: of what was said before, or of all."""
    entry = sentence.lexicon.indicators[indicator]
    held = _of_figure_before(sentence, indicator, label, start, left, begin, tokens)
    if held is not None:
        return held
    scheme_only = indicator == "subsidised_persons" and set(sentence.state.population) <= {
        "residents",
        "employees",
    }
    of_posts = indicator in _POSTS, sentence.state.indicator in _POSTS
    if sentence.state.population and of_posts[0] == of_posts[1] and not scheme_only:
        return _before_brackets(sentence, start), "as before in the sentence"
    earlier = _named_earlier(sentence, start, indicator)
    if earlier is not None and earlier.value in sentence.lexicon.group_ids:
        listed = _listed_with(sentence, earlier, indicator)
        return (() if entry.kind == "count" and len(listed) > 1 else listed), earlier.text
    if earlier is not None and earlier.value == "other":
        headed = sentence.text[earlier.end] == ":"
        after_comma = sentence.text[earlier.end : start].count(",") == 1
        if headed or (after_comma and entry.family == "participation"):
            # 「惠民保参保率72%,参保5.1万人」
            return (), earlier.text
    general = [t for t in tokens if t.value in _GENERAL]
    if general:
        return (sentence.scope.population or "all",), general[-1].text
    return _of_scope(sentence, indicator)


def _of_scope(sentence: Sentence, indicator: str) -> tuple[tuple[str, ...], str]:
    """The group that the sentence before, the heading or the title named."""
    family = sentence.lexicon.indicators[indicator].family
    held = sentence.scope.carried or sentence.scope.population
    insurance = held in ("residents", "employees")
    if not held or (indicator == "subsidised_persons" and insurance):
        return ("all",), ""
    of_fund = insurance and indicator.startswith("fund_")
    if family in ("participation", "reimbursement") or of_fund:
        return (held,), "as named before"
    return ("all",), ""


def _listed_with(sentence: Sentence, group: Token, indicator: str) -> tuple[str, ...]:
    """The groups that the sentence names together with the last one: 「脱贫人口和监测对象」."""
    listed = [group]
    before = sentence.lexicon.populations(sentence.text, sentence.start, group.start, indicator)
    for token in reversed(before):
        joined = sentence.text[token.end : listed[0].start] in ("、", "和", "及", "与", "以及")
        if not joined or token.value not in sentence.lexicon.group_ids:
            break
        listed.insert(0, token)
    return tuple(dict.fromkeys(t.value for t in listed))


def _of_figure_before(
    sentence: Sentence,
    indicator: str,
    label: Token,
    start: int,
    left: int,
    begin: int,
    tokens: list[Token],
) -> tuple[tuple[str, ...], str] | None:
    """The groups that the figures and groups right before a clause hand on to it; None for none."""
    entry = sentence.lexicon.indicators[indicator]
    counted = sentence.state.figure
    same = counted is not None and counted.indicator == indicator == "participation_rate"
    if counted is not None and same and label.start < left and not tokens:
        # 「参保率96.4%,低于下达97%的目标」
        return (counted.population,), "as the figure before"
    near = _named_earlier(sentence, start, indicator, since=left)
    if near is not None and near.value in sentence.lexicon.group_ids and start > left:
        sentence.state.population = (near.value,)
        return (near.value,), near.text
    # 「…均为100%」, and with the label after its figure: 「…均100%参保」.
    told = sentence.text[label.end : begin] if label.end <= begin else sentence.text[left:begin]
    shared = re.search("均|都", told)
    listed = re.sub("(?:均|都)$", "", sentence.text[sentence.start : min(label.start, begin)])
    counts = _COUNTED_GROUPS.search(listed)
    if shared and counts:
        found = sentence.lexicon.populations(
            sentence.text, sentence.start + counts.start(), min(label.start, begin), indicator
        )
        if found and all(t.value in sentence.lexicon.group_ids for t in found):
            return tuple(dict.fromkeys(t.value for t in found)), "、".join(t.text for t in found)
    if shared and sentence.state.dealt_groups:
        return sentence.state.dealt_groups, "as dealt out before"
    if entry.family == "reimbursement" and _both_insurances_before(sentence, start, indicator):
        return ("all",), ""
    if entry.family == "reimbursement" and _left_participation(sentence, start):
        insured = {f.population for f in sentence.state.figures} & {"residents", "employees"}
        return (insured.pop() if len(insured) == 1 else "all",), "the insurance of the sentence"
    if counted is not None and indicator == "participation_rate":
        between = sentence.text[counted.end : label.start]
        if counted.indicator == "insured_persons" and _ALL_OF_THEM.fullmatch(between):
            return (counted.population,), "as the persons counted"
    if counted is not None and entry.family == "participation":
        newly = _named_earlier(sentence, start, indicator, since=counted.end)
        if newly is not None and newly.value in sentence.lexicon.group_ids:
            sentence.state.population = (newly.value,)
            return (newly.value,), newly.text
    last = sentence.state.indicator
    if entry.family == "participation" and last:
        family = sentence.lexicon.indicators[last].family
        # A ratio's group does not hold for the enrolment named after it.
        if family == "reimbursement":
            return (sentence.scope.insured or "all",), ""
    if indicator == "staff" and counted is not None and counted.indicator == "authorised_posts":
        next_to = _STAFF_OF_POSTS.fullmatch(sentence.text[counted.end : label.start])
        if next_to and _kinds_of_posts(sentence, start) <= {counted.population, "all"}:
            return (counted.population,), "as before in the sentence"
    if indicator == "staff" and len(_kinds_of_posts(sentence, start)) > 1:
        return ("all",), ""
    return None


def _beside_institution(sentence: Sentence, group: Token) -> bool:
    """「行政8人,参公4人,事业16人」: civil-service-like posts told apart from 事业 have no id."""
    if group.text != "参公":
        return False
    return _INSTITUTION_POSTS.search(sentence.text, sentence.start, sentence.end) is not None


def _left_participation(sentence: Sentence, start: int) -> bool:
    """「脱贫人口参保率100%;住院报销比例72%」: behind the semicolon the group does not hold."""
    figure = sentence.state.figure
    if figure is None or ";" not in sentence.text[figure.end : start]:
        return False
    if _named_earlier(sentence, start, figure.indicator, since=figure.end):
        return False
    return sentence.lexicon.indicators[figure.indicator].family == "participation"


def _both_counted(sentence: Sentence, label: Token) -> bool:
    """「居民参保24.8万人,职工1.5万人,参保率97%」: the rate is of both together."""
    part = sentence.text.rfind(";", sentence.start, label.start)
    counted = {
        f.population
        for f in sentence.state.figures
        if f.indicator == "insured_persons" and (f.start > part or "综合" in label.text)
    }
    return counted >= {"residents", "employees"} and "all" not in counted


def _total_of_paid(sentence: Sentence, label: Token) -> bool:
    """「资助特困918人、低保对象13462人,共资助38742人」: the total is of all groups together."""
    paid = {f.population for f in sentence.state.figures if f.indicator == label.value}
    return len(paid) > 1 and sentence.text[label.start - 1] in "共计"


def _before_brackets(sentence: Sentence, start: int) -> tuple[str, ...]:
    """The group the sentence is about: brackets that are closed take it apart for themselves only."""
    figures = sentence.state.figures
    if not figures or not in_brackets(sentence.text[:start], figures[-1].end - 1):
        return sentence.state.population
    outer = [f for f in figures if not in_brackets(sentence.text[:start], f.end - 1)]
    return (outer[-1].population,) if outer else sentence.state.population


def _both_insurances_before(sentence: Sentence, start: int, indicator: str) -> bool:
    """Whether the sentence took up 居民 and 职工 both, so that neither holds for a new ratio."""
    part = sentence.text.rfind(";", sentence.start, start) + 1
    insurances = {"residents", "employees"}

    def named(first: int, last: int) -> set[str]:
        found = sentence.lexicon.populations(sentence.text, first, last, "insured_persons")
        return {t.value for t in found} & insurances

    here = named(max(part, sentence.start), start)
    figure = sentence.state.figure
    if here:
        return here == insurances and figure is not None and figure.indicator != indicator
    return part > sentence.start and named(sentence.start, part) == insurances


def _kinds_of_posts(sentence: Sentence, start: int) -> set[str]:
    """The kinds that this part of the sentence counted posts of: the staff after several is of all."""
    part = sentence.text.rfind(";", sentence.start, start) + 1
    return {
        f.population
        for f in sentence.state.figures
        if f.indicator == "authorised_posts" and f.start >= part
    }


def _named_earlier(sentence: Sentence, start: int, indicator: str, since: int = 0) -> Token | None:
    """The last group named before this clause in the sentence, lists under 其中 left out."""
    first = min(max(sentence.dealt_until, since), start)
    itemised = [m.span() for m in _ITEMISED.finditer(sentence.text, first, start)]
    itemised += [m.span() for m in _EXPLAINED.finditer(sentence.text, first, start)]
    itemised += [m.span() for m in _IN_BRACKETS.finditer(sentence.text, first, start)]
    tokens = [
        t
        for t in sentence.lexicon.populations(sentence.text, first, start, indicator)
        if t.value != "people"
        and not any(a <= t.start < b for a, b in itemised)
        and not (indicator == "subsidised_persons" and t.value in ("residents", "employees"))
    ]
    return tokens[-1] if tokens else None


def _named_groups(
    sentence: Sentence,
    indicator: str,
    kind: str,
    family: str,
    groups: list[Token],
    start: int,
    whole: bool = False,
) -> tuple[tuple[str, ...], str]:
    """The last group named, with those listed right before it; "等" leaves only the last."""
    listed = [groups[-1]]
    for token in reversed(groups[:-1]):
        between = sentence.text[token.end : listed[0].start]
        if token.value == "other" and between == "":
            listed.insert(0, token)
        if not re.fullmatch(r"(?:基本)?(?:医疗保险|医保)?(?:[、,和及与]|以及)", between):
            break
        listed.insert(0, token)
    words = "、".join(t.text for t in listed)
    if indicator == "subsidised_persons" and len({t.value for t in listed}) > 1:
        # One count of several groups whose premium is paid: 困难群众 together, unless it is an item
        # of a list that counts others of them apart.
        before = sentence.state.figure
        item = before is not None and before.indicator == indicator
        return ((), words) if item else (("poor",), words)
    if any(t.value == "other" for t in listed):
        counted = family in ("participation", "reimbursement") or indicator in _POSTS
        return ((), words) if counted else (("all",), "")
    values = tuple(dict.fromkeys(t.value for t in listed))
    if kind == "count" and len(values) > 1:
        both = set(values) in _BOTH
        sentence.state.population = ("all",) if both else values
        return (("all",), words) if both else ((), words)
    since = max(sentence.start, sentence.text.rfind(";", sentence.start, start))
    if "其中" not in sentence.text[since : listed[0].start] or whole:
        sentence.state.population = values
    return values, words


def carried_population(sentence: Sentence) -> str:
    """The insured group that holds for the next sentence: 居民 or 职工, the last one named."""
    tokens = sentence.lexicon.populations(
        sentence.text, sentence.start, sentence.end, "insured_persons"
    )
    named = [t.value for t in tokens if t.value in ("residents", "employees", "everybody")]
    if named:
        return "" if named[-1] == "everybody" or len(set(named)) > 1 else named[-1]
    return sentence.scope.carried


def year_and_period(
    sentence: Sentence, left: int, begin: int, label: Token, stock: bool = False
) -> tuple[int | None, str, str]:
    year, words = sentence.scope.year, ""
    if not _OF_TIME.search(sentence.text, 0, max(begin, label.start)):
        months = None if stock else sentence.scope.months
        return year, _period(year, months) if year else "", words
    stretch = sentence.text[sentence.start : begin]
    named = [*YEAR.finditer(stretch), *_BARE_YEAR.finditer(stretch)]
    for match in sorted(named, key=lambda m: m.start()):
        at, own = sentence.start + match.start(), int(match.group(1))
        before = stretch[max(0, match.start() - 3) : match.start()]
        compared = COMPARED.search(sentence.text[left:begin])
        own_words = (compared and left + compared.start() <= at) or (
            before.endswith(("与", "同", "和"))
            and at >= left
            and re.match(r"[\d.,]+[^\d,。;]{1,4}相比", sentence.text[begin:])
        )
        if re.search(r"[比较与同占于转]$|结转$|自$", before) and not own_words:
            continue
        if re.match(
            r"(?:\d{1,2}月)?(?:\d{1,2}日)?(?:以来|起|至|-|正式|挂牌|成立|组建|印发|出台|启动(?!时))",
            stretch[match.end() :],
        ):
            continue
        if re.search(r"\([^()]*$", stretch[: match.start()]) and ")" in stretch[match.end() :]:
            continue
        # A year in the middle of a sentence holds for the figure after it only.
        opening = at - max(sentence.text.rfind(";", sentence.start, at) + 1, sentence.start)
        past = ";" in sentence.text[at:begin]
        held = sentence.state.figure
        # 「2022年度自评得分96分、预算执行率95%」: listed under one year.
        listed = held is not None and held.year == own and sentence.text[left : left + 1] == "、"
        late = opening and (opening > 14 or past) and not (listed and not past)
        if at < left and own != sentence.scope.year and late:
            continue
        if at < left and before.endswith(("由", "从")):
            continue
        year, words = own, match.group(0)
    clause = phrase_start(sentence, min(label.start, begin), left)
    near = FORMULA.sub("", sentence.text[clause:begin])
    if sentence.scope.year and plans_next_year(sentence, begin):
        year, words = sentence.scope.year + 1, "planned for the next year"
    elif sentence.scope.year:
        compared = COMPARED.search(near) or COMPARED.search(sentence.text[clause : label.start])
        if compared and not compared.group(1):
            year, words = sentence.scope.year - 1, compared.group(0)
        elif STARTING_FROM.search(near) and not re.search(r"\d", near):
            year, words = sentence.scope.year - 1, "由"
        elif re.search(r"(?<![比较与同])(?:上年度?|去年|上一年度?)(?!同期|末|结转|结余|底)", near):
            year, words = sentence.scope.year - 1, "上年"
        elif re.search(r"(?:上年度?|去年)同期(?:的|为|实际)*$", near):
            year, words = sentence.scope.year - 1, "去年同期"
        elif re.search(r"今年|本年度?", near):
            year, words = sentence.scope.year, "今年"
        elif re.search(
            r"明年|下一年度?|来年|下年度",
            sentence.text[sentence.text.rfind(";", sentence.start, begin) + 1 : begin],
        ):
            year, words = sentence.scope.year + 1, "明年"
    if not year or re.search("全年|年末|年底", near):
        return year, "", words
    months = months_in(stretch, stock) or (None if stock else sentence.scope.months)
    return year, _period(year, months), words


def _period(year: int, months: tuple[int, int] | None) -> str:
    return f"{year}-{months[0]:02d}/{year}-{months[1]:02d}" if months else ""


def months_in(text: str, stock: bool = False) -> tuple[int, int] | None:
    """The part of a year that the text names last, as first and last month; None for the year.

    The number insured on a day (`stock`) is no figure of a part of the year.

    >>> months_in("2023年1-6月"), months_in("截至12月31日")
    ((1, 6), None)
    """
    months = None
    for rule, name in _PERIODS:
        for match in rule.finditer(text):
            if stock and name == "until":
                continue
            if name == "span":
                first, last = int(match.group(1)), int(match.group(2))
            elif name == "until":
                first, last = 1, int(match.group(1))
            else:
                first, last = (int(x) for x in name.split("/"))
            if 1 <= first <= last <= 12:
                months = None if (first, last) == (1, 12) else (first, last)
    return months


def basis_of(sentence: Sentence, indicator: str, label: Token, left: int, begin: int) -> str:
    """Which budget a rate is measured on, by the words before the figure."""
    start = phrase_start(sentence, min(label.start, begin), left)
    lead = sentence.text[max(left, phrase_start(sentence, max(start - 1, left), left)) : start]
    words = (lead if re.match(r"[按以]", lead) else "") + sentence.text[start:begin]
    words += label.text if label.start < left else ""
    if "结转" in words and "追加" in words:
        return "available_funds"
    for token in reversed(sentence.lexicon.scenarios(words, 0, len(words))):
        if token.value in ("initial_budget", "adjusted_budget"):
            return token.value
    whose = label.text.endswith(("预算的", "预算"))
    return "budget" if indicator == "budget_execution_rate" and whose else "unstated"
