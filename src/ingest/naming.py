"""Which indicator a label names where it stands: its own, the topic's, a project's, or none of ours."""

from __future__ import annotations

import re

from ingest.dimensions import BUDGETS, in_brackets, wholes_of
from ingest.lexicon import Token
from ingest.quantities import find
from ingest.records import WHOLE_DEPARTMENT, Quantity
from ingest.sentence import Sentence, begin_of, is_change, labels_between, lead_of, phrase_start

# A bare rate takes the indicator of the topic that ends so.
_RATES_OF_TOPIC: dict[str, tuple[str, ...]] = {
    "控制率": ("control_rate",),
    "变动率": ("change_rate",),
    "调整率": ("adjustment_rate",),
    "完成率": ("execution_rate", "completion_rate"),
}
_PARTS = (
    "basic_expenditure",
    "project_expenditure",
    "personnel_expenditure",
    "operating_expenditure",
    "procurement_expenditure",
    "three_public_expenditure",
    "reception_expenditure",
    "vehicle_expenditure",
    "vehicle_purchase_expenditure",
    "vehicle_operation_expenditure",
    "overseas_expenditure",
)
"""Amounts that are a part of the department's spending."""
_RATE_OF_PART = {
    "three_public_expenditure": "three_public_control_rate",
    "procurement_expenditure": "procurement_execution_rate",
}
_WHOLE_NAMED = re.compile("部门|整体|全局|本级|总预算|预算总|支出预算|收支")
_WHOLE_OFFICE = re.compile("(?<!主管)(?<!财政)(?<!各)部门(?:整体|预算|支出)|整体支出|全局")
# 「各乡镇要确保参保率不低于95%」 is the county's goal.
_ASKED_OF_TOWNS = re.compile(r"^各(?:乡镇|镇乡|乡|镇|街道)(?:\([^()]*\))?(?=(?:要|须|需|应|必须))")
_OF_EACH = re.compile("车均|单车|每辆|人均|户均|次均|每人|每户|平均每|各乡|各镇|各街道|各村")
# 「全省参保率98%,我县97%」, 「城关镇参保」: of a larger or a smaller area than the county.
_SCHEME = (
    "(?:城镇|城乡|居民|职工|基本|医疗保险|医保|常住人口|户籍人口|政策范围内|住院|综合|平均|的)*$"
)
_LARGER_AREA = re.compile("(?:全省|全国|全自治区)(?:平均)?" + _SCHEME)
# 「省内其他县区…」, 「比全市平均参保率96%高」: of other counties, or their mean.
_OF_OTHERS = re.compile(
    "全[国省市州盟](?:\\([^()]*\\))?平均|(?:省内|市内|周边|邻近|其他|其它|同类|兄弟)[其他它的]*[县市区旗]"
)
# 「全市…报销比例平均为70%」
_OF_ALL_COUNTIES = re.compile("全[国省市州盟]|全自治区")
_ON_AVERAGE = re.compile("平均(?:值|水平)?(?:为|是|达|达到|:)*$")
# 「8个乡镇参保率超过90%」, 「最低的乡镇…」
_SOME_TOWNS = re.compile(
    r"(?:^|\d+个|[部多少][数分]|个别|有的|有些|一些|其他|其余|最[低高]的?)(?:乡镇|街道|村|社区)(?:\([^()]*\))?"
    + _SCHEME
)
_TOWN = re.compile("[\u4e00-\u9fff](?<!乡)(?<!城)镇" + _SCHEME)
_OWN_AREA = re.compile("[我本全](?:县|市|区|旗)")
_SURVEYS = re.compile("满意度|测评|好差评|民意|民主评议|营商环境|行风")
_ANSWERED = re.compile("(?:提案|人大[^,;。]{0,4}建议|代表建议|信访|投诉|热线|工单)[^。;]*$")
_CERTIFICATE = re.compile("凭证|医保码|激活|扫码")
_CHANGED = re.compile("(?:少|多|新增|净增|减少|增加|扩面|超|超出)$")
# 收入总计 that includes last year's balance is no revenue of the year.
_CARRIED_OVER = re.compile("结转|结余")
_OPENED_WITH = re.compile(
    r"[^,;。]{2,24},(?:其中|包括|含)[^;。]{0,70}?(?:上年|年初)[^,;。\d]{0,4}(?:结转|结余)"
)
_INSURANCES = re.compile(r"(?:养老|失业|工伤|生育|商业|财产|意外)保险|医疗保险|医保|合作医疗|参合")
_OTHER_INSURANCE = re.compile("(?:养老|失业|工伤|生育|商业|财产|意外)保险")
_OTHER_OFFICE = re.compile(
    r"[\u4e00-\u9fff]{2,6}(?<!保障)(?<!医保)(?<!我)(?<!本)(?<!全)局(?!部门|机关|系统)"
)
_ITEM_NUMBER = re.compile(r"^[(\[]?[\d一二三四五六七八九十]{1,3}[)\]、.]")
_NAME = re.compile(r"[\u4e00-\u9fff()\dA-Za-z]{4,36}")
_BEFORE_AMOUNT = re.compile(
    r"(?:共|共计|合计|总共|总计|实际|全年|年初|年内|当年|本年|年度|本年度|已|累计)+$"
)
_OWN = re.compile("我局|本局|我单位|本单位|部门|整体|全局|我县|我区|我市|我旗|我中心")
_NO_OWNER = re.compile(f"{_OWN.pattern}|追加|调整|调增|调减|增加|减少|结转|预算")
_REASON = re.compile("因(?!公)|由于|根据|按照|为了")
# 「截至监控时点预算执行率47.6%」: of a day in the year that is not told.
_AT_CHECK = re.compile("监控(?:时点|期|日|节点)")
_THIS_PROJECT = re.compile("[该本此]项目")
_COSTS = ("补助", "补贴", "资金", "经费", "费", "费用", "奖励", "项目", "购置", "运维", "配套")
_PART_OF = re.compile("本级|机关|中心|下属|二级单位")
_UNIT_OF = re.compile("局?机关(?!运行|事业)|(?<!服务)中心|二级单位|下属单位")
_PROJECT_OPENS = re.compile(
    r"(?:.*(?:19|20)\d\d年度?)?"
    r"([^,;:]{3,34}?(?:补助资金|专项资金|配套资金|补助经费|专项经费|工作经费|项目资金|建设项目|运维项目))"
)


