"""Joins labels and quantities within a sentence, and settles what each figure is about.

The sentence is read from left to right. A quantity belongs to the label nearest before it when
nothing but fillers stands between them; it carries a label on from the figure before it when only
words that change a dimension stand between; lists are dealt out when the counts agree. What these
rules cannot settle is refused, with the reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal

from ingest.lexicon import Lexicon, Token
from ingest.quantities import comparator, convert, find
from ingest.records import WHOLE_DEPARTMENT, Quantity

# Words for no group in particular, from strong to weak.
_GENERAL = ("everybody", "people")
_POSTS = ("staff", "authorised_posts")
BUDGETS = ("initial_budget", "adjusted_budget", "budget")


@dataclass(frozen=True)
class Scope:
    """What the surroundings of a sentence say where the sentence itself is silent.

    `scenario` is "" or what the heading, column or kind of report implies; `population` the group
    that title or heading named, `carried` the one of the sentence before,
    `insured` the one insurance that the title of the report names; `topic` the indicator a heading or row is about; `fund`
    whether the passage speaks of the insurance funds' money, `part` whether of one unit of
    several; `projects` whether the heading announces a list of projects, `project_report` whether the whole report is one project's; `form` whether the passage
    is a row of a form; `unit` the unit of bare amounts.
    """

    year: int | None = None
    scenario: str = ""
    scenario_from: str = ""
    population: str = ""
    carried: str = ""
    insured: str = ""
    subject: str = ""
    topic: str = ""
    fund: bool = False
    part: bool = False
    projects: bool = False
    project_report: bool = False
    form: bool = False
    unit: str = ""


@dataclass(frozen=True)
class Figure:
    """One figure of one indicator, before it is tied to its document (offsets: in the passage)."""

    indicator: str
    scenario: str
    population: str
    subject: str
    basis: str
    year: int | None
    period: str
    comparator: str
    value: Decimal
    unit: str
    decimals: int
    printed: str
    start: int
    end: int
    rule: str
    settled: tuple[tuple[str, str], ...]
    review: str = ""


@dataclass(frozen=True)
class Refused:
    """A quantity or label that was not taken; offsets in the passage."""

    start: int
    end: int
    indicator: str
    reason: str


@dataclass
class _State:
    """What the sentence has said so far."""

    scope: Scope
    topic: str = ""
    population: tuple[str, ...] = ()
    subject: str = ""
    scenario: str = ""
    label: Token | None = None
    indicator: str = ""
    figure: Figure | None = None
    previous: Quantity | None = None
    figures: list[Figure] = field(default_factory=list)
    earlier: list[Figure] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


_TARGETS_FOLLOW = re.compile(
    r"(?:目标|任务|打算|计划|指标值)(?:值|设定)?(?:是|为)?:(?!.*(?:完成情况|实际))"
)
_PROJECT_OPENS = re.compile(
    r"(?:.*(?:19|20)\d\d年度?)?"
    r"([^,;:]{3,34}?(?:补助资金|专项资金|配套资金|补助经费|专项经费|工作经费|项目资金|建设项目|项目))"
)
# 「…98%以上的目标要求」: what follows the figure makes it a target.
_TARGET_AFTER = re.compile(
    r"\)?的?[^,。;:、()]{0,8}?(?:目标(?!完成)|任务|指标(?!值完成)|要求|考核)"
)
_COMPARED = re.compile(
    r"[,(]?(?:比|较|与|同|和)(?:上年度?|去年|((?:19|20)\d\d)年度?)(?:同期)?(?:的|末|底|实际|决算数?|预算数?|年初预算数?)*$"
)
# 「参保率、补助发放率均达到100%」: one figure for a list of rates.
_SHARED = re.compile(r"(?:[、和及与][^,。;:、%\d]{2,16}?(?:率|比例))+(?:均|都)(?:为|达|达到|保持在|是)?")
_FROM = re.compile(r"(?:由|从)(?:(?:19|20)\d\d年度?的?|上年度?的?|去年的?)?$")
_SENTENCE_END = re.compile(r"[。！？!?](?!\d)|[。！？!?](?=(?:19|20)\d\d年)")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)年")
_BARE_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?=年?度)")
_PERIODS = (
    (re.compile(r"(?<!\d)(\d{1,2})月?[-~至到](\d{1,2})月"), "span"),
    (re.compile(r"上半年"), "01/06"),
    (re.compile(r"前三季度"), "01/09"),
    (re.compile(r"(?:第?一季度|首季)"), "01/03"),
    (re.compile(r"第?二季度"), "04/06"),
    (re.compile(r"第?三季度"), "07/09"),
    (
        re.compile(r"截[至止]到?(?:目前)?(?:(?:19|20)\d\d年)?(\d{1,2})月(?:(\d{1,2})日|[底末份])?"),
        "until",
    ),
)


def sentences(text: str) -> list[tuple[int, int]]:
    """The sentences of a passage as half-open spans."""
    spans, start = [], 0
    for match in _SENTENCE_END.finditer(text):
        spans.append((start, match.end()))
        start = match.end()
    if start < len(text):
        spans.append((start, len(text)))
    return spans


def read(text: str, scope: Scope, lexicon: Lexicon) -> tuple[list[Figure], list[Refused]]:
    """The figures of a tightened passage (several sentences) and what was refused.

    A group of insured persons named in one sentence holds for the sentences after it, until
    another group or everybody is named.
    """
    quantities = find(text)
    tokens = lexicon.labels(text)
    figures: list[Figure] = []
    refused: list[Refused] = []
    before: _Sentence | None = None
    for start, end in sentences(text):
        inside = [q for q in quantities if start <= q.start < end]
        labels = [t for t in tokens if start <= t.start < end]
        sentence = _Sentence(text, start, end, inside, labels, scope, lexicon)
        if before is not None and text.startswith("其中", start):
            sentence.go_on_from(before)
        sentence.read()
        before = sentence
        figures += sentence.state.figures
        refused += sentence.state.refused
        scope = replace(scope, carried=sentence.carried_population())
    return figures, refused


class _Sentence:
    """One sentence being read. Its methods are the rules, in the order they are tried."""

    def __init__(
        self,
        text: str,
        start: int,
        end: int,
        quantities: list[Quantity],
        labels: list[Token],
        scope: Scope,
        lexicon: Lexicon,
    ) -> None:
        self.text, self.start, self.end = text, start, end
        self.quantities, self.labels = quantities, labels
        self.scope, self.lexicon = scope, lexicon
        self.state = _State(scope, topic=scope.topic, subject=scope.subject)
        self.used: set[int] = set()
        self.dealt_until = start
        self.closed: set[int] = set()

    def go_on_from(self, before: _Sentence) -> None:
        """A sentence that opens with 其中 itemises the one before it."""
        held = before.state
        self.state.topic, self.state.subject = held.topic, held.subject
        if held.figures:
            self.state.figure, self.state.label = held.figures[-1], held.label
            self.state.indicator, self.state.population = held.indicator, held.population
            self.state.earlier = held.figures

    # -- the walk ---------------------------------------------------------------------------

    def read(self) -> None:
        dealt: set[int] = set()
        for number, quantity in enumerate(self.quantities):
            if number not in dealt:
                listed = self._deal_out(number)
                if listed:
                    dealt.update(range(number, number + listed))
                    self.dealt_until = self.quantities[number + listed - 1].end
                    self.state.population = ()
                else:
                    self._take(quantity)
            self.state.previous = quantity
        for token in self.labels:
            if token.kind in ("label", "ratio", "rate_of_topic") and token.start not in self.used:
                self.state.refused.append(
                    Refused(token.start, token.end, token.value, "label without a figure")
                )

    def _left_bound(self, quantity: Quantity) -> int:
        previous = self.state.previous
        if previous is None:
            return self.start
        _, _, after = comparator(self.text, previous.start, previous.end)
        return min(after, quantity.start)

    def _begin(self, quantity: Quantity) -> int:
        """Where the figure begins, its comparator included."""
        return comparator(self.text, quantity.start, quantity.end)[1]

    def _refuse(self, quantity: Quantity, reason: str, indicator: str = "") -> None:
        if indicator:
            self.state.figure = None
        self.state.refused.append(Refused(quantity.start, quantity.end, indicator, reason))

    def _take(self, quantity: Quantity) -> None:
        if quantity.kind in ("points", "other"):
            return
        begin, left = self._begin(quantity), self._left_bound(quantity)
        label = self._label_before(begin, left, quantity)
        self._announced(left, label.start if label else begin)
        if label is not None:
            self._from_label(quantity, label, begin, left)
        else:
            self._carried_on(quantity, begin, left)

    def _announced(self, left: int, end: int) -> None:
        """「三公经费:」 announces the topic of what follows."""
        for token in self.labels:
            if (
                left <= token.start < end
                and token.kind == "label"
                and self.text[token.end : token.end + 1] == ":"
            ):
                self._remember_topic(token.value)

    def _label_before(self, begin: int, left: int, quantity: Quantity) -> Token | None:
        """The nearest label since the last figure; words for amounts name no percentage."""
        amounts = ("generic", "flow", "short")
        for token in reversed(self.labels):
            if token.start in self.closed:
                continue
            if quantity.kind == "percent" and (
                token.kind in amounts
                or (token.kind == "label" and self.lexicon.indicators[token.value].kind == "amount")
            ):
                continue
            if token.end <= begin and token.start >= left:
                return token
        return None

    # -- a label stands before the quantity -------------------------------------------------

    def _from_label(self, quantity: Quantity, label: Token, begin: int, left: int) -> None:
        self.used.add(label.start)
        if self._after_label(quantity, begin, only_if_nearer=True):
            return
        if label.kind == "not_label":
            self._refuse(quantity, f"'{label.text}' only looks like a label", label.value)
            self.state.topic = self.scope.topic
            return
        if re.fullmatch(r"及?以", self.text[quantity.end :]):
            self._refuse(quantity, "the text breaks off in the middle of the figure", label.value)
            return
        if re.match(r"的(?:需|应|须|要|扣|不得|按|得|每)", self.text[quantity.end :]):
            self._refuse(quantity, "a rule, not a figure", label.value)
            return
        indicator = self._indicator(label, left, quantity)
        if not indicator and label.kind in ("short", "flow"):
            self._carried_on(quantity, begin, left)
            return
        if not indicator:
            self._fallback(quantity, begin, left, f"'{label.text}' names no known figure here")
            return
        amount = self._fit(indicator, quantity, label)
        if amount is None:
            self._fallback(
                quantity, begin, left, f"the unit does not fit '{label.text}'", indicator
            )
            self._remember_topic(indicator)
            return
        gap = self.text[label.end : begin]
        reason = self._not_joined(gap, quantity, left, label)
        if reason:
            self._remember_topic(indicator)
            self._fallback(quantity, begin, left, reason, indicator)
            return
        self._add(quantity, indicator, label, label.start, begin, left, "label before figure")
        if indicator in ("subsidised_persons", "insured_persons"):
            self._close_after(quantity)

    def _close_after(self, quantity: Quantity) -> None:
        """「资助21193名困难群众参保,其中…」: the 参保 after the figure belongs to it."""
        after = next((t for t in self.labels if t.start >= quantity.end), None)
        if after is None or after.value not in ("insured_persons", "subsidised_persons"):
            return
        gap = self.text[quantity.end : after.start]
        if re.fullmatch(r"[^,。;:、()\d]{0,12}", gap) and self.lexicon.only_fillers(gap):
            self.closed.add(after.start)
            self.used.add(after.start)

    def _fallback(
        self, quantity: Quantity, begin: int, left: int, reason: str, indicator: str = ""
    ) -> None:
        if self._share_of_persons(quantity, begin, left):
            return
        if self._after_label(quantity, begin):
            return
        self._refuse(quantity, reason, indicator)

    def _not_joined(self, gap: str, quantity: Quantity, left: int, label: Token) -> str:
        """Why the quantity does not belong to the label before it; "" if it does."""
        if _COMPARED.search(gap) and self.lexicon.only_fillers(_COMPARED.sub("", gap)):
            return ""
        if _FROM.search(gap) and not re.search("年|去年", _FROM.search(gap).group(0)):  # type: ignore[union-attr]
            if not re.search("上年|去年", self.text[self.start : self.end]):
                return "the value it starts from, of a year not stated"
        if _SHARED.fullmatch(gap):
            return ""
        if self._is_change(gap, quantity):
            return "a change, not a level"
        if self._is_share(gap):
            return "a share of something else"
        if not self.lexicon.only_fillers(gap):
            return f"other words stand between label and figure: '{gap}'"
        return ""

    def _is_change(self, gap: str, quantity: Quantity) -> bool:
        growth = self.lexicon.context["growth"]
        if re.match(r"个?百分点", self.text[quantity.end : quantity.end + 4]):
            return True
        stripped = re.sub(r"(?:了|约|近|幅度|幅|率|比例|额|:|将近|大约)+$", "", gap)
        if stripped.endswith(tuple(growth["words"])):
            return True
        stripped = re.sub(r"(?:为|达|了|约)+$", "", gap)
        return (
            stripped.endswith(
                tuple(w + t for w in growth["words"] for t in ("", "率", "幅度", "幅", "额"))
            )
            and not (stripped.endswith(tuple(w + "到" for w in growth["words"])))
            and gap.endswith(("为", "达", "约"))
            and not re.search(r"(?:提高|提升|上升|增加|增|下降|降低|降)(?:为|达)$", gap)
        )

    def _is_share(self, gap: str) -> bool:
        return any(word in gap for word in self.lexicon.context["shares"]["words"])

    def _fit(self, indicator: str, quantity: Quantity, label: Token) -> tuple[Decimal, int] | None:
        """Value and decimals in the codebook's unit, None if the unit does not fit."""
        kind = self.lexicon.indicators[indicator].kind
        unit = self.lexicon.indicators[indicator].unit
        if quantity.kind == "range":
            return None
        if quantity.kind == "bare":
            if kind == "score":
                return convert(quantity.value, quantity.decimals, "分", unit)
            counted = self.scope.form or label.text.endswith(("数", "人口"))
            if kind == "count" and counted and quantity.value == quantity.value.to_integral_value():
                return convert(quantity.value, quantity.decimals, "人", unit)
            if kind == "rate" and quantity.value == 0 and quantity.decimals == 0:
                return convert(quantity.value, 0, "%", unit)
            if kind == "rate" and self.scope.form and self.scope.unit in ("", "%"):
                # A form may print the sign in the head, or nowhere: 95.93 is then a percentage.
                return (quantity.value, quantity.decimals) if quantity.value > 1 else None
            if kind == "amount" and self.scope.unit:
                return convert(quantity.value, quantity.decimals, self.scope.unit, unit)
            return None
        fits = {"amount": "amount", "percent": "rate", "count": "count", "score": "score"}
        if quantity.kind == "visits" and indicator == "subsidised_persons":
            return convert(quantity.value, quantity.decimals, quantity.unit, unit)
        if fits.get(quantity.kind) != kind:
            return None
        return convert(quantity.value, quantity.decimals, quantity.unit, unit)

    # -- which indicator a label names here -------------------------------------------------

    def _indicator(self, label: Token, left: int, quantity: Quantity) -> str:
        if re.search("人均|户均|次均|每人|每户|平均每", self._lead(label, left)):
            return ""
        if label.kind == "label":
            return self._combined(label, left)
        if label.kind == "ratio":
            return self._ratio(label, left)
        if label.kind == "rate_of_topic":
            return self._rate_of_topic(label, left)
        if label.kind == "generic":
            return self._generic(label, left)
        if label.kind == "flow":
            return self._flow(label, left)
        if label.value == "insured_persons":
            return label.value if label.end == self._begin(quantity) else ""
        return self._short(label)

    def _combined(self, label: Token, left: int) -> str:
        """资助…参保 counts those whose premium was paid; 完成…预算的 depends on what is meant."""
        indicator = label.value
        if indicator == "insured_persons":
            for other in self.labels:
                between = self.text[other.end : label.start]
                if (
                    other.value == "subsidised_persons"
                    and other.kind == "label"
                    and left <= other.start < label.start
                    and self.lexicon.only_fillers(between)
                ):
                    self.used.add(other.start)
                    return "subsidised_persons"
        if indicator == "budget_execution_rate" and label.text.endswith(("预算的", "预算", "数的")):
            previous, figure = self.state.previous, self.state.figure
            if previous is not None and previous.kind == "amount" and left > self.start:
                own = figure is not None and figure.end >= previous.end
                if not own and not self._labels_between(left, label.start):
                    return ""
            if "追加" in self.text[left : label.start]:
                return ""
            return self._completion_of()
        if indicator in ("expenditure", "revenue") and self.state.topic.startswith("fund_"):
            return "fund_" + indicator
        if indicator in ("expenditure", "revenue", "budget_execution_rate"):
            lead = self._lead(label, left)
            if self.scope.fund or "基金" in lead or self.scope.part:
                return ""
            if indicator != "budget_execution_rate" and re.search("专项|项目", lead):
                return ""
        if label.text in self.lexicon.context["generic"]["spending"]:
            return self._generic(label, left)
        return indicator

    def _labels_between(self, start: int, end: int) -> bool:
        return any(start <= t.start and t.end <= end for t in self.labels)

    def _completion_of(self) -> str:
        """What 完成预算的x% is said of: the amount just stated, else the topic."""
        figure = self.state.figure
        stated = figure.indicator if figure is not None and figure.unit == "万元" else ""
        topic = stated or self.state.topic
        if topic in ("", "expenditure", "budget_execution_rate"):
            return "budget_execution_rate"
        if topic == "project_expenditure" and self.state.subject:
            return "budget_execution_rate"
        whole = {
            "revenue": "revenue_completion_rate",
            "three_public_expenditure": "three_public_control_rate",
            "three_public_control_rate": "three_public_control_rate",
        }
        return whole.get(topic, "")

    def _rate_of_topic(self, label: Token, left: int) -> str:
        """A bare 控制率: the control rate of the amount that the sentence is about."""
        if not self._department_only(self._lead(label, left)):
            return ""
        for indicator in self.lexicon.indicators.values():
            topic = self.state.topic
            if (
                indicator.indicator.endswith("control_rate")
                and topic
                and (indicator.numerator.partition("/")[0] == topic or indicator.indicator == topic)
            ):
                return indicator.indicator
        return ""

    def _phrase_start(self, at: int, left: int) -> int:
        """The start of the clause that text[at] stands in, not before `left`."""
        for mark in range(at - 1, left - 1, -1):
            if self.text[mark] in ",;:。":
                return mark + 1
        return left

    def _lead(self, label: Token, left: int) -> str:
        return self.text[self._phrase_start(label.start, left) : label.start]

    def _ratio(self, label: Token, left: int) -> str:
        start = self._phrase_start(label.start, left)
        phrase = self.text[start : label.end]
        sentence = self.text[self.start : start]
        return self.lexicon.ratio_indicator(phrase, sentence.rpartition(";")[2], sentence)

    def _generic(self, label: Token, left: int) -> str:
        """预算数, 实际支出 and the like: of the label before them, the topic, or the department."""
        start = self._phrase_start(label.start, left)
        lead = self.text[start : label.start]
        if self.scope.fund or "基金" in lead or self.scope.part:
            return ""
        near = self._amount_before(label, left)
        if near:
            return near
        subject = self._subject_in(lead)
        if subject:
            self.state.subject = subject
            return "expenditure" if self.scope.project_report else "project_expenditure"
        if near is not None:
            return near
        if not self._department_only(lead):
            return ""
        subject = self._subject_before(start)
        if subject:
            self.state.subject = subject
        if self.state.subject:
            return "expenditure" if self.scope.project_report else "project_expenditure"
        return self._amount_of_topic(lead + label.text) or "expenditure"

    def _amount_before(self, label: Token, left: int) -> str | None:
        """The amount named between the last figure and a generic word: "" if it is not ours."""
        before = [
            t
            for t in self.labels
            if left <= t.start
            and t.end <= label.start
            and (
                t.kind in ("label", "not_label")
                or (t.kind == "short" and t.start == self._phrase_start(t.start, left))
            )
        ]
        if not before:
            return None
        near, gap = before[-1], self.text[before[-1].end : label.start]
        if near.kind == "not_label" or self.lexicon.indicators[near.value].kind != "amount":
            return "" if not re.search("[,;:]", gap) else None
        if self.lexicon.only_fillers(gap):
            self.used.add(near.start)
            return near.value
        return "" if not re.search("[,;:]", gap) else None

    def _amount_of_topic(self, words: str) -> str:
        """The amount that the sentence is about, "" where it is about the whole department.

        Revenue and balances are no topic of a budget or of spending.
        """
        if not self.state.topic:
            return ""
        topic = self.lexicon.indicators[self.state.topic]
        amount = topic.indicator if topic.kind == "amount" else topic.numerator.partition("/")[0]
        if not amount or self.lexicon.indicators[amount].kind != "amount":
            return ""
        if amount == "revenue":
            return "revenue" if "收入" in words else ""
        return "" if amount in ("opening_balance", "closing_balance") else amount

    def _subject_before(self, start: int) -> str:
        """The project that an earlier clause without a figure opens with."""
        clauses = re.split("[,:]", self.text[self.start : start].rpartition(";")[2])
        for clause in reversed(clauses):
            opening = _PROJECT_OPENS.match(clause)
            if opening and not find(clause):
                return self._subject_in(opening.group(1))
        return ""

    def _department_only(self, lead: str) -> bool:
        """Whether the words before a generic amount name nothing but the department itself."""
        lead = re.sub(r"^(?:\(?[一二三四五六七八九十\d]+[)、.])", "", lead)
        lead = re.sub(r"^(?:比|较|与|同|和)(?=上年|去年|(?:19|20)\d\d)", "", lead)
        lead = re.sub(
            r"^[\u4e00-\u9fff]{2,14}(?:医疗保障局|医保局|医疗保障事务中心|局|中心)", "", lead
        )
        words = self.lexicon.context["department"]["words"]
        for word in sorted(words, key=len, reverse=True):
            lead = lead.replace(word, "")
        return self.lexicon.only_fillers(lead)

    def _subject_in(self, lead: str) -> str:
        """The name of a project or fund that ends the words before a generic amount, or ""."""
        projects = self.lexicon.context["projects"]
        lead = re.sub(r"^(?:\(?[一二三四五六七八九十\d]+[)、.])", "", lead)
        lead = re.sub(r"^.*(?:19|20)\d\d年?度?", "", lead)
        lead = re.sub(
            r"^(?:我局|本单位|我单位|其中|一是|二是|三是|四是|五是|用于|安排|共|为)+", "", lead
        )
        lead = re.sub(r"\([^)]*\)$", "", lead)
        lead = re.sub(r"[-·](?:中央|省级|市级|县级|区级|本级)$", "", lead)
        lead = re.sub(r"(?:共|共计|合计|总共|总计|实际|全年|本年|当年|年度|本年度)+$", "", lead)
        if lead in projects["no_name"] or len(lead) < 5 or len(lead) > 40:
            return ""
        return lead if lead.endswith(tuple(projects["endings"])) else ""

    def _flow(self, label: Token, left: int) -> str:
        """Bare 收入 or 支出: the fund's or the department's, once the sentence said whose."""
        near = self._amount_before(label, left)
        if near is not None:
            return near
        lead = self._lead(label, left)
        if not self._department_only(lead):
            return ""
        out = label.value == "out"
        if self.state.topic.startswith("fund_") or self.scope.fund:
            return "fund_expenditure" if out else "fund_revenue"
        if out and self.state.subject:
            return "expenditure" if self.scope.project_report else "project_expenditure"
        if out and self._amount_of_topic(label.text):
            return self._amount_of_topic(label.text)
        if self.state.topic in ("expenditure", "revenue", "opening_balance"):
            return "expenditure" if out else "revenue"
        return ""

    def _short(self, label: Token) -> str:
        """人员, 公用, 项目 count only in a list under their whole, right before the figure."""
        part = label.value
        for total in self.lexicon.definitions.sums:
            if total.by == "kind" and part in total.parts:
                related = (total.whole, *total.parts)
                near = [t for t in self.labels if t.end <= label.start and t.kind == "label"]
                clause = self._phrase_start(label.start, self.start)
                named = near and near[-1].start >= clause and near[-1].value in related
                if named or self.state.topic in related or self.state.indicator in related:
                    return part
        return ""

    def _remember_topic(self, indicator: str) -> None:
        for total in self.lexicon.definitions.sums:
            if total.by == "kind" and total.whole == self.state.topic and indicator in total.parts:
                return
        family = self.lexicon.indicators[indicator].family
        if family in ("budget", "three_public") or indicator.startswith("fund_"):
            self.state.topic = indicator

    # -- no label since the figure before ---------------------------------------------------

    def _carried_on(self, quantity: Quantity, begin: int, left: int) -> None:
        gap = self.text[left:begin]
        held, label = self.state.figure, self.state.label
        if "其中" in gap and (held is None or not self._same_kind(held, quantity)):
            earlier = [f for f in self.state.figures if self._same_kind(f, quantity)]
            held = earlier[-1] if earlier else held
        if self._share_of_persons(quantity, begin, left):
            return
        compared = _COMPARED.search(gap)
        if (self._is_change(gap, quantity) and not compared) or self._is_share(gap):
            self._refuse(quantity, "a change or a share")
            return
        if held is not None and label is not None:
            amount = self._fit(held.indicator, quantity, label)
            plain = _COMPARED.sub("", gap) if compared else gap
            if (
                amount is not None
                and self.lexicon.only_fillers(plain)
                and self._distinguishes(gap, held, quantity)
            ):
                self._add(quantity, held.indicator, label, left, begin, left, "label carried on")
                self._own_predicate(quantity)
                return
        if self._after_label(quantity, begin):
            return
        if self._named_fund(quantity, begin, left):
            return
        self._refuse(quantity, "no label")

    def _own_predicate(self, quantity: Quantity) -> None:
        """「其中建档立卡人口149627人全部参保,」: the part becomes what the sentence is about."""
        added = self.state.figure
        if added and re.match(r"(?:已|均|全部|都)*(?:参保|参合|参加)", self.text[quantity.end :]):
            self.state.population = (added.population,)

    def _same_kind(self, figure: Figure, quantity: Quantity) -> bool:
        kinds = {"万元": "amount", "%": "percent", "人": "count", "分": "score"}
        return kinds[figure.unit] == quantity.kind

    def _distinguishes(self, gap: str, held: Figure, quantity: Quantity) -> bool:
        """Whether the words between two figures say how the second differs from the first."""
        if not re.search(r"[\u4e00-\u9fff]", gap):
            return False
        if _COMPARED.search(gap):
            return True
        if held.unit == "人" and re.search(r"(?:合计|总计|总共)(?:为|达|达到)?$", gap):
            return True
        if re.search(r"(?:调整|提高|提升|上升|增加|增长|下降|降低|增|升|降)(?:到|至|为)$", gap):
            return True
        scenarios = self.lexicon.scenarios(gap, 0, len(gap))
        groups = self.lexicon.populations(gap, 0, len(gap), held.indicator)
        if any(g.value == "other" for g in groups):
            return False
        _, _, after = comparator(self.text, quantity.start, quantity.end)
        return bool(
            scenarios or groups or _YEAR.search(gap) or _TARGET_AFTER.match(self.text, after)
        )

    def _named_fund(self, quantity: Quantity, begin: int, left: int) -> bool:
        """「…配套资金180万元,完成支付167.76万元」: the fund's name stands for what was issued."""
        if quantity.kind != "amount":
            return False
        following = [t for t in self.labels if t.kind == "generic" and t.start > quantity.end]
        gap = self.text[quantity.end : following[0].start] if following else "。"
        if "其中" in self.text[self.text.rfind(";", self.start, left) + 1 : left]:
            return False
        if gap not in (",", ";", ""):
            return False
        if not any(
            s.value == "actual"
            for s in self.lexicon.scenarios(following[0].text, 0, len(following[0].text))
        ):
            return False
        subject = self._subject_in(self.text[self._phrase_start(begin, left) : begin])
        if not subject:
            return False
        self.state.subject = subject
        label = Token(begin - len(subject), begin, "generic", "", subject)
        self._add(
            quantity,
            "project_expenditure",
            label,
            begin - len(subject),
            begin,
            left,
            "fund named before its amount",
            scenario="adjusted_budget",
        )
        return True

    def _after_label(self, quantity: Quantity, begin: int, only_if_nearer: bool = False) -> bool:
        """「98%的参保率」, 「18.8万人参保」: the label stands right after the figure."""
        _, _, after = comparator(self.text, quantity.start, quantity.end)
        label = next((t for t in self.labels if t.start >= after), None)
        if label is None or label.kind in ("generic", "flow", "short", "rate_of_topic"):
            return False
        gap = self.text[after : label.start]
        if quantity.kind == "percent":
            if gap != "的" and not (gap == "" and label.value == "insured_persons"):
                return False
        elif quantity.kind in ("count", "visits"):
            if (
                len(gap) > 12
                or not re.fullmatch(r"[^,。;:、()\d]*", gap)
                or not self.lexicon.only_fillers(gap)
            ):
                return False
        else:
            return False
        # The label must not have a figure of its own after it.
        following = next((q for q in self.quantities if q.start >= label.end), None)
        if following is not None:
            between = self.text[label.end : self._begin(following)]
            if not re.search(r"[,;。]", between) and self.lexicon.only_fillers(between):
                return False
        if only_if_nearer and quantity.kind == "percent" and gap != "的":
            return False
        if only_if_nearer and quantity.kind in ("count", "visits"):
            return False
        if label.kind == "not_label":
            return False
        indicator = label.value if label.kind == "label" else self._ratio(label, after)
        if quantity.kind == "percent" and indicator == "insured_persons":
            # 「建档立卡100%参加基本医保」 speaks of the rate.
            indicator = "participation_rate"
        if not indicator or self._fit(indicator, quantity, label) is None:
            return False
        if label.kind == "ratio" and re.search(r"按(?:照)?$", self.text[: self._begin(quantity)]):
            return False
        self.used.add(label.start)
        self.closed.add(label.start)
        self._add(
            quantity,
            indicator,
            label,
            quantity.start,
            begin,
            self._left_bound(quantity),
            "label after figure",
        )
        return True

    def _share_of_persons(self, quantity: Quantity, begin: int, left: int) -> bool:
        """「参保80.87万人,占常住人口75.98万人的106.44%」: the insured as a share of the people."""
        if quantity.kind != "percent":
            return False
        held = self.state.scope.topic
        counted = [f for f in self.state.figures if f.indicator == "insured_persons"]
        if not counted and held != "insured_persons":
            return False
        clause = self._phrase_start(
            begin, max(self.start, counted[-1].end if counted else self.start)
        )
        words = self.text[clause:begin]
        shares = self.lexicon.context["shares"]
        if not words.startswith(tuple(shares["words"])) or not any(
            w in words for w in shares["insured_of"]
        ):
            return False
        label = Token(clause, clause + 1, "label", "participation_rate", words[:1])
        population = counted[-1].population if counted else ""
        self._add(
            quantity,
            "participation_rate",
            label,
            clause,
            begin,
            left,
            "insured persons as a share of the people",
            population=population,
            own_year=False,
        )
        return True

    # -- lists dealt out by 分别 ------------------------------------------------------------

    def _deal_out(self, number: int) -> int:
        """Deals the figures of a list out to as many labels or groups; returns how many it took."""
        first = self.quantities[number]
        begin, left = self._begin(first), self._left_bound(first)
        shared_out = "分别" in self.text[left:begin]
        listed = [first]
        for quantity in self.quantities[number + 1 :]:
            _, _, end = comparator(self.text, listed[-1].start, listed[-1].end)
            gap = self.text[end : self._begin(quantity)]
            if not re.fullmatch(r"[、,和及与]|以及|,?(?:和|及)", gap):
                break
            listed.append(quantity)
        if len(listed) < 2 or len({q.kind for q in listed}) > 1 and not shared_out:
            return 0
        clause = left if shared_out else self._phrase_start(begin, left)
        labels = [
            t
            for t in self.labels
            if clause <= t.start and t.end <= begin and t.kind in ("label", "ratio", "generic")
        ]
        if not shared_out and (not labels or labels[-1].kind == "generic"):
            return 0
        for token in labels:
            self.used.add(token.start)
        if len(labels) == len(listed) and shared_out:
            indicators = [
                self._indicator(t, clause, q) for t, q in zip(labels, listed, strict=True)
            ]
            if all(indicators) and all(
                self._fit(i, q, t) is not None
                for i, q, t in zip(indicators, listed, labels, strict=True)
            ):
                for quantity, indicator, token in zip(listed, indicators, labels, strict=True):
                    self._add(
                        quantity, indicator, token, clause, begin, left, "list dealt out by labels"
                    )
                return len(listed)
        if (labels and len({t.value for t in labels}) == 1) or len(labels) == 1:
            label = labels[-1]
            indicator = self._indicator(label, clause, first)
            groups = [
                g
                for g in self.lexicon.populations(self.text, clause, begin, indicator or "")
                if g.value != "everybody"
            ]
            if (
                indicator
                and len(groups) == len(listed)
                and all(g.value != "other" for g in groups)
                and all(self._fit(indicator, q, label) is not None for q in listed)
                and not self._is_change(self.text[label.end : begin], first)
            ):
                for quantity, group in zip(listed, groups, strict=True):
                    self._add(
                        quantity,
                        indicator,
                        label,
                        clause,
                        begin,
                        left,
                        "list dealt out by groups",
                        population=group.value,
                    )
                return len(listed)
        if not shared_out:
            return 0
        for quantity in listed:
            self._refuse(quantity, "a list whose figures and names do not count the same")
        return len(listed)

    # -- the dimensions ---------------------------------------------------------------------

    def _add(
        self,
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
    ) -> None:
        entry = self.lexicon.indicators[indicator]
        fitted = self._fit(indicator, quantity, label)
        if fitted is None:
            return
        value, decimals = fitted
        mark, _, after = comparator(self.text, quantity.start, quantity.end)
        settled: list[tuple[str, str]] = [("indicator", label.text)]
        if entry.family == "reimbursement" and self._policy_rule(label, quantity, left):
            self._refuse(quantity, "a rule of the policy, not an outcome", indicator)
            return
        if not scenario:
            scenario, words = self._scenario(entry.kind, indicator, label, left, begin, after)
        else:
            words = label.text
        settled.append(("scenario", words))
        if population is None:
            groups, words = self._population(indicator, label, quantity, left, begin, after)
            if not groups:
                self._refuse(quantity, f"a group without an id: '{words}'", indicator)
                return
            if words:
                settled.append(("population", words))
        else:
            groups = (population,)
        year, period, words = (
            self._time(left, begin, label) if own_year else (self.scope.year, "", "")
        )
        if scenario == "target" and words in ("明年", "下一年", "来年"):
            settled.append(("year", words))
        if words:
            settled.append(("year", words))
        subject = WHOLE_DEPARTMENT
        own = label.kind in ("generic", "flow") or indicator == "budget_execution_rate"
        if self.state.subject and (own or self.scope.project_report) and entry.family == "budget":
            subject = self.state.subject
        if subject != WHOLE_DEPARTMENT:
            settled.append(("subject", subject))
        basis = self._basis(indicator, label, left, begin) if "basis" in entry.dimensions else ""
        if not period:
            period = str(year) if year else ""
        outside = self._outside(entry.lowest, entry.highest, value)
        if outside:
            self._refuse(quantity, outside, indicator)
            return
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
            )
            self.state.figures.append(figure)
            self.state.figure = figure
        self.state.label = label
        self.state.indicator = indicator
        self._remember_topic(indicator)
        self.state.scenario = scenario

    def _outside(self, lowest: float | None, highest: float | None, value: Decimal) -> str:
        if lowest is not None and value < Decimal(str(lowest)):
            return f"{value} is below any believable value"
        if highest is not None and value > Decimal(str(highest)):
            return f"{value} is above any believable value"
        return ""

    def _policy_rule(self, label: Token, quantity: Quantity, left: int) -> bool:
        clause = self._phrase_start(label.start, left)
        words = self.lexicon.context["policy"]["words"]
        around = self.text[clause : quantity.start]
        return any(w in around for w in words) and "限额内" not in around

    def _scenario(
        self, kind: str, indicator: str, label: Token, left: int, begin: int, after: int
    ) -> tuple[str, str]:
        suffix = _TARGET_AFTER.match(self.text, after)
        if suffix and not re.match(r"\)?[,。;]", self.text[after:]):
            return "target", suffix.group(0)
        region_start = left if label.start >= left else self.start
        clause = self._phrase_start(min(label.start, begin), region_start)
        if label.start < left:
            clause = left
        tokens = self.lexicon.scenarios(self.text, clause, begin)
        if kind == "amount":
            for token in reversed(tokens):
                if token.value in (*BUDGETS, "actual"):
                    return token.value, token.text
            whole = self._whole_scenario(indicator) if label.kind != "flow" else ""
            if whole:
                return whole, "as its whole"
            if self.scope.scenario in (*BUDGETS, "actual"):
                return self.scope.scenario, self.scope.scenario_from
            if self.scope.scenario == "target":
                return "budget", self.scope.scenario_from
            return "actual", "nothing said otherwise"
        policy = self.lexicon.context["policy"]["plan"]
        set_by_rule = indicator.endswith("_ratio") or label.start >= after
        if (
            set_by_rule
            and kind == "rate"
            and any(w in self.text[self.start : self.end] for w in policy)
        ):
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
        if label.start < left and self.state.figure is not None and not tokens:
            return self.state.figure.scenario, "as the figure before"
        if _TARGETS_FOLLOW.search(self.text[self.start : clause].rpartition("。")[2]):
            return "target", "目标:"
        opening = self.lexicon.scenarios(self.text, self.start, clause)
        for token in reversed(opening):
            if token.text in ("力争", "争取", "努力", "拟", "预计", "计划", "目标为", "目标是"):
                return "target", token.text
            if token.text in ("实际", "已", "截至", "截止"):
                break
        if self.scope.scenario in ("target", "actual"):
            return self.scope.scenario, self.scope.scenario_from
        return "actual", "nothing said otherwise"

    def _whole_scenario(self, indicator: str) -> str:
        """A part listed under its whole shares the whole's scenario."""
        for figure in reversed([*self.state.earlier, *self.state.figures]):
            for total in self.lexicon.definitions.sums:
                if (
                    total.by == "kind"
                    and indicator in total.parts
                    and (figure.indicator == total.whole or figure.indicator in total.parts)
                ):
                    return figure.scenario
        return ""

    def _population(
        self, indicator: str, label: Token, quantity: Quantity, left: int, begin: int, after: int
    ) -> tuple[tuple[str, ...], str]:
        """The groups the figure is of, and the words that say so; () for a group without an id."""
        entry = self.lexicon.indicators[indicator]
        if "population" not in entry.dimensions:
            return ("",), ""
        start = self._phrase_start(min(label.start, begin), left)
        if label.start < left:
            start = left
        tokens = self.lexicon.populations(self.text, start, begin, indicator)
        follows = self.lexicon.populations(self.text, after, min(after + 12, self.end), indicator)
        if (
            follows
            and self.text[after : follows[0].start] in ("", "的")
            and quantity.kind in ("count", "visits")
        ):
            tokens = [follows[0]]
        if indicator != "medical_assistance_ratio" and any(t.value == "assisted" for t in tokens):
            return (), next(t.text for t in tokens if t.value == "assisted")
        groups = [t for t in tokens if t.value in self.lexicon.group_ids or t.value == "other"]
        if groups:
            return self._named_groups(
                indicator, entry.kind, entry.family, groups, start, label.start > begin
            )
        if re.search("合计|总计|总共", self.text[start:begin]):
            self.state.population = ("all",)
            return ("all",), "合计"
        general = [t for t in tokens if t.value in _GENERAL]
        everybody = [t for t in general if t.value == "everybody"]
        if everybody:
            # In a report on one insurance 全县 means all whom that insurance covers.
            self.state.population = (self.scope.insured or "all",)
            return self.state.population, everybody[-1].text
        if indicator == "satisfaction_rate":
            return ("all",), ""
        near = self._named_earlier(start, indicator, since=left)
        if near is not None and near.value in self.lexicon.group_ids and start > left:
            self.state.population = (near.value,)
            return (near.value,), near.text
        if self.state.population and (indicator in _POSTS) == (self.state.indicator in _POSTS):
            return self.state.population, "as before in the sentence"
        earlier = self._named_earlier(start, indicator)
        if earlier is not None and earlier.value in self.lexicon.group_ids:
            return (earlier.value,), earlier.text
        if earlier is not None and earlier.value == "other" and self.text[earlier.end] == ":":
            return (), earlier.text
        if general:
            return (self.scope.population or "all",), general[-1].text
        held = self.scope.carried or self.scope.population
        if held and (
            entry.family in ("participation", "reimbursement")
            or (held in ("residents", "employees") and indicator.startswith("fund_"))
        ):
            return (held,), "as named before"
        return ("all",), ""

    def _named_earlier(self, start: int, indicator: str, since: int = 0) -> Token | None:
        """The last group named before this clause in the sentence, lists under 其中 left out."""
        first = min(max(self.dealt_until, since), start)
        itemised = self.text.rfind("其中", first, start)
        if itemised > first and ";" not in self.text[itemised:start]:
            start = itemised
        tokens = [
            t
            for t in self.lexicon.populations(self.text, first, start, indicator)
            if t.value != "people"
        ]
        return tokens[-1] if tokens else None

    def _named_groups(
        self,
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
            between = self.text[token.end : listed[0].start]
            if token.value == "other" and between == "":
                listed.insert(0, token)
            if not re.fullmatch(r"(?:基本)?(?:医疗保险|医保)?(?:[、,和及与]|以及)", between):
                break
            listed.insert(0, token)
        words = "、".join(t.text for t in listed)
        if any(t.value == "other" for t in listed):
            counted = family in ("participation", "reimbursement") or indicator in _POSTS
            return ((), words) if counted else (("all",), "")
        values = tuple(dict.fromkeys(t.value for t in listed))
        if kind == "count" and len(values) > 1:
            self.state.population = (
                ("all",) if set(values) == {"employees", "residents"} else values
            )
            return (("all",), words) if set(values) == {"employees", "residents"} else ((), words)
        since = max(self.start, self.text.rfind(";", self.start, start))
        if "其中" not in self.text[since : listed[0].start] or whole:
            self.state.population = values
        return values, words

    def carried_population(self) -> str:
        """The insured group that holds for the next sentence: 居民 or 职工, the last one named."""
        tokens = self.lexicon.populations(self.text, self.start, self.end, "insured_persons")
        named = [t.value for t in tokens if t.value in ("residents", "employees", "everybody")]
        if named:
            return "" if named[-1] == "everybody" or len(set(named)) > 1 else named[-1]
        return self.scope.carried

    def _time(self, left: int, begin: int, label: Token) -> tuple[int | None, str, str]:
        year, words = self.scope.year, ""
        stretch = self.text[self.start : begin]
        for match in (*_YEAR.finditer(stretch), *_BARE_YEAR.finditer(stretch)):
            at, own = self.start + match.start(), int(match.group(1))
            before = stretch[max(0, match.start() - 3) : match.start()]
            compared = _COMPARED.search(self.text[left:begin])
            own_words = compared and left + compared.start() <= at
            if re.search(r"[比较与同占于转]$|结转$|自$", before) and not own_words:
                continue
            if re.match(r"(?:\d{1,2}月)?(?:以来|起|至|-)", stretch[match.end() :]):
                continue
            if re.search(r"\([^()]*$", stretch[: match.start()]) and ")" in stretch[match.end() :]:
                continue
            # A year in the middle of a sentence holds for the figure after it only.
            if at < left and own != self.scope.year and match.start() > 14:
                continue
            if at < left and before.endswith(("由", "从")):
                continue
            year, words = own, match.group(0)
        clause = self._phrase_start(min(label.start, begin), left)
        near = self.text[clause:begin]
        if self.scope.year:
            compared = _COMPARED.search(near) or _COMPARED.search(self.text[clause : label.start])
            if compared and not compared.group(1):
                year, words = self.scope.year - 1, compared.group(0)
            elif _FROM.search(near) and not re.search(r"\d", near):
                year, words = self.scope.year - 1, "由"
            elif re.search(
                r"(?<![比较与同])(?:上年度?|去年|上一年度?)(?!同期|末|结转|结余|底)", near
            ):
                year, words = self.scope.year - 1, "上年"
            elif re.search(r"明年|下一年度?|来年|下年度", near):
                year, words = self.scope.year + 1, "明年"
        period = ""
        for rule, name in _PERIODS:
            for match in rule.finditer(stretch):
                if not year:
                    continue
                if name == "span":
                    first, last = int(match.group(1)), int(match.group(2))
                elif name == "until":
                    first, last = 1, int(match.group(1))
                else:
                    first, last = (int(x) for x in name.split("/"))
                if not 1 <= first <= last <= 12:
                    continue
                period = "" if (first, last) == (1, 12) else f"{year}-{first:02d}/{year}-{last:02d}"
        return year, period, words

    def _basis(self, indicator: str, label: Token, left: int, begin: int) -> str:
        """Which budget a rate is measured on, by the words before the figure."""
        start = self._phrase_start(min(label.start, begin), left)
        lead = self.text[max(left, self._phrase_start(max(start - 1, left), left)) : start]
        words = (lead if re.match(r"[按以]", lead) else "") + self.text[start:begin]
        if "结转" in words and "追加" in words:
            return "available_funds"
        for token in reversed(self.lexicon.scenarios(words, 0, len(words))):
            if token.value in ("initial_budget", "adjusted_budget"):
                return token.value
        whose = label.text.endswith(("预算的", "预算"))
        return "budget" if indicator == "budget_execution_rate" and whose else "unstated"
