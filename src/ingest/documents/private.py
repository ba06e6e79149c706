"""What is private never leaves a report: numbers of persons, and the names of those who signed.

Telephone, identity-card and bank-card numbers, e-mail addresses, and the names in signatory and
contact blocks are replaced by as many asterisks, right after reading, so that offsets hold and
every quote is masked by construction. What an organisation publishes of itself stays: its credit
code, the numbers of its documents, hotlines of five digits, and of course amounts and counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ingest.records import Block, Cell, Document, Issue

_HAN = "\u4e00-\u9fff"

# --- numbers -------------------------------------------------------------------------------------

# What makes a long number an amount, a count or a code instead.
_UNIT_FOLLOWS = r"(?!\d|[A-Fa-f]|\.\d|\s{0,2}[万亿千百元人户次名个件余多%‰])"
_ALONE = r"(?<![\dA-Fa-f])(?<!\d\.)"
_MOBILE = r"1[3-9]\d{9}"
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_IDENTITY = rf"[1-9]\d{{5}} ?(?:18|19|20)\d\d{_DAY} ?\d{{3}}[\dXx]"
_OLD_IDENTITY = rf"[1-9]\d{{5}}\d\d{_DAY}\d{{3}}"
# Numbers of cards begin with 3 to 6 or 9; the names of files often begin with a date.
_CARD = r"[34569]\d{15,18}"
_LANDLINE = (
    r"\(0\d{2,3}\) ?\d{7,8}(?:-\d{1,6})?|0\d{2,3} ?- ?\d{7,8}(?:-\d{1,6})?"
    r"|0(?:10|2\d|[3-9]\d\d) ?\d{7,8}"
)
_NUMBERS = re.compile(
    "|".join(
        (
            rf"{_ALONE}(?:{_IDENTITY}|{_OLD_IDENTITY})(?![\dA-Za-z])",
            rf"(?<![\dA-Fa-f-])(?:\+?86[- ]?)?(?:{_LANDLINE})(?!\d|\.\d|%)",
            rf"(?:{_ALONE}|(?<=\+86)|(?<=86-)){_MOBILE}{_UNIT_FOLLOWS}",
            rf"{_ALONE}1[3-9]\d-\d{{4}}-\d{{4}}(?!\d)",
            rf"{_ALONE}{_CARD}{_UNIT_FOLLOWS}",
        )
    )
)
# Every one of them has seven digits in a row, or this form with hyphens.
_LONG = re.compile(r"\d\d\d(?:\d{4}|-\d{4}-\d{4})")
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64} ?@ ?[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}")
_DATE = r"(?:19|20)\d\d ?[-./年]"
_CALLED = re.compile(
    # Looking first at what it can begin with is faster, as for names below.
    r"(?=[电手传热座联TtFf])(?:电 {0,4}话|手 {0,4}机|传 {0,4}真|热线|座机|联系方式|联系号码|[Tt][Ee][Ll]|[Ff][Aa][Xx])"
    r"(?:号码?)?\s{0,3}(?:\([^()\n]{0,8}\))?\s{0,3}:?\s{0,3}"
    rf"((?!{_DATE})\+?\(?\d[\d()* -]{{5,20}}\d"
    rf"(?:\s?[、,/;]\s?(?!{_DATE})\d[\d() -]{{5,16}}\d)*)"
    r"(?!\d|\.\d|%|\s?[万亿元人户次个件通余多])"
)
_ACCOUNT = re.compile(
    r"(?:账 ?号|帐 ?号|账户|卡 ?号|身份证 ?(?:号码?)?)\s{0,3}:?\s{0,3}(\d[\d -]{7,30}[\dXx])(?![\d.%元万亿])"
)
_HANDLE = re.compile(r"(?:QQ|qq|微信)(?:号码?)?\s?:\s?([A-Za-z0-9_-]{5,20})")
# Codes that an organisation publishes; the number after them is theirs, not a person's.
_CODE = re.compile(
    r"(?:信用代码|机构代码|组织代码|编码|编号|文号|索引号|代码|备案|许可证)(?:号码?)?\s{0,3}:?\s{0,3}$"
)
_CODE_REACH = 20

# --- names ---------------------------------------------------------------------------------------

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖萧田董袁潘于蒋蔡余杜叶程苏魏吕"
    "丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严"
    "覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒"
    "阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古"
    "吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇"
    "桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉"
    "伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿"
    "薄邸雍辜羊阿乌裘亓么逯别励仓衣布湛咸谯揭鱼危逄邰隆尧茅杭斯祖"
)
_TWO = "欧阳|上官|司马|诸葛|皇甫|尉迟|公孙|慕容|司徒|令狐|夏侯|东方|端木|长孙|宇文|澹台|南宫|拓跋"
# What stands in forms beside or below a label, and is no name though it may begin like one.
_WORDS = (
    "填报|填表|填制|制表|审核|复核|审批|联系|联络|经办|负责|日期|时间|电话|手机|传真|邮箱|邮编|单位|部门|科室|"
    "职务|职称|地址|盖章|公章|签字|签章|签名|签发|姓名|性别|备注|意见|情况|年度|项目|预算|支出|金额|经费|资金|"
    "成本|时效|数量|质量|满意|安排|计划|方式|应保|应参|安全|管理|经济|平均|明细|全年|全县|全区|全市|全部|党组|"
    "党员|党委|党支部|程度|能力|成效|成果|成员|组长|局长|主任|书记|人员|车辆|支付|和谐|解决|相关|普通|国家|"
    "来源|计算|计量|时限|高质|高效|常住|万元|商业|路线|关于|方案|方法|房屋|封面|原因|相应|平台|丰富|索引|"
    "师资|卫生|安置|单价|单项|查看|官网|国库|支持|农村|农民|管护|边缘|左右|金融|曾用|强化|廉政|任务|成立|温馨|"
    "无|暂无|同上|详见|见附|以上|以下|略"
)
_NO_NAME_ENDS = "局科股室组院部办委会处站所率额数费度量标员级别称目款项类表单"
_TITLE = "局长|主任|科长|股长|所长|书记|县长|区长|院长|先生|女士|同志|会计|出纳"
_FREE = rf"[{_HAN}]{{1,10}}(?:[·•‧∙][{_HAN}]{{1,10}}){{1,3}}"
_BOUND = rf"(?=$|[^{_HAN}·]|副?(?:{_TITLE})|(?:{_WORDS}))"
# Two to four characters, a blank between single ones, or a surname before a title.
_NAME = re.compile(
    rf"(?!(?:{_WORDS}))(?:{_FREE}|[{_HAN}](?=副?(?:{_TITLE}))|"
    rf"[{_HAN}] {{1,4}}[{_HAN}]{_BOUND}(?! ?:)|[{_HAN}]{{2,4}}?{_BOUND})"
)
_SURNAMED = re.compile(
    rf"(?!(?:{_WORDS}))(?:(?:{_TWO})[{_HAN}]{{1,2}}?|[{_SURNAMES}](?: {{1,4}}[{_HAN}]|[{_HAN}]{{1,2}}?)|"
    rf"{_FREE}|[{_SURNAMES}](?=副?(?:{_TITLE}))){_BOUND}"
)


def _spaced(words: str) -> str:
    """A pattern for any of several words, however widely their characters are set apart."""
    return "|".join(" {0,4}".join(word) for word in words.split("|"))


_SIGNER = (
    "填表人|填报人|填制人|制表人|经办人|经手人|联系人|联络人|审核人|复核人|审批人|签发人|承办人|报告人|撰写人|"
    "评价人|自评人|负责人|责任人|法人代表|法定代表人|主管领导|分管领导|单位领导|主要领导|监督人|校对人|记录人"
)
# These have other meanings too: what follows must begin like a name.
_PERSON = (
    "组长|组员|成员|专家|评审专家|参加人员|参与人员|评价人员|签字|签名|签章|姓名|执笔|审核|复核|填表|制表|填报|"
    "经办|局长|主任|会计|校对"
)
_SIGNED = r"(?: {0,2}\(?(?:签字|签名|签章|盖章|手签)[^()\n]{0,6}\)?)?"
_BEGIN_LABELS = "".join(sorted({word[0] for word in f"{_SIGNER}|{_PERSON}".split("|")}))
_INLINE = re.compile(
    # Looking first at what a label can begin with is several times as fast as trying each.
    rf"(?=[ \t{_BEGIN_LABELS}])(?:(?P<signer>{_spaced(_SIGNER)}){_SIGNED}(?: {{0,4}}:\s{{0,6}}|(?P<bare> {{1,8}}))"
    rf"|(?P<person>{_spaced(_PERSON)}){_SIGNED} {{0,4}}:\s{{0,6}}"
    rf"|^[ \t]*(?P<line>{_spaced(_SIGNER)}){_SIGNED}[ \t]*\n\s{{0,6}}(?=[^\n]{{2,12}}$))",
    re.MULTILINE,
)
_NEXT = re.compile(r"\s?[、/,;]\s?|[和及]| {1,8}|\([^()\n]{0,20}\)[、/,; ]{0,2}")
_APPOINTED = re.compile(
    rf"(?:局长|书记|主任|科长|股长|所长|队长|主席|由)(?P<name>[{_SURNAMES}][{_HAN}]{{1,2}}?)(?:同志)?"
    r"(?:任|担任|为)(?:副?组长|组员|成员|联络员)"
)
_ROSTER = re.compile(
    r"^[^\n。]{0,40}(?:(?:人员|成员|专家)[^\n。]{0,6}名单|评价(?:工作)?小?组[^\n。]{0,4}(?:成员|人员))[^\n。]{0,30}$",
    re.MULTILINE,
)
_ROSTER_LINES = 60
_HEADING = re.compile(
    r"\s*(?:#|[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\)|第.{1,3}[章节])"
)
_IN_ROSTER = re.compile(rf"(?:^|(?<=[\s、,;:(])){_SURNAMED.pattern}(?=$|[\s、,;()])", re.MULTILINE)

_LABEL_NOISE = re.compile(r"\([^()]*\)|[\s:*/]|签字|签名|签章|盖章")
_SIGNER_CELL = re.compile(rf"[{_HAN}]{{0,8}}(?:{_SIGNER})")
_PERSON_CELL = re.compile(rf"[{_HAN}]{{0,6}}(?:{_PERSON})")
_NAMES_CELL = re.compile(rf"{_SIGNER}|[{_HAN}]{{0,6}}姓名|成员|评审专家|专家|签字|签名|签章")
_NUMBER_CELL = re.compile(
    rf"[{_HAN}]{{0,6}}(?:电话|手机|传真|联系方式|账号|帐号|卡号|身份证|身份证号)(?:号码?)?"
)
# Most cells ask for nothing: one look tells it.
_ASKING_CELL = re.compile(
    "|".join(cell.pattern for cell in (_NUMBER_CELL, _SIGNER_CELL, _PERSON_CELL))
)
_IN_YUAN = re.compile(r"单位 ?: ?元|\(元\)")
_DIGITS = re.compile(r"\+?\(?\d[\d()\s*-]{4,40}[\dXx]")

Span = tuple[int, int]


def masked(document: Document) -> Document:
    """The document with all that is private in its text, places and issues masked.

    Comes in: a document as a reader made it, its text folded. Comes out: the same with a text of
    equal length, so that every block, cell and place still points at what it pointed at.
    """
    text = document.text
    spans = [*_numbers(text), *_inline_names(text)]
    for block in document.blocks:
        if block.cells:
            spans += _in_table(text, block)
    yuan = [block for block in document.blocks if block.cells and _is_in_yuan(text, block)]
    spans = [span for span in spans if not _is_amount(text, span, yuan)]
    return replace(
        document,
        text=_hidden(text, spans),
        places=tuple(
            replace(place, where=words(place.where)) if place.where else place
            for place in document.places
        ),
        issues=tuple(map(issue, document.issues)),
    )


def words(text: str) -> str:
    """A text of our own that may quote a report or name a file, with what is private masked.

    >>> words("report 13800000000.pdf, 联系人:某某某, 0000-1234567, a@b.cn")
    'report ***********.pdf, 联系人:***, ************, ******'
    >>> words("收入13812345678元, 统一社会信用代码114305110000000000")
    '收入13812345678元, 统一社会信用代码114305110000000000'
    """
    return _hidden(text, [*_numbers(text), *_inline_names(text)])


def issue(given: Issue) -> Issue:
    """An issue with what is private masked, whatever file name or cell it quotes."""
    return replace(
        given,
        document=words(given.document),
        where=words(given.where),
        message=words(given.message),
        action=words(given.action),
    )


def _hidden(text: str, spans: Iterable[Span]) -> str:
    """The text with an asterisk for every character in the spans but blanks and line ends."""
    parts: list[str] = []
    at = 0
    for start, end in sorted(spans):
        start = max(start, at)
        if start < end:
            parts += (text[at:start], re.sub(r"\S", "*", text[start:end]))
            at = end
    return "".join((*parts, text[at:])) if parts else text


# --- in running text -----------------------------------------------------------------------------


def _numbers(text: str) -> Iterator[Span]:
    for found in _NUMBERS.finditer(text) if _LONG.search(text) else ():
        if not _CODE.search(text, max(0, found.start() - _CODE_REACH), found.start()):
            yield found.span()
    for pattern in (_CALLED, _ACCOUNT, _HANDLE):
        for found in pattern.finditer(text):
            yield found.span(1)
    if "@" in text:
        for found in _MAIL.finditer(text):
            yield found.span()


def _inline_names(text: str) -> Iterator[Span]:
    for label in _INLINE.finditer(text):
        strict = label["signer"] and not label["bare"]
        yield from _names_at(text, label.end(), _NAME if strict else _SURNAMED)
    for found in _APPOINTED.finditer(text):
        yield found.span("name")
    for heading in _ROSTER.finditer(text):
        at = heading.end() + 1
        for _ in range(_ROSTER_LINES):
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            line = text[at:end]
            if at >= len(text) or _HEADING.match(line) or "。" in line:
                break
            for name in _IN_ROSTER.finditer(line):
                if line[name.end() - 1] not in _NO_NAME_ENDS:
                    yield at + name.start(), at + name.end()
            at = end + 1


def _names_at(
    text: str, at: int, first: re.Pattern[str], until: int | None = None
) -> Iterator[Span]:
    """The names that stand at a place, one after the other; those after the first by surname."""
    until = len(text) if until is None else until
    pattern = first
    while found := pattern.match(text, at, until):
        if found.group()[-1] in _NO_NAME_ENDS or text[found.end() : found.end() + 1] == ":":
            return
        yield found.span()
        between = _NEXT.match(text, found.end(), until)
        if not between:
            return
        at, pattern = between.end(), _SURNAMED


# --- in tables -----------------------------------------------------------------------------------


def _in_table(text: str, block: Block) -> Iterator[Span]:
    """What stands right of or below a cell that asks for a name or a number of a person."""
    rows: dict[int, list[Cell]] = {}
    for cell in block.cells:
        rows.setdefault(cell.row, []).append(cell)
    yield from _broken_numbers(text, block.cells)
    for row in rows.values():
        row.sort(key=lambda cell: cell.column)
    for number, row in rows.items():
        for at, cell in enumerate(row):
            if not 2 <= cell.end - cell.start <= 40:
                continue
            content = text[cell.start : cell.end]
            label = _LABEL_NOISE.sub("", content) or content.strip(": ")
            right = row[at + 1] if at + 1 < len(row) else None
            if not _ASKING_CELL.fullmatch(label):
                continue
            if _NUMBER_CELL.fullmatch(label):
                for other in (right, *_below(rows, number, cell)):
                    if other is not None:
                        yield from _digits(text, other)
            elif _SIGNER_CELL.fullmatch(label) or _PERSON_CELL.fullmatch(label):
                strict = bool(_SIGNER_CELL.fullmatch(label)) or label.endswith("姓名")
                beside = list(_names_in(text, right, strict)) if right is not None else []
                yield from beside
                if not beside and _NAMES_CELL.fullmatch(label):
                    yield from _column_of_names(text, _below(rows, number, cell), label)


def _below(rows: dict[int, list[Cell]], number: int, header: Cell) -> list[Cell]:
    last = header.column + header.columns
    return [
        cell
        for row in sorted(rows)
        if row > number
        for cell in rows[row]
        if header.column <= cell.column < last
    ]


def _names_in(text: str, cell: Cell, strict: bool) -> list[Span]:
    """The names that a cell holds and nothing else."""
    content = text[cell.start : cell.end]
    lead = len(content) - len(content.lstrip())
    first = _NAME if strict else _SURNAMED
    found = list(_names_at(text, cell.start + lead, first, cell.end))
    rest = text[found[-1][1] : cell.end] if found else ""
    whole = re.fullmatch(rf"\s*(?:副?(?:{_TITLE})|\([^()]*\)|[\d*+() -]+|\s)*", rest)
    return found if found and whole else []


def _column_of_names(text: str, below: list[Cell], label: str) -> Iterator[Span]:
    """Names in a column; the column of a label that may also stand alone must hold only such."""
    filled = [cell for cell in below if text[cell.start : cell.end].strip(" *\n/-无()略")]
    found = [_names_in(text, cell, strict=False) for cell in filled]
    named = label.endswith("姓名")
    if named or all(found):
        for cell, names in zip(filled, found, strict=True):
            if names:
                yield from names
            elif re.fullmatch(rf"[{_HAN}·\s]{{2,12}}", text[cell.start : cell.end].strip()):
                yield cell.start, cell.end


def _digits(text: str, cell: Cell) -> Iterator[Span]:
    for found in _DIGITS.finditer(text, cell.start, cell.end):
        if sum(c.isdigit() for c in found.group()) >= 7 and not re.match(_DATE, found.group()):
            yield found.span()


def _broken_numbers(text: str, cells: Iterable[Cell]) -> Iterator[Span]:
    """Numbers that fill a narrow cell over several lines."""
    for cell in cells:
        if 8 <= cell.end - cell.start <= 40 and "\n" in text[cell.start : cell.end]:
            joined = "".join(text[cell.start : cell.end].split())
            if _NUMBERS.fullmatch(joined):
                yield cell.start, cell.end


def _is_in_yuan(text: str, block: Block) -> bool:
    return bool(_IN_YUAN.search(text, max(0, block.start - 60), block.end))


def _is_amount(text: str, span: Span, yuan: list[Block]) -> bool:
    """Whether what looks like a mobile number fills a cell of a table in 元, unlabelled."""
    if not re.fullmatch(_MOBILE, text[span[0] : span[1]]):
        return False
    return any(
        cell.start <= span[0]
        and span[1] <= cell.end
        and text[cell.start : cell.end].strip() == text[span[0] : span[1]]
        and span not in set(_in_table(text, block))
        for block in yuan
        if block.start <= span[0] < block.end
        for cell in block.cells
    )