def announced(sentence: Sentence, left: int, end: int) -> None:
    """「三公经费:」 announces the topic of what follows."""
    for token in sentence.labels:
        if (
            left <= token.start < end
            and token.kind == "label"
            and re.match(r"(?:\([^()]*\))?:", sentence.text[token.end :])
        ):
            remember_topic(sentence, token.value, token.start)


def indicator_named(sentence: Sentence, label: Token, left: int, quantity: Quantity) -> str:
    lead = _ASKED_OF_TOWNS.sub("", lead_of(sentence, label, left))
    if _OF_EACH.search(lead) or _CHANGED.search(lead) or _elsewhere(sentence, lead, label.start):
        return ""
    if _TOWN.search(lead) or _SOME_TOWNS.search(lead):
        sentence.state.elsewhere = True
        return ""
    if _of_other_areas(sentence, lead, sentence.text[label.end : begin_of(sentence, quantity)]):
        sentence.state.pending = label
        return ""
    if _LARGER_AREA.search(lead) and _OWN_AREA.search(sentence.text[sentence.start : sentence.end]):
        return ""
    named = sentence.lexicon.indicators.get(label.value)
    of_budget = named is not None and named.family == "budget" and named.kind == "rate"
    insurance_news = sentence.scope.insured and not sentence.scope.project_report
    if of_budget and ("基金" in lead or insurance_news):
        # The rate of a fund, or in news of an insurance, is none of the department's.
        return ""
    if label.kind == "label" and _measures_else(sentence, label, left):
        return ""
    insured = ("participation_rate", "insured_persons")
    if label.value in insured and _other_insurance(sentence, label.end):
        return ""
    if label.text.endswith("总计") and _CARRIED_OVER.search(
        sentence.text[sentence.start : sentence.end]
    ):
        return ""
    if label.value == "revenue" and _OPENED_WITH.match(sentence.text, label.end, sentence.end):
        return ""
    if label.value.startswith("fund_") and "统筹" in label.text and _part_of_fund(sentence, label):
        return ""
    if label.kind == "label":
        item = sentence.lexicon.indicators.get(sentence.scope.topic)
        if item and item.kind == "rate" and item.name_zh.endswith(label.text):
            # 执行率 under the item 政府采购执行率 is that rate.
            return item.indicator
        return _combined(sentence, label, left, quantity)
    if label.kind == "ratio":
        return ratio(sentence, label, left)
    if label.kind == "rate_of_topic":
        return _rate_of_topic(sentence, label, left)
    if label.kind == "generic":
        return _generic(sentence, label, left)
    if label.kind == "flow":
        return _flow(sentence, label, left)
    if label.value == "insured_persons":
        return label.value if label.end == begin_of(sentence, quantity) else ""
    return _short(sentence, label)


