"""Joins labels and quantities within a sentence.

The sentence is read from left to right. A quantity belongs to the label nearest before it when
nothing but fillers stands between them; it carries a label on from the figure before it when only
words that change a dimension stand between; lists are dealt out (`lists`) when the counts agree.
`figures` settles the dimensions. What these rules cannot settle is refused, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.dimensions import (
    COMPARED,
    RELATIVE_YEAR,
    STARTING_FROM,
    TARGET_AFTER,
    YEAR,
    carried_population,
    in_brackets,
)
from ingest.figures import add
from ingest.lexicon import Lexicon, Token
from ingest.lists import deal_out
from ingest.naming import (
    GROUPS_PAID_FOR,
    announced,
    completion_of,
    indicator_named,
    ratio,
    remember_topic,
    subject_in,
)
from ingest.quantities import FORMULA, comparator, find
from ingest.records import Quantity
from ingest.sentence import (
    Figure,
    Refused,
    Scope,
    Sentence,
    begin_of,
    fitted,
    go_on_from,
    is_change,
    left_bound,
    phrase_start,
    refuse,
)

# 「参保率、补助发放率均达到100%」: one figure for a list of rates.
_SHARED = re.compile(
    r"(?:[、和及与][^,。;:、%\d]{2,16}?(?:率|比例))+(?:均|都)(?:为|达|达到|保持在|是)?"
)
# 「参保率较上年稳步提升,达97.2%」: how it moved, without a figure, then the level.
_MOVED = re.compile(
    r"^,?(?:比|较|与|同)(?:上年度?|去年|上一年度?|(?:19|20)\d\d年度?)(?:同期)?(?:相比)?,?"
    r"[^,;。:\d]{0,6}?(?:提高|提升|上升|增长|增加|下降|降低|减少|回升|改善|持平)了?,(?=为|达|至)"
)
# What follows the name that an amount has as well: the end of the clause, no figure of its own.
_ALL_OF_IT = re.compile(r"[,(]?(?:(?:均|全|全部)(?:为|是|系|用于|属于)|为)")
_CLAUSE_ENDS = re.compile(r"(?:支出|开支)?[,。;)]")
# From a count to the verb at the end of its clause: further groups, the rate or sum paid.
_PAID_FOR = re.compile(
    r"[\u4e00-\u9fff]{0,10}(?:[、和及][^。;]{2,26}?[人名][\u4e00-\u9fff]{0,8}){0,4}"
    r"(?:按[^。;]{2,20}?(?:标准|比例|元))?(?:给予|予以|实施|进行)?(?:全额|定额|分类|参保)*(?:资助|代缴)"
)
# 对 before those something is done for; 低保对象 has none.
_TO = re.compile("对(?!象)")
# 「资助低保、特困和监测对象等共5.4万人」
_AND_OTHERS = re.compile("[和及与]|等(?=共|合计|累计|总计|$)")
_IN_ALL = re.compile("等?(?:共计|合计|总计|累计|共)$")
# 「脱贫人口93416人、监测对象4237人全部参保,个人缴费由财政代缴」 counts the insured first.
_ALL_INSURED = re.compile(
    r"(?:[、和及](?:[^。;,]|,(?=\d{3})){2,26}?[人名])*(?:全部|均|全员|都)(?:参保|参合|参加)"
)
# 「困难群众7915人的个人缴费由财政代缴」
_PAID_BY = re.compile(
    r"(?:[、和及][^。;]{2,26}?[人名]){0,4}(?:[\u4e00-\u9fff]{0,10}|的(?:个人|参保|参合)[^,。;]{0,8})由[^,。;]{2,12}(?:代缴|资助|缴纳|负担|承担)"
)
_UNDER_PROJECTS = re.compile(
    r"项目支出(?:[\d.,]+[亿万]?元(?:,占[^,;。]{0,20}%)?[,:]?(?:分别为|其中|包括|主要是|主要有|主要用于)|中[,:])"
)
_GOES_ON = re.compile("其中|分类看|按[^,。:]{2,6}分|分险种")
_GOALS_GO_ON = re.compile(
    r"(?:同时)?,?(?:力争|争取|确保|努力|预计|计划|拟)(?![^。]*(?:19|20)\d\d年)"
)
_COMPLETES = re.compile(r"^(?:完成|占|为).*预算数?$")
_LEVEL_AFTER_CHANGE = re.compile(
    r",?(?:已|现)?(?:逐步|稳步)?(?:达到|达|为|至|到|"
    r"(?:提高|提升|上升|回升|增加|增长|扩大|下降|降低|下调|回落|减少|变|升|增|降)(?:到|至|为))了?"
)
_RULE_AFTER = re.compile(
    r"的(?:项目|单位|部门|机构|县|乡镇)(?:共|有|达|为|\d)|的?(?:需|应|须|得满分|得\d|得分|不得分|不扣分|扣\d|扣分|计\d|为优|为良|为中|为差|为合格)|的,?(?:要|扣|不得|按|得|每|需|应)"
)
_OUR_OWN = re.compile("[,;]?而?[我本全][县市区旗](?:实际)?(?:为|达到|达|是)?")
# 「比省定任务95%高出…」: the goal the figure is compared with.
_THAN_GOAL = re.compile(r"^,?(?:比|较)(?=[^,。;]*(?:目标|任务|计划|省定|市定|要求|预期))")
_ITS_RATE = re.compile(r",(?:[^,;。\d]{2,12},)?(?:预算|资金)?(?:执行|完成|支出)率")
_CARRIED_OVER = re.compile(
    r",?(?:已|全部|均|资金)*(?:按规定)?结转(?:至|到)?(?:下年|下一年|次年|(?P<year>(?:19|20)\d\d)年)"
)
_LEFT = re.compile("(?:结余|余|剩余|结存|未[^,;。]{0,8}的)(?:资金)?$")
_UNIT = re.compile(r"\(?(?:金额)?单位:(亿元|万元|千元|元)")
# 「指标:三公经费控制率;评分说明:预算数4.6万元…」: the item of a scoring sheet told in a sentence.
_SCORED_ITEM = re.compile(
    r"(?:[一二三]级|考核|评价|评分|绩效)?指标(?:名称)?:(?P<name>[^;,。:\d]{2,20})[;,]"
)
# 「卫生健康支出(类)医疗救助(款)城乡医疗救助(项)。年初预算为…」: a line of the budget by function.
_BY_FUNCTION = re.compile(r"\((?:款|项)\)")
# 「28万名农业人口参加新农合」: who they are, between the count and the label.
_INSURED_PEOPLE = re.compile("^(?:农业人口|农村人口|农民|农牧民|农村居民|城乡居民|居民|群众|职工)")
# 「对8610名低保对象参保给予定额资助」
_PAID_THEN = re.compile("(?:给予|实行|实施|予以|进行)[^,;。]{0,6}(?:资助|代缴)")
# 「对150名参保群众的问卷调查」
_SURVEYED = re.compile("[^,;。]{0,12}(?:问卷|调查|走访|访谈|座谈|回访|测评)")
_SUMMED = re.compile("(?:合计|总计|共计)得?$")
_GRADED = re.compile("[,;](?:自评|评价|评定|绩效|综合)*(?:等级|等次|等第)")
_SIGN = re.compile("[≥≤><=]")
_GOAL_BESIDE = "goal beside its result"
_STARTING_VALUE = "the value it starts from, of a year not stated"
_SENTENCE_END = re.compile(r"[。！？!?](?!\d)|[。！？!?](?=(?:19|20)\d\d年)")


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
    formulas = [m.span() for m in FORMULA.finditer(text)]
    tokens = [t for t in lexicon.labels(text) if not any(a <= t.start < b for a, b in formulas)]
    unit = _UNIT.match(text)
    if unit and not scope.unit:
        scope = replace(scope, unit=unit.group(1))
    figures: list[Figure] = []
    refused: list[Refused] = []
    before: Sentence | None = None
    for start, end in sentences(text):
        if before is not None:
            scope = replace(scope, carried=carried_population(before))
        inside = [q for q in quantities if start <= q.start < end]
        labels = [t for t in tokens if start <= t.start < end]
        by_function = _BY_FUNCTION.search(text, start, end)
        if by_function and not (inside and inside[0].start < by_function.start()):
            scope = replace(scope, part=True, topic="", subject="")
        about = _scored_item(text, start, labels, scope)
        if before is not None and _GOALS_GO_ON.match(text, start):
            about = _planned(about, before)
        sentence = Sentence(text, start, end, inside, labels, about, lexicon)
        if before is not None and _GOES_ON.match(text, start):
            go_on_from(sentence, before)
        _read_sentence(sentence)
        before = sentence
        scored = [f for f in sentence.state.figures if f.indicator == "self_evaluation_score"]
        if scored and not scope.project_report:
            # What the paragraph goes on to say is of the project just scored.
            scope = replace(scope, subject=sentence.state.subject)
        figures += sentence.state.figures
        refused += sentence.state.refused
    return figures, refused


def _scored_item(text: str, start: int, labels: Sequence[Token], scope: Scope) -> Scope:
    """The scope of a sentence that opens with the item scored: that item is its topic."""
    item = _SCORED_ITEM.match(text, start)
    named = [t for t in labels if item and t.kind == "label" and item.span("name")[0] <= t.start]
    if item is None or not named or named[0].end > item.end("name"):
        return scope
    return replace(scope, topic=named[0].value)


def _planned(scope: Scope, before: Sentence) -> Scope:
    """「2025年预算安排1420万元。力争参保率保持在96%以上」: goals of the year named before them."""
    named = YEAR.findall(before.text, before.start, before.end)
    following = scope.year + 1 if scope.year else 0
    return replace(scope, year=following) if named[-1:] == [str(following)] else scope


def _read_sentence(sentence: Sentence) -> None:
    dealt: set[int] = set()
    for number, quantity in enumerate(sentence.quantities):
        if number not in dealt:
            listed = deal_out(sentence, number)
            if listed:
                dealt.update(range(number, number + listed))
                sentence.dealt_until = sentence.quantities[number + listed - 1].end
                sentence.state.population = ()
            else:
                _take(sentence, quantity)
        sentence.state.previous = quantity
    for token in sentence.labels:
        if token.kind in ("label", "ratio", "rate_of_topic") and token.start not in sentence.used:
            sentence.state.refused.append(
                Refused(token.start, token.end, token.value, "label without a figure")
            )


def _take(sentence: Sentence, quantity: Quantity) -> None:
    if quantity.kind == "points" or (quantity.kind == "other" and quantity.unit != "个"):
        left = left_bound(sentence, quantity)
        sentence.state.pending = _label_before(sentence, quantity.start, left, None)
        return
    begin, left = begin_of(sentence, quantity), left_bound(sentence, quantity)
    label = _label_before(sentence, begin, left, quantity)
    announced(sentence, left, label.start if label else begin)
    if label is not None:
        _from_label(sentence, quantity, label, begin, left)
    else:
        _carried_on(sentence, quantity, begin, left)


def _label_before(
    sentence: Sentence, begin: int, left: int, quantity: Quantity | None
) -> Token | None:
    """The nearest label since the last figure; words for amounts name no percentage."""
    amounts = ("generic", "flow", "short")
    for token in reversed(sentence.labels):
        if token.start in sentence.closed:
            continue
        if (
            quantity is not None
            and quantity.kind in ("percent", "range")
            and (
                token.kind in amounts
                or (
                    token.kind == "label"
                    and sentence.lexicon.indicators[token.value].kind == "amount"
                )
            )
        ):
            continue
        if token.end <= begin and token.start >= left:
            return token
    return None


def _from_label(
    sentence: Sentence, quantity: Quantity, label: Token, begin: int, left: int
) -> None:
    sentence.used.add(label.start)
    if _after_label(sentence, quantity, begin, only_if_nearer=True):
        return
    if label.kind == "not_label":
        apart = re.search("[,;]", sentence.text[label.end : begin])
        if apart and _paid_for(sentence, quantity, begin, left):
            return
        refuse(sentence, quantity, f"'{label.text}' only looks like a label", label.value)
        if quantity.kind != "amount" or sentence.lexicon.indicators[label.value].kind == "amount":
            sentence.state.topic = sentence.scope.topic
        return
    if re.fullmatch(r"及?以", sentence.text[quantity.end :]):
        refuse(sentence, quantity, "the text breaks off in the middle of the figure", label.value)
        return
    if _RULE_AFTER.match(sentence.text, comparator(sentence.text, quantity.start, quantity.end)[2]):
        refuse(sentence, quantity, "a scoring rule, not a figure", label.value)
        return
    beside = quantity.kind in ("percent", "count") and _beside_another(sentence, quantity)
    signed = beside and _SIGN.search(sentence.text[begin : quantity.start]) is not None
    if beside and not signed and quantity.kind == "percent":
        refuse(sentence, quantity, "two figures side by side, and no word between", label.value)
        return
    indicator = indicator_named(sentence, label, left, quantity)
    if not indicator and label.kind in ("short", "flow"):
        _carried_on(sentence, quantity, begin, left)
        return
    if not indicator:
        _fallback(sentence, quantity, begin, left, f"'{label.text}' names no known figure here")
        return
    amount = fitted(sentence, indicator, quantity, label)
    if amount is None and _budget_named_first(sentence, quantity, label, begin, left):
        return
    if amount is None and indicator == "expenditure" and quantity.kind in ("count", "percent"):
        # 「目标值为8.6万人,实际完成8.3万人」: what was done is the count's.
        sentence.used.discard(label.start)
        _carried_on(sentence, quantity, begin, left)
        return
    if amount is None:
        _fallback(
            sentence, quantity, begin, left, f"the unit does not fit '{label.text}'", indicator
        )
        remember_topic(sentence, indicator, begin)
        return
    gap = sentence.text[label.end : begin]
    reason = _not_joined(sentence, gap, quantity, left, label)
    if reason:
        remember_topic(sentence, indicator, begin)
        if reason == _STARTING_VALUE:
            sentence.state.pending = label
        if not _left_over(sentence, quantity, begin, left):
            _fallback(sentence, quantity, begin, left, reason, indicator)
        return
    if signed:
        goal = (sentence, quantity, indicator, label, label.start, begin, left)
        add(*goal, _GOAL_BESIDE, scenario="target")
        return
    add(sentence, quantity, indicator, label, label.start, begin, left, "label before figure")
    _all_of_it(sentence, quantity)
    if re.search("均|都", sentence.text[label.end : begin]):
        _share_with_listed(sentence, quantity, label, left)
    if indicator in ("subsidised_persons", "insured_persons"):
        _close_after(sentence, quantity)


def _beside_another(sentence: Sentence, quantity: Quantity) -> bool:
    """「参保率 95% 97.8%」: a row without its head; goal and result cannot be told apart.

    Where the first has a sign (≥) and the second none, they can.
    """
    after = comparator(sentence.text, quantity.start, quantity.end)[2]
    following = next((q for q in sentence.quantities if q.start >= after), None)
    if following is None or following.kind != quantity.kind:
        return False
    gap = sentence.text[after : begin_of(sentence, following)]
    return not gap.strip()


def _all_of_it(sentence: Sentence, quantity: Quantity) -> None:
    """「本年收入263万元,均为一般公共预算财政拨款收入」: the same amount under a second name."""
    after = comparator(sentence.text, quantity.start, quantity.end)[2]
    whole = _ALL_OF_IT.match(sentence.text, after)
    if whole is None or quantity.kind != "amount" or sentence.state.figure is None:
        return
    label = next((t for t in sentence.labels if t.start == whole.end() and t.kind == "label"), None)
    if label is None or sentence.lexicon.indicators[label.value].kind != "amount":
        return
    if not _CLAUSE_ENDS.match(sentence.text, label.end):
        return
    sentence.used.add(label.start)
    sentence.closed.add(label.start)
    state, scenario = sentence.state, sentence.state.figure.scenario
    about = state.topic, state.figure, state.label, state.indicator
    begin, left = begin_of(sentence, quantity), left_bound(sentence, quantity)
    add(
        sentence,
        quantity,
        label.value,
        label,
        quantity.start,
        begin,
        left,
        "all of the amount",
        scenario=scenario,
    )
    # The sentence goes on about the whole.
    state.topic, state.figure, state.label, state.indicator = about


def _share_with_listed(sentence: Sentence, quantity: Quantity, label: Token, left: int) -> None:
    """「甲参保率、乙参保率均为100%」: the labels listed before share the figure."""
    end = label.start
    clause = phrase_start(sentence, label.start, left)
    for token in reversed(sentence.labels):
        between = sentence.text[token.end : end]
        if token.start < clause or token.end > end or token.kind not in ("label", "ratio"):
            continue
        if not re.match(r"[、和及与]", between):
            return
        lead = sentence.text.rfind("、", clause, token.start) + 1 or clause
        indicator = indicator_named(sentence, token, lead, quantity)
        if indicator and fitted(sentence, indicator, quantity, token) is not None:
            sentence.used.add(token.start)
            add(
                sentence, quantity, indicator, token, lead, token.end, lead, "one figure for a list"
            )
        end = token.start


def _budget_named_first(
    sentence: Sentence, quantity: Quantity, label: Token, begin: int, left: int
) -> bool:
    """「完成年初预算1320万元的112%」: the budget, then the share of it."""
    gap = sentence.text[label.end : begin]
    if label.value != "budget_execution_rate" or quantity.kind != "amount":
        return False
    if not _COMPLETES.search(label.text) or not sentence.lexicon.only_fillers(gap):
        return False
    amounts = [f for f in sentence.state.figures if f.unit == "万元"]
    stated = amounts[-1].indicator if sentence.state.figure and amounts else "expenditure"
    sentence.state.completing = label
    add(sentence, quantity, stated, label, label.start, begin, left, "budget before its share")
    return True


def _close_after(sentence: Sentence, quantity: Quantity) -> None:
    """「资助21193名困难群众参保,其中…」: the 参保 after the figure belongs to it."""
    after = next((t for t in sentence.labels if t.start >= quantity.end), None)
    if after is None or after.value not in ("insured_persons", "subsidised_persons"):
        return
    gap = sentence.text[quantity.end : after.start]
    if re.fullmatch(r"[^,。;:、()\d]{0,12}", gap) and sentence.lexicon.only_fillers(gap):
        sentence.closed.add(after.start)
        sentence.used.add(after.start)


def _fallback(
    sentence: Sentence, quantity: Quantity, begin: int, left: int, reason: str, indicator: str = ""
) -> None:
    if _share_of_persons(sentence, quantity, begin, left):
        return
    if _after_label(sentence, quantity, begin):
        return
    if _paid_for(sentence, quantity, begin, left):
        return
    if _listed_project(sentence, quantity, begin, left):
        return
    _remember_owner(sentence, quantity, begin, left)
    refuse(sentence, quantity, reason, indicator)


def _not_joined(sentence: Sentence, gap: str, quantity: Quantity, left: int, label: Token) -> str:
    """Why the quantity does not belong to the label before it; "" if it does."""
    if COMPARED.search(gap) and sentence.lexicon.only_fillers(COMPARED.sub("", gap)):
        return ""
    gap = _MOVED.sub("", gap)
    if label.value == "subsidised_persons":
        gap = _AND_OTHERS.sub("、", gap)
    starting = STARTING_FROM.search(gap)
    if (
        starting
        and "年" not in starting.group(0)
        and not re.search("上年|去年", sentence.text[sentence.start : sentence.end])
    ):
        return _STARTING_VALUE
    if _SHARED.fullmatch(gap):
        return ""
    if re.search("(?:任务|目标|计划)(?:数|量|值)?的$", gap):
        return "how far a goal was met"
    if is_change(sentence, gap, quantity):
        return "a change, not a level"
    if _is_share(sentence, gap):
        return "a share of something else"
    if not sentence.lexicon.only_fillers(gap):
        return f"other words stand between label and figure: '{gap}'"
    return ""


def _is_share(sentence: Sentence, gap: str) -> bool:
    return any(word in gap for word in sentence.lexicon.context["shares"]["words"])


def _carried_on(sentence: Sentence, quantity: Quantity, begin: int, left: int) -> None:
    gap = sentence.text[left:begin]
    held, label = sentence.state.figure, sentence.state.label
    if held is not None and gap.startswith(")") and in_brackets(sentence.text, held.start):
        held = None
    if held is not None and label is not None and held.rule == _GOAL_BESIDE and not gap.strip():
        result = (sentence, quantity, held.indicator, label, left, begin, left)
        add(*result, "result beside its goal", population=held.population, scenario="actual")
        return
    other_year = YEAR.search(gap) or COMPARED.search(gap)
    if ("其中" in gap or other_year) and (held is None or not _same_kind(sentence, held, quantity)):
        earlier = [
            f
            for f in (*sentence.state.earlier, *sentence.state.figures)
            if _same_kind(sentence, f, quantity) and not in_brackets(sentence.text, f.start)
        ]
        held = earlier[-1] if earlier else held
    if held is not None and COMPARED.search(gap):
        # What is compared is the first figure of its kind, not the budget named on the way.
        part = sentence.text.rfind(";", sentence.start, begin)
        same = [
            f
            for f in sentence.state.figures
            if f.start > part and _same_kind(sentence, f, quantity) and f.year == held.year
        ]
        held = same[0] if same else held
    if _share_of_persons(sentence, quantity, begin, left):
        return
    if gap in ("的", "之") and sentence.state.completing is not None and quantity.kind == "percent":
        completing = sentence.state.completing
        indicator = completion_of(sentence, completing, left)
        if indicator:
            add(
                sentence,
                quantity,
                indicator,
                completing,
                left,
                begin,
                left,
                "share of the budget stated before it",
                scenario="actual",
            )
            return
    if _level_awaited(sentence, quantity, begin, left):
        return
    compared = COMPARED.search(gap)
    if (is_change(sentence, gap, quantity) and not compared) or _is_share(sentence, gap):
        refuse(sentence, quantity, "a change or a share")
        return
    if held is not None and label is not None:
        amount = fitted(sentence, held.indicator, quantity, label)
        plain = COMPARED.sub("", gap) if compared else _THAN_GOAL.sub("", gap)
        if quantity.kind == "range":
            plain = plain.strip("-~至到")
        if held.indicator == "subsidised_persons":
            plain = _AND_OTHERS.sub("、", plain)
        if (
            amount is not None
            and sentence.lexicon.only_fillers(plain)
            and _distinguishes(sentence, gap, held, quantity)
        ):
            add(sentence, quantity, held.indicator, label, left, begin, left, "label carried on")
            _own_predicate(sentence, quantity)
            _bound_was_goal(sentence, held)
            return
    if _after_label(sentence, quantity, begin):
        return
    if _paid_for(sentence, quantity, begin, left):
        return
    if _summed_score(sentence, quantity, begin, left):
        return
    if _named_fund(sentence, quantity, begin, left):
        return
    if _listed_project(sentence, quantity, begin, left):
        return
    if _left_over(sentence, quantity, begin, left):
        return
    _remember_owner(sentence, quantity, begin, left)
    refuse(sentence, quantity, "no label")


def _level_awaited(sentence: Sentence, quantity: Quantity, begin: int, left: int) -> bool:
    """Whether the figure is the one that a label waited for: the level after a change, our own
    after that of other counties."""
    label, gap = sentence.state.pending, sentence.text[left:begin]
    if label is None:
        return False
    if _LEVEL_AFTER_CHANGE.fullmatch(gap):
        rule = "level after its change"
        indicator = indicator_named(sentence, label, sentence.start, quantity)
    elif _OUR_OWN.fullmatch(gap):
        # 「其他县区居民报销比例平均60%,我县为62%」: the whole phrase holds but for the place.
        left = phrase_start(sentence, label.start, sentence.start)
        rule = "our own after that of others"
        indicator = ratio(sentence, label, left) if label.kind == "ratio" else label.value
    else:
        return False
    if not indicator or fitted(sentence, indicator, quantity, label) is None:
        return False
    sentence.used.add(label.start)
    add(sentence, quantity, indicator, label, label.start, begin, left, rule)
    return True


def _remember_owner(sentence: Sentence, quantity: Quantity, begin: int, left: int) -> None:
    """「某项补助2714万元,执行率100%」: the rate is that of what the amount is of."""
    named = subject_in(sentence, sentence.text[phrase_start(sentence, begin, left) : begin])
    if quantity.kind == "amount" and named and _ITS_RATE.match(sentence.text, quantity.end):
        sentence.state.stranger = begin


def _bound_was_goal(sentence: Sentence, held: Figure) -> None:
    """「控制在100%以内,实际为83.3%」: a bound before an outspoken actual was the goal."""
    added = sentence.state.figure
    bound = held.comparator in ("<=", ">=", "<", ">")
    silent = dict(held.settled).get("scenario") == "nothing said otherwise"
    outspoken = added is not None and dict(added.settled).get("scenario") in ("实际", "完成情况:")
    if bound and silent and outspoken and held in sentence.state.figures:
        place = sentence.state.figures.index(held)
        sentence.state.figures[place] = replace(held, scenario="target")


def _own_predicate(sentence: Sentence, quantity: Quantity) -> None:
    """「其中建档立卡人口149627人全部参保,」: the part becomes what the sentence is about."""
    added = sentence.state.figure
    if added and re.match(r"(?:已|均|全部|都)*(?:参保|参合|参加)", sentence.text[quantity.end :]):
        sentence.state.population = (added.population,)


def _same_kind(sentence: Sentence, figure: Figure, quantity: Quantity) -> bool:
    kinds = {"万元": "amount", "%": "percent", "人": "count", "分": "score"}
    kind = "percent" if quantity.kind == "range" else quantity.kind
    return kinds[figure.unit] == kind


def _distinguishes(sentence: Sentence, gap: str, held: Figure, quantity: Quantity) -> bool:
    """Whether the words between two figures say how the second differs from the first."""
    if quantity.kind == "range" and re.fullmatch(r"[-~至到]+", gap):
        return True
    _, begin, after = comparator(sentence.text, quantity.start, quantity.end)
    if begin < quantity.start and TARGET_AFTER.match(sentence.text, after):
        # 「满意度95.9%,高于90%的目标值」
        return True
    if not re.search(r"[\u4e00-\u9fff]", gap):
        return False
    if COMPARED.search(gap) or RELATIVE_YEAR.search(gap):
        return True
    if held.unit == "人" and re.search(r"(?:合计|总计|总共)(?:为|达|达到)?$", gap):
        return True
    if re.search(r"(?:调整|提高|提升|上升|增加|增长|下降|降低|增|升|降)(?:到|至|为)$", gap):
        return True
    scenarios = sentence.lexicon.scenarios(gap, 0, len(gap))
    groups = sentence.lexicon.populations(gap, 0, len(gap), held.indicator)
    if any(g.value == "other" for g in groups):
        return False
    return bool(scenarios or groups or YEAR.search(gap) or TARGET_AFTER.match(sentence.text, after))


def _paid_for(sentence: Sentence, quantity: Quantity, begin: int, left: int) -> bool:
    """「对低保对象41057人、监测对象3318人按75%比例资助」, 「…全部参保」: the verb stands at the end."""
    if quantity.kind != "count":
        return False
    clause = max(
        (m.start() for m in _TO.finditer(sentence.text, sentence.start, begin)), default=-1
    )
    if clause < 0 or re.search("[。;]", sentence.text[clause:begin]):
        clause = phrase_start(sentence, begin, left)
        verb = _PAID_BY.match(sentence.text, quantity.end)
    else:
        verb = _PAID_FOR.match(sentence.text, quantity.end)
    insured = _ALL_INSURED.match(sentence.text, quantity.end)
    if verb is None and insured is None:
        return False
    indicator, words = (
        ("insured_persons", "全部参保") if insured else ("subsidised_persons", "对…资助")
    )
    first = max(left, clause)
    total = _IN_ALL.search(sentence.text, first, begin)
    last = total.start() if total else begin
    near = sentence.lexicon.populations(sentence.text, first, last, indicator)
    after = sentence.lexicon.populations(
        sentence.text, quantity.end, min(quantity.end + 10, sentence.end), indicator
    )
    named = [t for t in near if t.end == last] or [t for t in after if t.start == quantity.end]
    if not named or named[-1].value not in sentence.lexicon.group_ids:
        return False
    several = last < begin and len({t.value for t in near}) > 1
    if several and insured:
        return False
    label = Token(clause, clause + 1, "label", indicator, words)
    add(
        sentence,
        quantity,
        indicator,
        label,
        max(left, clause),
        begin,
        left,
        "group before what was done for it",
        population="poor" if several else named[-1].value,
    )
    return True


def _summed_score(sentence: Sentence, quantity: Quantity, begin: int, left: int) -> bool:
    """「…,满意度得9.5分,合计96.3分,自评等级为优」: the sum of the parts is what is graded."""
    graded = _GRADED.match(sentence.text, quantity.end)
    summed = _SUMMED.search(sentence.text, left, begin)
    if quantity.kind != "score" or not graded or not summed:
        return False
    label = Token(summed.start(), begin, "label", "self_evaluation_score", summed.group(0))
    rule = "sum of the scores, and its grade"
    add(sentence, quantity, label.value, label, label.start, begin, left, rule)
    return True


def _listed_project(sentence: Sentence, quantity: Quantity, begin: int, left: int) -> bool:
    """「项目支出85万元,分别为:征缴工作经费20万元、…」: projects listed under their total."""
    if quantity.kind != "amount" or not _under_projects(sentence, begin):
        return False
    name = re.sub(
        r"^.*(?:[,;:、]|项目支出中|分别为|分别是|其中|包括|主要是|主要用于)|^和(?=[\u4e00-\u9fff]{5})",
        "",
        sentence.text[left:begin],
    )
    endings = (*sentence.lexicon.context["projects"]["endings"], "费", "救助")
    if len(name) < 5 or not name.endswith(endings):
        return False
    held = [f for f in sentence.state.figures if f.indicator == "project_expenditure"]
    label = Token(begin - len(name), begin, "generic", "", name)
    sentence.state.subject = name
    add(
        sentence,
        quantity,
        "project_expenditure",
        label,
        label.start,
        begin,
        left,
        "project listed under its total",
        scenario=held[0].scenario if held else "",
    )
    return True


def _under_projects(sentence: Sentence, begin: int) -> bool:
    """Whether the sentence, or the one it goes on from, lists what project spending consists of."""
    if _UNDER_PROJECTS.search(sentence.text[sentence.start : begin]):
        return True
    amounts = [f for f in sentence.state.earlier if f.unit == "万元"]
    return bool(amounts) and amounts[-1].indicator == "project_expenditure"


def _named_fund(sentence: Sentence, quantity: Quantity, begin: int, left: int) -> bool:
    """「…配套资金180万元,完成支付167.76万元」: the fund's name stands for what was issued."""
    if quantity.kind != "amount":
        return False
    following = [t for t in sentence.labels if t.kind == "generic" and t.start > quantity.end]
    gap = sentence.text[quantity.end : following[0].start] if following else "。"
    if "其中" in sentence.text[sentence.text.rfind(";", sentence.start, left) + 1 : left]:
        return False
    if gap not in (",", ";", ""):
        return False
    if not any(
        s.value == "actual"
        for s in sentence.lexicon.scenarios(following[0].text, 0, len(following[0].text))
    ):
        return False
    subject = subject_in(sentence, sentence.text[phrase_start(sentence, begin, left) : begin])
    if not subject:
        return False
    sentence.state.subject = subject
    label = Token(begin - len(subject), begin, "generic", "", subject)
    add(
        sentence,
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


def _left_over(sentence: Sentence, quantity: Quantity, begin: int, left: int) -> bool:
    """「结余7.27万元结转下年使用」, 「未执行完的80万元结转到2024年」: what is carried over."""
    over = _CARRIED_OVER.match(sentence.text, quantity.end)
    if quantity.kind != "amount" or over is None:
        return False
    clause = sentence.text[phrase_start(sentence, begin, left) : begin]
    scope, year = sentence.scope, over.group("year")
    if not _LEFT.search(clause) or scope.fund or "基金" in sentence.text[sentence.start : begin]:
        return False
    if year and scope.year and int(year) != scope.year + 1:
        return False
    if sentence.state.subject and not scope.project_report:
        return False
    label = Token(over.start(), over.end(), "label", "closing_balance", over.group(0))
    for token in sentence.labels:
        if over.start() <= token.start < over.end():
            sentence.used.add(token.start)
            sentence.closed.add(token.start)
    add(
        sentence,
        quantity,
        "closing_balance",
        label,
        begin,
        begin,
        left,
        "carried over to the next year",
        scenario="actual",
        year=scope.year,
    )
    return True


def _after_label(
    sentence: Sentence, quantity: Quantity, begin: int, only_if_nearer: bool = False
) -> bool:
    """「98%的参保率」, 「18.8万人参保」: the label stands right after the figure."""
    _, _, after = comparator(sentence.text, quantity.start, quantity.end)
    label = next((t for t in sentence.labels if t.start >= after), None)
    if label is None or label.kind in ("generic", "flow", "short", "rate_of_topic"):
        return False
    gap = sentence.text[after : label.start]
    # 「268413人完成2025年度居民医保缴费」: the year that they are insured for.
    insured_for = YEAR.search(gap) if quantity.kind == "count" else None
    gap = YEAR.sub("", gap) if insured_for else gap
    if quantity.kind == "count":
        # 「39871人100%参加基本医保」
        gap = _INSURED_PEOPLE.sub("", gap.removeprefix("100%"))
    if quantity.kind == "percent":
        if gap != "的" and not (gap == "" and label.value == "insured_persons"):
            return False
    elif quantity.kind in ("count", "visits"):
        if (
            len(gap) > 12
            or not re.fullmatch(r"[^,。;:、()\d]*", gap)
            or not sentence.lexicon.only_fillers(gap)
        ):
            return False
    else:
        return False
    # The label must not have a figure of its own after it.
    following = next((q for q in sentence.quantities if q.start >= label.end), None)
    if following is not None:
        between = sentence.text[label.end : begin_of(sentence, following)]
        if not re.search(r"[,;。]", between) and sentence.lexicon.only_fillers(between):
            return False
    if only_if_nearer and quantity.kind == "percent" and gap != "的":
        return False
    if only_if_nearer and quantity.kind in ("count", "visits"):
        return False
    if label.kind == "not_label":
        return False
    indicator = label.value if label.kind == "label" else ratio(sentence, label, after)
    if quantity.kind == "percent" and indicator == "insured_persons":
        # 「建档立卡100%参加基本医保」 speaks of the rate.
        indicator = "participation_rate"
    if indicator == "insured_persons" and _SURVEYED.match(
        sentence.text, quantity.end, sentence.end
    ):
        return False
    if indicator == "insured_persons" and _goes_on_paying(sentence, begin):
        return False
    if indicator == "insured_persons" and _PAID_THEN.match(sentence.text, label.end):
        indicator = "subsidised_persons"
    if indicator == "insured_persons" and _paid_for_before(sentence, begin):
        indicator = "subsidised_persons"
    if not indicator or fitted(sentence, indicator, quantity, label) is None:
        return False
    if label.kind == "ratio" and re.search(
        r"按(?:照)?$", sentence.text[: begin_of(sentence, quantity)]
    ):
        return False
    sentence.used.add(label.start)
    sentence.closed.add(label.start)
    add(
        sentence,
        quantity,
        indicator,
        label,
        quantity.start,
        begin,
        left_bound(sentence, quantity),
        "label after figure",
        year=int(insured_for.group(1)) if insured_for else None,
    )
    return True


def _goes_on_paying(sentence: Sentence, begin: int) -> bool:
    """「资助特困918人、脱贫户及其他对象2108人参保」: the last of a list of those paid for."""
    held = sentence.state.figure
    if held is None or held.indicator != "subsidised_persons":
        return False
    return re.fullmatch("[、和及与][^,;。:]*", sentence.text[held.end : begin]) is not None


def _paid_for_before(sentence: Sentence, begin: int) -> bool:
    """「资助特困、低保等困难群众4.2万人参保」: the verb and the groups stand before the count."""
    paid = [
        t
        for t in sentence.labels
        if t.kind == "label" and t.value == "subsidised_persons" and t.end <= begin
    ]
    if not paid or not GROUPS_PAID_FOR.fullmatch(sentence.text[paid[-1].end : begin]):
        return False
    sentence.used.add(paid[-1].start)
    return True


def _share_of_persons(sentence: Sentence, quantity: Quantity, begin: int, left: int) -> bool:
    """「参保80.87万人,占常住人口75.98万人的106.44%」: the insured as a share of the people."""
    if quantity.kind != "percent":
        return False
    held = sentence.scope.topic
    counted = [f for f in sentence.state.figures if f.indicator == "insured_persons"]
    if not counted and held != "insured_persons":
        return False
    clause = phrase_start(
        sentence, begin, max(sentence.start, counted[-1].end if counted else sentence.start)
    )
    words = sentence.text[clause:begin]
    shares = sentence.lexicon.context["shares"]
    if not words.startswith(tuple(shares["words"])) or not any(
        w in words for w in shares["insured_of"]
    ):
        return False
    label = Token(clause, clause + 1, "label", "participation_rate", words[:1])
    population = counted[-1].population if counted else ""
    year = counted[-1].year if counted else None
    add(
        sentence,
        quantity,
        "participation_rate",
        label,
        clause,
        begin,
        left,
        "insured persons as a share of the people",
        population=population,
        own_year=False,
        year=year,
    )
    return True
