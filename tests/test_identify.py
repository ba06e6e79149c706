"""Whose report, which year: short texts of our own, and the traps that real reports set."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ingest.codebook.model import Codebook
from ingest.documents.glyphs import fold
from ingest.identifying import by_hand, divisions, identify
from ingest.records import Block, Document, Identity, Source

EMPTY = Codebook({}, (), (), {}, {}, {})


def document(text: str, blocks: tuple[Block, ...] = (), name: str = "report.txt") -> Document:
    return Document(Source(name, name, "", len(text)), "text", "text", fold(text), blocks)


def who(text: str, **more: object) -> Identity:
    return identify.identify(document(text, **more), EMPTY)  # type: ignore[arg-type]


def kinds(identity: Identity) -> list[str]:
    return [issue.kind for issue in identity.issues]


BODY = "\n\n一、基本情况\n\n"

PLACES = [
    # the title
    ("高邑县医保局2024年度整体支出绩效自评报告", "130127", "高邑县"),
    ("# 临泽县医保局\n2023年部门整体支出绩效自评报告", "620723", "临泽县"),
    ("邵阳市北塔区医疗保障局2023年度自评报告", "430511", "北塔区"),
    ("邵阳北塔区医保局2023年度自评报告", "430511", "北塔区"),
    ("湖南省怀化市辰溪县2022年自评报告", "431223", "辰溪县"),
    ("池州市贵池区2021年医保筹资情况", "341702", "贵池区"),
    ("2022年度寿县医疗保障局决算", "340422", "寿县"),
    ("高 邑 县 医 疗 保 障 局\n2024年度自评报告", "130127", "高邑县"),
    ("青陽縣醫療保障局2022年度決算", "341723", "青阳县"),
    ("为群众撑起保护伞(鹤庆县)", "532932", "鹤庆县"),
    # prefectures and provinces have no county but a code
    ("保山市医疗保障局2022年度部门决算", "530500", ""),
    ("大理白族自治州医疗保障局2022年度决算", "532900", ""),
    ("大理州医疗保障局2022年度决算", "532900", ""),
    ("青海省医疗保障局2021年度决算", "630000", ""),
    ("广西壮族自治区医疗保障局2021年度决算", "450000", ""),
    ("阿里地区医疗保障局2021年度决算", "542500", ""),
    ("东莞市医疗保障局2021年度决算", "441900", ""),
    # 市 of a county, and counties directly below a province or municipality
    ("2024年度潜江市医疗保障局自评报告", "429005", "潜江市"),
    ("义乌市医疗保障局2023年决算", "330782", "义乌市"),
    ("北京市密云区医疗保障局2023年决算", "110118", "密云区"),
    ("重庆市石柱县医保局2023年决算", "500240", "石柱土家族自治县"),
    # customary short names of autonomous counties and banners
    ("积石山县医疗保障局2023年决算", "622927", "积石山保安族东乡族撒拉族自治县"),
    ("融水县医疗保障局2023年决算", "450225", "融水苗族自治县"),
    ("大厂县医疗保障局2023年决算", "131028", "大厂回族自治县"),
    ("隆林县医保局2023年决算", "451031", "隆林各族自治县"),
    ("木垒县医保局2023年决算", "652328", "木垒哈萨克自治县"),
    ("东乡县医保局2023年决算\n\n甘肃省临夏州东乡县", "622926", "东乡族自治县"),
    ("科左中旗医保局2023年决算", "150521", "科尔沁左翼中旗"),
    ("鄂伦春旗医保局2023年决算", "150723", "鄂伦春自治旗"),
    ("喀左县医保局2023年决算", "211324", "喀喇沁左翼蒙古族自治县"),
    # names with one character, and 市 shared by city and district
    ("济南市市中区医疗保障局2023年决算", "370103", "市中区"),
    ("济南市中区医疗保障局2023年决算", "370103", "市中区"),
    ("晋城市城区医疗保障局2023年决算", "140502", "城区"),
    ("乾县医疗保障局2023年决算", "610424", "乾县"),
    ("寿县2023年医保参保情况\n按省市", "340422", "寿县"),
    ("河北雄安新区雄县医疗保障局2023年决算", "130638", "雄县"),
    ("新疆维吾尔自治区和田地区和田县医保局2023年决算", "653221", "和田县"),
    # names of former years; a county that moved keeps one code
    ("邵东县医疗保障局2018年度自评报告", "430521", "邵东县"),
    ("邵东市医疗保障局2022年度自评报告", "430582", "邵东市"),
    ("长春市公主岭市医保局2022年决算", "220184", "公主岭市"),
    # the same name in several places, settled by the text
    ("南京市鼓楼区医疗保障局2023年决算", "320106", "鼓楼区"),
    ("鼓楼区医疗保障局2023年决算" + BODY + "按照福州市的部署,福州市统筹", "350102", "鼓楼区"),
    ("城关区医疗保障局2023年决算" + BODY + "落实甘肃省要求", "620102", "城关区"),
    ("朝阳区医疗保障局2023年决算" + BODY + "吉林省、长春市下达", "220104", "朝阳区"),
    ("桥东区医疗保障局2023年决算", "130702", "桥东区"),
    # cells of the form
    ("整体支出绩效自评表(2023年度)\n预算单位名称: 辰溪县医疗保障局", "431223", "辰溪县"),
    ("自评表(2023年度)\n\t部门名称\n\t临泽县医保局\n", "620723", "临泽县"),
    ("自评表(2023年度)\n填报单位(盖章) | 民乐县医疗保障局 |", "620722", "民乐县"),
    (
        "四川省自评表(2021年度)\n  实施单位 遂宁市医疗保障局\n  地方主管部门 四川省医疗保障局",
        "510900",
        "",
    ),
    ("自评表\n主管部门:怀化市医疗保障局\n实施单位:辰溪县医疗保障局", "431223", "辰溪县"),
    ("邵阳市自评表(2023年度)\n填报单位:北塔区医疗保障局", "430511", "北塔区"),
    # the text
    (
        "一、基本情况\n三台县医疗保障局设三个股室。三台县有参保人员百万。与德阳市中江县协作。",
        "510722",
        "三台县",
    ),
    (
        "一、基本情况\n对口帮扶泸定县、泸定县医保局、泸定县医疗保障局。寿县医疗保障局编制十人。",
        "340422",
        "寿县",
    ),
    (
        "一、情况\n依据《玉田县预算办法》《玉田县规定》《玉田县细则》,温泉县医疗保障局开展自评。",
        "652723",
        "温泉县",
    ),
    (
        "湖南省2023年度自评表" + BODY + "辰溪县医疗保障局编制十人。辰溪县医疗保障局设三股。",
        "431223",
        "辰溪县",
    ),
    # short names in headlines
    ("永州年鉴 医疗保障" + BODY + "永州市医保系统", "431100", ""),
    ("玉田233万资助困难户" + BODY + "全县参合", "130229", "玉田县"),
    # development zones of the statistical list
    ("石家庄高新区医疗保障局2023年决算", "130171", "石家庄高新技术产业开发区"),
]


@pytest.mark.parametrize(("text", "code", "county"), PLACES)
def test_place(text: str, code: str, county: str) -> None:
    found = who(text)
    assert (found.county_code, found.county) == (code, county)
    assert not {"unknown_county", "ambiguous_county"} & set(kinds(found))


# Names that come about by chance where two words meet, or stand inside other names.
CHANCE = [
    "我局会同县财政局下达资金",
    "配合市场监管部门检查",
    "东方市场和合作市场",
    "居民和县级财政补助",
    "财政和县级配套",
    "建成县级平台,经费县级承担",
    "下达县级资金,促进健康县域建设",
    "相应县区配套,对应县级标准",
    "沿海城市和上海城市群",
    "老城区和新城区改造",
    "郊区、矿区、城区参保",
    "西安区域中心",
    "医保定点医疗机构",
    "扩大同病同价范围",
    "全县、我县、本县、该县",
    "各市和县医疗保障局",
    "互助县级统筹",
]


@pytest.mark.parametrize("sentence", CHANCE)
def test_chance_names_are_no_counties(sentence: str) -> None:
    found = who(f"一、基本情况\n按照文件要求,{sentence}。")
    assert (found.county_code, found.county) == ("", "")
    assert "unknown_county" in kinds(found)


@pytest.mark.parametrize("sentence", CHANCE)
def test_chance_names_do_not_win(sentence: str) -> None:
    found = who(f"一、基本情况\n辰溪县统计:{sentence}。{sentence}。")
    assert found.county_code == "431223"


YEARS = [
    ("高邑县医保局2024年度整体支出绩效自评报告", 2024),
    ("高邑县医疗保障局二〇二三年度自评报告", 2023),
    ("高邑县医疗保障局二○二三年度自评报告", 2023),
    ("高邑县医疗保障局2023年整体支出绩效自评报告\n2024年3月15日", 2023),
    ("高邑县医疗保障局2024年部门预算", 2024),
    ("2023部门决算 高邑县", 2023),
    ("高邑县2023年第四季度基金收支情况", 2023),
    ("绩效自评表\n( 2024年度)\n填报日期:2025年2月1日", 2024),
    ("绩效自评表\n|(2022 年度)|\n2023年工作继续推进。", 2022),
    ("一、情况\n2022年我局支出增加。2022年末在职六人,较2021年减少。", 2022),
    ("一、情况\n截至2022年年末,参保满员。2023年我局将继续努力。", 2022),
    ("一、情况\n截至2023年12月31日,编制7名。", 2023),
    ("一、情况\n2020年,医保系统资助。", 2020),
    ("一、情况\n根据高发[2019]7号,2022年支出增加。", 2022),
    ("一、情况\n依据《2018年预算办法》《2018年规定》,2021年支出增加。", 2021),
    ("一、情况\n2023年支出增加。在编制2024年的预算时改进。2024年计划增加。", 2023),
    ("一、情况\n2023年全县参保,占2022年人口的九成,比2022年增加,自2022年起。", 2023),
    ("一、情况\n下一步做好2024年预算。2024年的预算要细化。2023年部门支出持平。", 2023),
    ("一、情况\n2022年1-12月收入增加。", 2022),
    ("一、情况\n2023\n年支出增加", 2023),
    ("2021-2023年绩效自评报告", 2023),
]


@pytest.mark.parametrize(("text", "year"), YEARS)
def test_year(text: str, year: int) -> None:
    found = who(text)
    assert found.year == year
    assert not {"unknown_year", "doubtful_year"} & set(kinds(found))


@pytest.mark.parametrize(
    "sentence",
    [
        "门诊救助2025人次",
        "高发[2019]7号",
        "填报日期2024年7月30日",
        "结转2023年资金",
        "金额12023年均",
        "1至6月参保",
        "(2016年统计年鉴)",
    ],
)
def test_no_year_where_none_is_covered(sentence: str) -> None:
    found = who(f"辰溪县医保情况\n{sentence}")
    assert found.year is None
    (issue,) = (i for i in found.issues if i.kind == "unknown_year")
    assert issue.message == "no year is named that the figures cover"
    assert issue.action.endswith("document report.txt and its year to data/raw/sources.csv")


def test_two_years_equally_often_are_doubtful() -> None:
    found = who("一、情况\n2021年支出增加。2022年支出减少。")
    assert found.year == 2022
    (issue,) = (i for i in found.issues if i.kind == "doubtful_year")
    assert issue.message == "2021, 2022 are named equally often; 2022 is taken"


def test_title_against_the_sentences_is_doubtful() -> None:
    found = who("辰溪县医疗保障局2024年自评报告" + BODY + "2023年度支出。" * 6)
    assert found.year == 2024
    (issue,) = found.issues
    assert issue.message == "the title or form says 2024, but most sentences speak of 2023"


UNITS = [
    ("高邑县医疗保障局 2021年度整体支出绩效自评报告", "高邑县医疗保障局"),
    ("临泽县医保局\n2023年自评报告", "临泽县医保局"),
    ("保山市卫生健康委员会2020年度项目自评报告", "保山市卫生健康委员会"),
    ("梧州市农产品质量检测中心2020年度部门决算", "梧州市农产品质量检测中心"),
    ("寿县司法局2022年三公经费预算情况", "寿县司法局"),
    ("潜江市人力资源和社会保障局2022年决算", "潜江市人力资源和社会保障局"),
    ("乾县医疗保障局2022年决算", "乾县医疗保障局"),
    ("邵阳市北塔区医疗保障局2022年决算", "邵阳市北塔区医疗保障局"),
    ("自评表(2023年度)\n填报单位:辰溪县医疗保障局\n", "辰溪县医疗保障局"),
    ("2023年自评报告" + BODY + "辰溪县财政局拨款,2023年辰溪县医疗保障局支出", "辰溪县医疗保障局"),
    ("自评表(2024年度)\n实施单位 | 医疗保障局 |", "医疗保障局"),
    ("射阳县2023年参保情况", ""),
]


@pytest.mark.parametrize(("text", "unit"), UNITS)
def test_reporting_unit(text: str, unit: str) -> None:
    assert who(text).reporting_unit == unit


TYPES = [
    ("高邑县医保局2024年度整体支出绩效自评报告", "department_self_evaluation"),
    ("临泽县医保局\n2021年部门整体支出绩效评价报告", "department_self_evaluation"),
    ("保山市2022年度项目绩效自评报告", "project_self_evaluation"),
    ("转移支付区域绩效目标自评表(2021年度)", "project_self_evaluation"),
    ("三台县2022年度考核自评报告", "self_evaluation"),
    ("寿县2020年医保基金决算情况公开", "fund_bulletin"),
    ("射阳县2023年参保及基金收支情况公示", "fund_bulletin"),
    ("梧州市医疗保障局2019年度决算", "final_accounts"),
    ("温泉县2019年项目公示(含绩效目标表)", "target_table"),
    ("寿县司法局2022年三公经费预算情况", "budget"),
    ("永州年鉴 医疗保障", "yearbook"),
    ("辰溪县2023年工作总结", "work_report"),
    ("为群众撑起保护伞(鹤庆县)", "other"),
]


@pytest.mark.parametrize(("text", "report_type"), TYPES)
def test_report_type(text: str, report_type: str) -> None:
    assert who(text).report_type == report_type


def test_a_heading_tells_the_type_where_no_title_does() -> None:
    text = "一、基本情况\n辰溪县\n二、部门整体支出管理及使用情况\n"
    start = text.index("二、")
    heading = Block("heading", start, len(text) - 1, level=2)
    assert who(text, blocks=(heading,)).report_type == "department_self_evaluation"


def test_the_file_name_does_not_count() -> None:
    found = who("自评报告", name="2023年高邑县医疗保障局.txt")
    assert (found.county_code, found.year) == ("", None)


def test_an_ambiguous_name_is_not_guessed() -> None:
    found = who("城关区医疗保障局2023年度自评报告")
    assert (found.county_code, found.province, found.city) == ("", "", "")
    assert (found.county, found.reporting_unit) == ("城关区", "城关区医疗保障局")
    (issue,) = found.issues
    assert (issue.kind, issue.severity) == ("ambiguous_county", "warning")
    assert issue.where == "title: 城关区医疗保障局2023年度自评报告"
    assert issue.message == (
        "the place named may be any of: 540102 西藏自治区拉萨市城关区, 620102 甘肃省兰州市城关区"
    )
    assert issue.action == (
        "look at the report; add a line with document report.txt and its county_code "
        "to data/raw/sources.csv"
    )


def test_candidates_of_one_province_keep_the_province() -> None:
    found = who("桥西区医疗保障局2023年度决算" + BODY + "河北省下达")
    assert (found.county_code, found.province, found.city) == ("", "河北省", "")
    assert kinds(found) == ["ambiguous_county"]


def test_two_cities_named_alike_do_not_settle_a_name() -> None:
    text = "鼓楼区医疗保障局2023年决算" + BODY + "学习南京市、福州市的经验"
    assert kinds(who(text)) == ["ambiguous_county"]


def test_no_place_at_all() -> None:
    (issue,) = who("2023年度自评报告").issues
    assert issue.kind == "unknown_county"
    assert issue.message == "no county, prefecture or province is named"
    assert "sources.csv" in issue.action


def test_a_county_that_is_only_called_this_county() -> None:
    found = who("(巴中)健康扶贫\n2016年,该县贫困人口自付比例下降。")
    assert (found.county_code, found.province, found.city) == ("", "四川省", "巴中市")
    (issue,) = found.issues
    assert issue.message == "the text speaks of a county of 巴中市 without naming it"


def test_a_zone_in_no_list_is_not_taken_for_its_city() -> None:
    found = who("保山市飞龙新区医疗保障局2023年决算")
    assert (found.county_code, found.city, found.county) == ("", "保山市", "飞龙新区")
    (issue,) = found.issues
    assert issue.message == "'飞龙新区' of 保山市 is in no list of divisions"


def test_a_short_name_is_reported() -> None:
    (issue,) = who("玉田2015年资助困难户\n全县参合").issues
    assert (issue.kind, issue.severity) == ("short_name", "info")
    assert issue.message == "taken for 玉田县 (130229) by the short name in the title"


@pytest.mark.parametrize("text", ["", "\n", "县", "2023", "\t|\n|"])
def test_texts_with_nothing_in_them(text: str) -> None:
    assert set(kinds(who(text))) == {"unknown_county", "unknown_year"}


def test_the_list_of_divisions_is_sound() -> None:
    places = divisions.divisions()
    current = [d for d in places if d.gone_by is None]
    assert len({d.code for d in current}) == len(current)
    assert len([d for d in current if d.level == "province"]) == 31
    assert len([d for d in current if d.level == "county"]) > 2800
    provinces = {d.name for d in current if d.level == "province"}
    prefectures = {(d.province, d.name) for d in places if d.level == "prefecture"}
    for place in places:
        assert re.fullmatch(r"\d{6}", place.code)
        assert place.province in provinces
        assert not place.city or (place.province, place.city) in prefectures


def test_every_county_is_found_under_its_full_name() -> None:
    missed = []
    for place in divisions.divisions():
        if place.level == "county":
            full = f"{place.province}{place.city}{place.name}"
            found = who(f"{full}医疗保障局2014年度自评报告")
            if (found.county_code, found.county) != (place.code, place.name):
                missed.append((full, found.county_code))
    assert missed == []


def test_every_county_is_found_under_its_own_name_or_listed_as_a_candidate() -> None:
    missed = []
    for place in divisions.divisions():
        # 城区, 东区 and the like are names only behind their city's.
        if place.level == "county" and place.gone_by is None and not re.match(".区$", place.name):
            found = who(f"{place.name}医疗保障局2023年度自评报告")
            listed = any(place.code in issue.message for issue in found.issues)
            if found.county_code != place.code and not listed:
                missed.append((place.name, place.code, found.county_code))
    assert missed == []


def sources(folder: Path, text: str | bytes) -> Path:
    path = folder / "sources.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def test_overrides_are_optional(tmp_path: Path) -> None:
    assert by_hand.read(tmp_path / "sources.csv") == {}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_overrides(tmp_path: Path, encoding: str) -> None:
    text = (
        "document,county_code,year,url\r\n县/a.txt,130127,,\r\nb.txt,,2023,https://example.org\r\n"
    )
    assert by_hand.read(sources(tmp_path, text.encode(encoding))) == {
        "县/a.txt": {"county_code": "130127"},
        "b.txt": {"year": "2023", "url": "https://example.org"},
    }


def test_everything_wrong_in_overrides_is_told_at_once(tmp_path: Path) -> None:
    text = "document,county_code,year,place\na.txt,999999,二三,x\na.txt,,2023,\n,130127,,\nb.txt,,,,y\n"
    with pytest.raises(by_hand.OverrideError) as caught:
        by_hand.read(sources(tmp_path, text))
    assert caught.value.complaints == [
        "line 1: unknown column 'place'; known are document, county_code, year, url",
        "line 2: county_code '999999' is no known code; "
        "take the six digits from src/ingest/codebook/common/counties.csv",
        "line 2: year '二三' is no year; write four digits, as 2023",
        "line 3: 'a.txt' stands in the file twice; keep one line",
        "line 4: no document; write its path below the raw folder",
        "line 5: more cells than columns; quote a cell that has a comma",
    ]
    assert str(caught.value).startswith("6 problem(s) in data/raw/sources.csv:\n  - line 1:")
    assert str(caught.value).endswith("run `ingest check` again.")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "line 1: there is no column 'document'; the first line names the columns"),
        (b"\xff\xff\x80", "the file is neither UTF-8 nor GB18030 text; save it as CSV UTF-8"),
    ],
)
def test_overrides_that_are_no_table(tmp_path: Path, content: bytes, complaint: str) -> None:
    with pytest.raises(by_hand.OverrideError) as caught:
        by_hand.read(sources(tmp_path, content))
    assert caught.value.complaints == [complaint]


def test_an_override_settles_place_and_year() -> None:
    before = who("鼓楼区医疗保障局自评报告")
    assert kinds(before) == ["unknown_year", "ambiguous_county"]
    override = {"county_code": "320106", "year": "2023"}
    after = by_hand.apply(before, override, EMPTY)
    assert (after.county_code, after.province, after.city, after.county, after.year) == (
        "320106",
        "江苏省",
        "南京市",
        "鼓楼区",
        2023,
    )
    assert after.issues == ()
    assert after.reporting_unit == "鼓楼区医疗保障局"


def test_an_override_leaves_the_rest() -> None:
    before = who("鼓楼区医疗保障局自评报告")
    after = by_hand.apply(before, {"year": "2022", "url": "https://example.org"}, EMPTY)
    assert (after.year, after.county, kinds(after)) == (2022, "鼓楼区", ["ambiguous_county"])


def test_an_override_may_name_a_prefecture() -> None:
    after = by_hand.apply(Identity(county="x"), {"county_code": "530500"}, EMPTY)
    assert (after.county, after.city, after.province) == ("", "保山市", "云南省")