def _measures_else(sentence: Sentence, label: Token, left: int) -> bool:
    """Whether a score or a rate with a common name is one of something else, by the words before it."""
    lead = lead_of(sentence, label, left)
    if label.value == "self_evaluation_score":
        # 「群众满意度测评,我县得分92分」
        clause = label.start - len(lead)
        before = sentence.text[phrase_start(sentence, max(clause - 1, left), left) : clause]
        own = re.search("自评|绩效|评价", label.text + lead)
        return not own and _SURVEYS.search(before + lead) is not None
    if label.text in ("满意率", "满意度"):
        # 「人大建议5件,答复满意率100%」
        return _ANSWERED.search(sentence.text, sentence.start, label.start) is not None
    if label.text == "使用率":
        return not _CERTIFICATE.search(sentence.text, sentence.start, label.start)
    return False


def _of_other_areas(sentence: Sentence, lead: str, gap: str) -> bool:
    """Whether the figure is of other counties, or the mean of all counties around."""
    if _OF_OTHERS.search(lead):
        return True
    return bool(_ON_AVERAGE.search(gap) and _OF_ALL_COUNTIES.search(lead))


def _other_insurance(sentence: Sentence, end: int) -> bool:
    """Whether the last insurance named is none for health (养老, 失业, 工伤 …)."""
    named = _INSURANCES.findall(sentence.text[sentence.start : end])
    return bool(named) and bool(_OTHER_INSURANCE.fullmatch(named[-1]))


def _elsewhere(sentence: Sentence, lead: str, at: int) -> bool:
    """Whether the clause, or the one it goes on from, speaks of another office."""
    if not lead:
        return sentence.state.elsewhere
    own = re.search("医保局|医疗保障局|我局|本局|本单位|我单位|医保中心|[我本全][县市区旗]", lead)
    if own:
        sentence.state.elsewhere = False
    elif _OTHER_OFFICE.match(re.sub(r"^(?:其中|同时|另外|\d+[.、])+", "", lead)):
        sentence.state.elsewhere = True
    return sentence.state.elsewhere


# 资助特困人员、低保对象等困难群众参保: the groups between the verb and what is paid for.
GROUPS_PAID_FOR = re.compile(r"[\u4e00-\u9fff、()]{2,30}(?:对象|人员|人口|群众|群体|户)等?")


def _combined(sentence: Sentence, label: Token, left: int, quantity: Quantity) -> str:
    """资助…参保 counts those whose premium was paid; 完成…预算的 depends on what is meant."""
    indicator = label.value
    if (
        indicator == "participation_rate"
        and label.text.endswith("覆盖")
        and quantity.kind == "count"
    ):
        return "insured_persons"
    if indicator == "fund_revenue" and quantity.kind == "count":
        return "insured_persons"
    if label.text == "结转":
        around = lead_of(sentence, label, left) + sentence.text[label.end : quantity.start]
        before = str(sentence.scope.year - 1) if sentence.scope.year else "上年"
        return indicator if before in around or "上年" in around else ""
    if indicator == "self_evaluation_score":
        return indicator if _scored(sentence, lead_of(sentence, label, left)) else ""
    if indicator == "insured_persons":
        for other in sentence.labels:
            between = sentence.text[other.end : label.start]
            if (
                other.value == "subsidised_persons"
                and other.kind == "label"
                and left <= other.start < label.start
                and (sentence.lexicon.only_fillers(between) or GROUPS_PAID_FOR.fullmatch(between))
            ):
                sentence.used.add(other.start)
                return "subsidised_persons"
    if indicator == "budget_execution_rate" and label.text.endswith(("预算的", "预算", "数的")):
        previous, figure = sentence.state.previous, sentence.state.figure
        if previous is not None and previous.kind == "amount" and left > sentence.start:
            own = figure is not None and figure.end >= previous.end
            # 「支出1125万元,比年初预算增加145万元,完成年初预算的114%」: the change is no amount of its own.
            if is_change(sentence, sentence.text[: previous.start], previous):
                own = bool(sentence.state.figures)
                sentence.state.figure = sentence.state.figures[-1] if own else None
            if not own and not labels_between(sentence, left, label.start):
                return ""
        if "追加" in sentence.text[left : label.start]:
            return ""
        return completion_of(sentence, label, left)
    words = lead_of(sentence, label, left) + label.text
    if _WHOLE_OFFICE.search(words) and not sentence.scope.project_report:
        sentence.state.subject = ""
    if indicator == "budget_execution_rate":
        named = _part_before(sentence, label, left)
        measured = named.value if named else _part_measured(sentence, label, left)
        of_part = re.search("(?:基本|项目)(?:支出|资金|经费)?(?:预算)?(?:执行|完成)", words)
        if _AT_CHECK.search(words):
            return ""
        if (of_part or _of_stranger(sentence, label)) and not (
            sentence.scope.project_report or sentence.state.subject
        ):
            return ""
        if measured:
            return _RATE_OF_PART.get(measured, "")
    if indicator == "expenditure":
        part = _part_before(sentence, label, left)
        if part is not None:
            sentence.used.add(part.start)
            return part.value
    if indicator in ("expenditure", "revenue") and sentence.state.topic.startswith("fund_"):
        return "fund_" + indicator
    if indicator in ("expenditure", "revenue", "budget_execution_rate"):
        lead = lead_of(sentence, label, left)
        if indicator != "budget_execution_rate" and re.search(
            r"(?<!大病保险)(?<!救助)(?<!生育保险)基金$", lead
        ):
            return "fund_" + indicator
        if _PART_OF.search(lead) and "其中" in sentence.text[sentence.start : label.start]:
            return ""
        if sentence.scope.fund or "基金" in lead or sentence.scope.part:
            return ""
        if indicator != "budget_execution_rate" and re.search("专项|项目", lead):
            sentence.state.stranger = label.start
            return ""
        of_money = indicator != "budget_execution_rate"
        if of_money and not lead and _of_stranger(sentence, label):
            return ""
    own_subject = sentence.state.subject and sentence.state.subject != sentence.scope.subject
    if indicator == "expenditure" and own_subject:
        return "project_expenditure"
    if label.text in sentence.lexicon.context["generic"]["spending"]:
        return _generic(sentence, label, left)
    return indicator


def _scored(sentence: Sentence, lead: str) -> bool:
    """Whether it is known what was scored; 「甲项目自评得分98分」 makes it what is spoken of.

    部门整体 leaves the project again, and 「项目自评得分」 alone is of one named before.
    """
    if _WHOLE_OFFICE.search(lead):
        sentence.state.subject = ""
        return True
    name = subject_in(sentence, lead)
    if name:
        sentence.state.subject = name.removesuffix("项目")
    of_project = sentence.scope.project_report or sentence.state.subject
    return bool(of_project) or not lead.endswith("项目")


def _part_of_fund(sentence: Sentence, label: Token) -> bool:
    """「基金收入7.4亿元,其中统筹基金收入4.5亿元」: the pooled account is a part of the fund."""
    part = max(sentence.text.rfind(";", sentence.start, label.start), sentence.start)
    whole = any(f.indicator == label.value and f.start >= part for f in sentence.state.figures)
    return whole or "其中" in sentence.text[part : label.start]


def _part_before(sentence: Sentence, label: Token, left: int) -> Token | None:
    """「三公经费全年支出」: the part of the spending that the words right before the label name."""
    for token in reversed(sentence.labels):
        if token.start in sentence.closed:
            continue
        if left <= token.start and token.end <= label.start:
            gap = sentence.text[token.end : label.start]
            joined = "、" not in gap and sentence.lexicon.only_fillers(gap)
            return token if token.kind == "label" and token.value in _PARTS and joined else None
    return None


def _part_measured(sentence: Sentence, label: Token, left: int) -> str:
    """The part of the spending whose budget and spending a bare 执行率 compares, "" for the whole.

    「项目支出预算450万元,支出420万元,执行率93%」 is no rate of the department; behind a list under
    其中 the rate is the whole's again.
    """
    if _WHOLE_NAMED.search(lead_of(sentence, label, left) + label.text):
        return ""
    since = sentence.text.rfind(";", sentence.start, label.start)
    amounts = [f for f in sentence.state.figures if f.unit == "万元" and f.start > since]
    if not amounts or amounts[-1].indicator not in _PARTS:
        return ""
    last = amounts[-1]
    if last.subject != WHOLE_DEPARTMENT:
        return ""
    compared = len(amounts) > 1 and amounts[-2].indicator == last.indicator
    listed = "其中" in sentence.text[max(since, sentence.start) : label.start]
    alone = not listed and all(f.indicator in _PARTS for f in amounts)
    return last.indicator if compared or alone else ""


def completion_of(sentence: Sentence, label: Token, left: int) -> str:
    """What 完成预算的x% is said of: the amount named or stated before it, else the topic."""
    figure = sentence.state.figure
    stated = figure.indicator if figure is not None and figure.unit == "万元" else ""
    named = [
        t
        for t in sentence.labels
        if left <= t.start and t.end <= label.start and t.start not in sentence.closed
    ]
    if named and named[-1].kind in ("generic", "label"):
        generic = named[-1].kind == "generic"
        stated = _generic(sentence, named[-1], left) if generic else named[-1].value
    topic = stated or sentence.state.topic
    if topic in ("", "expenditure", "budget_execution_rate"):
        return "budget_execution_rate"
    if topic == "project_expenditure" and sentence.state.subject:
        return "budget_execution_rate"
    whole = {
        "revenue": "revenue_completion_rate",
        "three_public_expenditure": "three_public_control_rate",
        "three_public_control_rate": "three_public_control_rate",
    }
    return whole.get(topic, "")


def _rate_of_topic(sentence: Sentence, label: Token, left: int) -> str:
    """A bare 控制率: the control rate of the amount that the sentence is about."""
    if not _department_only(sentence, lead_of(sentence, label, left)):
        return ""
    figure = sentence.state.figure
    if label.text == "完成率" and figure is not None and figure.subject != WHOLE_DEPARTMENT:
        return "budget_execution_rate" if figure.unit == "万元" else ""
    topic = sentence.state.topic
    endings = _RATES_OF_TOPIC[label.text]
    for token in reversed(sentence.labels):
        # 「预算完成率:支出…,预算…,完成率95%」: the full name stands before.
        full = token.kind == "label" and token.end < label.start and token.text.endswith(label.text)
        if full and token.value.endswith(endings):
            return token.value
    for indicator in sentence.lexicon.indicators.values():
        about = indicator.indicator == topic or (
            indicator.numerator.partition("/")[0] == topic and label.text != "完成率"
        )
        if topic and about and indicator.indicator.endswith(endings):
            return indicator.indicator
    return ""


def ratio(sentence: Sentence, label: Token, left: int) -> str:
    """The reimbursement ratio that the noun phrase ending with the label names, or ""."""
    start = phrase_start(sentence, label.start, left)
    phrase = sentence.text[start : label.end]
    # 「报销比例(住院)」: the brackets name the service.
    service = re.match(r"\([^()\d]{2,8}\)", sentence.text[label.end :])
    phrase += service.group(0) if service else ""
    before = sentence.text[sentence.start : start]
    return sentence.lexicon.ratio_indicator(phrase, before.rpartition(";")[2], before)


def _generic(sentence: Sentence, label: Token, left: int) -> str:
    """预算数, 实际支出 and the like: of the label before them, the topic, or the department."""
    start = phrase_start(sentence, label.start, left)
    lead = sentence.text[start : label.start]
    near = _amount_before(sentence, label, left)
    if near is None:
        near = _spent_of_budget(sentence, label)
    if near:
        return near
    subject = subject_in(sentence, lead) or _in_list_of_projects(sentence, lead)
    if subject:
        sentence.state.subject = subject
        return "expenditure" if sentence.scope.project_report else "project_expenditure"
    if sentence.scope.fund or "基金" in lead or sentence.scope.part:
        return ""
    if label.text == "预算调整数" and "调整率" in sentence.text[sentence.start : sentence.end]:
        # 「预算调整数72万元,调整率8.8%」: by how much, not to what.
        return ""
    if _PART_OF.search(lead) and "其中" in sentence.text[sentence.start : label.start]:
        return ""
    units = set(_UNIT_OF.findall(sentence.text, sentence.start, sentence.end))
    if len(units) > 1 and _UNIT_OF.search(lead):
        # 「医保中心预算210万元,支出205万元;局机关预算610万元」: each unit's own is a part.
        sentence.state.stranger = label.start
        return ""
    if near is not None:
        return near
    if lead == "占":
        return _budget_of_spent(sentence, label)
    if _other_cost(sentence, label.start):
        sentence.state.stranger = label.start
        return ""
    if _settles_revenue(sentence, label):
        return "revenue"
    if not _department_only(sentence, lead):
        name = _name_in(lead)
        if label.text != "下达" and _NAME.fullmatch(name) and not _NO_OWNER.search(name):
            sentence.state.stranger = label.start
        return ""
    subject = _subject_before(sentence, start)
    if subject:
        sentence.state.subject = subject
    if sentence.state.subject:
        return "expenditure" if sentence.scope.project_report else "project_expenditure"
    if label.text == "下达" or _THIS_PROJECT.search(lead) or _of_stranger(sentence, label):
        return "expenditure" if sentence.scope.project_report and label.text != "下达" else ""
    return _amount_of_topic(sentence, lead + label.text) or "expenditure"


def _spent_of_budget(sentence: Sentence, label: Token) -> str | None:
    """「公务接待费预算2万元,决算1.32万元」: what was spent of the item just budgeted."""
    figure = sentence.state.figure
    if figure is None or figure.indicator not in _PARTS or figure.scenario not in BUDGETS:
        return None
    gap = sentence.text[figure.end : label.start]
    own = re.fullmatch(r",[^,;。:、()\d]{0,4}", gap) is not None
    if not (own and sentence.lexicon.only_fillers(gap) and _says_spent(sentence, label)):
        return None
    since = sentence.text.rfind(";", sentence.start, label.start)
    near = [f for f in sentence.state.figures if f.start > since]
    sums = [total for total in sentence.lexicon.definitions.sums if total.by == "kind"]
    wholes = wholes_of(figure.indicator, sums)
    stated = {f.scenario for f in near if f.indicator in wholes}
    if not stated or "actual" in stated:
        return figure.indicator
    # 「预算1020万元,其中人员420万元,项目600万元,实际支出998万元」: of the whole, behind its items;
    # behind a single item nobody can tell.
    items = {f.indicator for f in near if f.indicator in _PARTS and f.scenario in BUDGETS}
    return None if len(items - wholes) > 1 else ""


def _budget_of_spent(sentence: Sentence, label: Token) -> str:
    """「支出2.7万元,占年初预算3万元的90%」: the budget of what was spent, and then the share."""
    figure = sentence.state.figure
    if figure is None or figure.unit != "万元" or figure.scenario != "actual":
        return ""
    if sentence.text[figure.end : label.start] != ",占" or _says_spent(sentence, label):
        return ""
    sentence.state.completing = label
    return figure.indicator


def _says_spent(sentence: Sentence, label: Token) -> bool:
    said = sentence.lexicon.scenarios(label.text, 0, len(label.text))
    return label.kind == "flow" or (bool(said) and said[-1].value == "actual")


def _of_stranger(sentence: Sentence, label: Token) -> bool:
    """「某项费用预算60万元,支出45.5万元,执行率75.83%」: whose budget nobody knows, his is the rest."""
    stranger = sentence.state.stranger
    between = sentence.text[max(stranger, 0) : label.end]
    return stranger >= 0 and ";" not in between and not _WHOLE_NAMED.search(between)


def _settles_revenue(sentence: Sentence, label: Token) -> bool:
    """「收入预算36214万元,决算数34980万元」: what came in of the revenue budgeted."""
    figure = sentence.state.figure
    return (
        figure is not None
        and figure.indicator == "revenue"
        and figure.scenario in BUDGETS
        and "支出" not in label.text
        and re.search("决算|执行数|实际数|完成数", label.text) is not None
        and re.fullmatch(r",[^,;]{0,4}", sentence.text[figure.end : label.start]) is not None
    )


def _other_cost(sentence: Sentence, at: int) -> bool:
    """Whether the clauses before are about a cost that is no indicator: 培训费, 运维成本 …"""
    since = sentence.text.rfind(";", sentence.start, at) + 1
    last = max((t.end for t in sentence.labels if t.kind == "label" and t.end <= at), default=0)
    said = sentence.text[max(since, last, sentence.start) : at]
    return any(cost in said for cost in sentence.lexicon.context["department"]["other_costs"])


def _amount_before(sentence: Sentence, label: Token, left: int) -> str | None:
    """The amount named between the last figure and a generic word: "" if it is not ours."""
    before = [
        t
        for t in sentence.labels
        if left <= t.start
        and t.end <= label.start
        and t.start not in sentence.closed
        and (
            t.kind in ("label", "not_label")
            or (t.kind == "short" and t.start == phrase_start(sentence, t.start, left))
        )
    ]
    if not before:
        return None
    near, gap = before[-1], sentence.text[before[-1].end : label.start]
    if near.kind == "not_label" or sentence.lexicon.indicators[near.value].kind != "amount":
        return "" if not re.search("[,;:]", gap) else None
    if sentence.lexicon.only_fillers(gap):
        sentence.used.add(near.start)
        return near.value
    return "" if not re.search("[,;:]", gap) else None


def _amount_of_topic(sentence: Sentence, words: str) -> str:
    """The amount that the sentence is about, "" where it is about the whole department.

    Revenue and balances are no topic of a budget or of spending.
    """
    if not sentence.state.topic:
        return ""
    topic = sentence.lexicon.indicators[sentence.state.topic]
    amount = topic.indicator if topic.kind == "amount" else topic.numerator.partition("/")[0]
    if not amount or sentence.lexicon.indicators[amount].kind != "amount":
        return ""
    if amount == "revenue":
        return "revenue" if "收入" in words else ""
    return "" if amount in ("opening_balance", "closing_balance") else amount


def _subject_before(sentence: Sentence, start: int) -> str:
    """The project that an earlier clause without a figure opens with."""
    part = sentence.text[sentence.start : start].rpartition(";")[2]
    clauses = re.split("[,:]", part)
    for clause in reversed(clauses):
        opening = _PROJECT_OPENS.match(clause)
        if opening and not find(clause):
            return subject_in(sentence, opening.group(1))
    if len(clauses) > 1 and not find(clauses[0]):
        # In a list of projects an item opens with the project's name; any numbered item that opens
        # with a name of a cost does.
        name = _ITEM_NUMBER.sub("", clauses[0])
        of_item = name != clauses[0] and name.endswith(_COSTS) and not _holds_label(sentence, name)
        if 4 <= len(name) <= 36 and "。" not in name and (sentence.scope.projects or of_item):
            return name
    return ""


def _holds_label(sentence: Sentence, name: str) -> bool:
    return any(t.kind in ("label", "not_label") for t in sentence.lexicon.labels(name))


def _department_only(sentence: Sentence, lead: str) -> bool:
    """Whether the words before a generic amount name nothing but the department itsentence."""
    lead = re.sub(r"^(?:\(?[一二三四五六七八九十\d]+[)、.])", "", lead)
    lead = re.sub(r"^(?:[、和及与]|(?:比|较|与|同|和)(?=上年|去年|(?:19|20)\d\d|$))", "", lead)
    lead = re.sub(r"^[\u4e00-\u9fff]{2,14}(?:医疗保障局|医保局|医疗保障事务中心|局|中心)", "", lead)
    words = sentence.lexicon.context["department"]["words"]
    for word in sorted(words, key=len, reverse=True):
        lead = lead.replace(word, "")
    return sentence.lexicon.only_fillers(lead)


def subject_in(sentence: Sentence, lead: str) -> str:
    """The name of a project or fund that ends the words before a generic amount, or ""."""
    projects = sentence.lexicon.context["projects"]
    name = _name_in(lead)
    if name in projects["no_name"] or not 5 <= len(name) <= 40 or _REASON.search(name):
        return ""
    return name if name.endswith(tuple(projects["endings"])) else ""


def _name_in(lead: str) -> str:
    """The words before an amount without the number, the year and the verbs around a name."""
    lead = _ITEM_NUMBER.sub("", lead)
    lead = re.sub(r"^.*(?:19|20)\d\d年?度?", "", lead)
    lead = re.sub(
        r"^(?:我局|本单位|我单位|其中|一是|二是|三是|四是|五是|用于|安排|共|为)+", "", lead
    )
    lead = re.sub(r"\([^)]*\)$", "", lead)
    lead = re.sub(r"[-·](?:中央|省级|市级|县级|区级|本级)$", "", lead)
    return _BEFORE_AMOUNT.sub("", lead)


def _in_list_of_projects(sentence: Sentence, lead: str) -> str:
    """Under a heading of projects any name before an amount is a project's: 「审核服务费预算60万元」."""
    if not sentence.scope.projects or _OWN.search(lead) or _department_only(sentence, lead):
        return ""
    name = _name_in(lead)
    known = name in sentence.lexicon.context["projects"]["no_name"]
    if known or not _NAME.fullmatch(name) or _holds_label(sentence, name):
        return ""
    return name


def _flow(sentence: Sentence, label: Token, left: int) -> str:
    """Bare 收入 or 支出: the fund's or the department's, once the sentence said whose."""
    near = _amount_before(sentence, label, left)
    if near is None:
        near = _spent_of_budget(sentence, label)
    if near is not None:
        return near
    lead = lead_of(sentence, label, left)
    if not _department_only(sentence, lead) or _of_stranger(sentence, label):
        return ""
    if _PART_OF.search(lead) and "其中" in sentence.text[sentence.start : label.start]:
        return ""
    out = label.value == "out"
    if sentence.state.topic.startswith("fund_") or sentence.scope.fund:
        return "fund_expenditure" if out else "fund_revenue"
    if out and sentence.state.subject:
        return "expenditure" if sentence.scope.project_report else "project_expenditure"
    if out and _amount_of_topic(sentence, label.text):
        return _amount_of_topic(sentence, label.text)
    if sentence.state.topic in ("expenditure", "revenue", "opening_balance"):
        return "expenditure" if out else "revenue"
    return ""


def _short(sentence: Sentence, label: Token) -> str:
    """人员, 公用, 项目 count only in a list under their whole, right before the figure."""
    part = label.value
    before = sentence.text[phrase_start(sentence, label.start, sentence.start) : label.start]
    if not re.fullmatch(r".*(?:其中|[、和及与(])|", before) and part == "project_expenditure":
        return ""
    for total in sentence.lexicon.definitions.sums:
        if total.by in ("kind", "within") and part in total.parts:
            related = (total.whole, *total.parts)
            near = [t for t in sentence.labels if t.end <= label.start and t.kind == "label"]
            clause = phrase_start(sentence, label.start, sentence.start)
            named = near and near[-1].start >= clause and near[-1].value in related
            if named or sentence.state.topic in related or sentence.state.indicator in related:
                return part
    return ""


def remember_topic(sentence: Sentence, indicator: str, at: int) -> None:
    """Makes what text[at] speaks of the topic; an item of a whole leaves the whole the topic."""
    itemised = "其中" in sentence.text[sentence.start : sentence.end]
    itemised = itemised or in_brackets(sentence.text, at)
    sums = [total for total in sentence.lexicon.definitions.sums if total.by == "kind"]
    if itemised and sentence.state.topic in wholes_of(indicator, sums):
        return
    family = sentence.lexicon.indicators[indicator].family
    if family in ("budget", "three_public") or indicator.startswith("fund_"):
        sentence.state.topic = indicator
