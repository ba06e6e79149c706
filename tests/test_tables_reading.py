"""Tables of the reading engine: faults seen on published tables, and rows that lost a cell."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from copy import copy
from decimal import Decimal
from pathlib import Path

import pytest
from test_cases import Case, document_of, identity_of, read_cases, stated, wanted

from ingest.codebook.loading import load
from ingest.documents.readers import text
from ingest.reading import gate, reader, tables
from ingest.reading.index import lexicon_of
from ingest.reading.tables.proof import adds_up, is_rate
from ingest.records import Block, Cell, Document, Identity, Mention, Source

# The format is told in test_cases.py; every figure is made up.
WRITTEN = """
[f09]
# 青禾县2023年城乡居民基本医疗保险基金收支决算表
单位：万元
| 项目 | 2023年执行数 | 2024年预算数 | 项目 | 2023年执行数 | 2024年预算数 |
| 一、缴费收入 | 27362 | 28219 | 一、待遇支出 | 70764 | 70965 |
| 二、财政补贴收入 | 50441 | 49755 | 二、大病保险支出 | 7270 | 6907 |
| 本年收入合计 | 77803 | 77974 | 本年支出合计 | 78034 | 77872 |
| 上年结余 | 35226 | 36845 | 年末滚存结余 | 34995 | 36947 |
| 总计 | 113029 | 114819 | 总计 | 113029 | 114819 |
> fund_revenue actual residents 2023 77803
> fund_expenditure actual residents 2023 78034

[f17a] ragged
# 部门预算项目支出绩效自评表（2023年度）
| 项目名称 | 参保宣传经费 |
| 一级指标 | 二级指标 | 三级指标 | 指标性质 | 指标值 | 度量单位 | 完成值 | 权重 | 得分 | 未完成原因分析 |
| 产出指标 | 数量指标 | 发放覆盖率 | = | 100 | % | | 60 | | |
| 合计 | | | | | | | 100 | | |
> nothing

[f17b] ragged
# 部门预算项目支出绩效自评表（2023年度）
| 得分 | 未完成原因分析 | 产出指标 | 数量指标 | 发放覆盖率 | = | 100 | % |
| 效益指标 | 社会效益指标 | 足额保障率（参保率） | = | 100 | % |
| 合计 | 100 |
> nothing

[f23] ragged
# 部门预算项目支出绩效自评表（2023年度）
| 项目名称 | 参保宣传经费 |
| 预算执行情况（10分） | 年度预算数（万元） | 年初预算 | 调整后预算数 | 预算执行数 | 预算执行率 | 权重 | 得分 | 原因 |
| 总额 | 9.00 | 7.50 | 7.20 | 96.00% | 10 | 9.6 | |
> expenditure initial_budget - 2023 9 part
> expenditure adjusted_budget - 2023 7.5 part
> expenditure actual - 2023 7.2 part
> budget_execution_rate actual - 2023 96 part

[f23b] ragged
; nothing proves
# 部门预算项目支出绩效自评表（2023年度）
| 项目名称 | 参保宣传经费 |
| 预算执行情况（10分） | 年度预算数（万元） | 年初预算 | 调整后预算数 | 预算执行数 | 预算执行率 | 权重 | 得分 | 原因 |
| 总额 | 9.00 | 7.50 | 7.20 | 93.00% | 10 | 9.6 | |
> nothing

[f24]
# 青禾县医疗保障局2023年度部门整体支出绩效自评报告
| “三公”经费（万元） | 年初预算数 | 实际支出数 |
| 合计 | 18.4 | 14.72 |
| 公务接待费 | 8.8 | 5.12 |
| 公务用车运行维护费 | 9.6 | 9.6 |
> three_public_expenditure initial_budget - 2023 18.4
> three_public_expenditure actual - 2023 14.72
> reception_expenditure initial_budget - 2023 8.8
> reception_expenditure actual - 2023 5.12
> vehicle_operation_expenditure initial_budget - 2023 9.6
> vehicle_operation_expenditure actual - 2023 9.6

[f25]
# 青禾县医疗保障局2023年“三公”经费决算表
单位：万元
| 项目 | 预算数 | 决算数 | 决算数占预算数（%） |
| 合计 | 18.4 | 15.456 | 84.00 |
| 公务接待费 | 8.8 | 5.12 | 58.18 |
> three_public_expenditure budget - 2023 18.4
> three_public_expenditure actual - 2023 15.456
> three_public_control_rate actual - 2023 84
> reception_expenditure budget - 2023 8.8
> reception_expenditure actual - 2023 5.12

[f25b] ragged
# 青禾县医疗保障局2023年“三公”经费决算表
单位：万元
| 项目 | 预算数 | 决算数 | 占预算数（%） |
| 合计 | 18.4 | 15.456 | 84.00 |
> three_public_expenditure budget - 2023 18.4
> three_public_expenditure actual - 2023 15.456
> three_public_control_rate actual - 2023 84

[f26]
# 青禾县医疗保障局2023年“三公”经费预算表
单位：万元
| 项目 | 合计 | 公共财政 | 政府性基金 |
| “三公”经费 | 7.2 | 7.2 | 0 |
| 公务接待费 | 2.2 | 2.2 | 0 |
> three_public_expenditure budget - 2023 7.2
> reception_expenditure budget - 2023 2.2

[f27]
# 2023年医保主要指标完成情况表
| 全县共资助特困人员2310人，实现应保尽保。 | < | < |
| 指标 | 目标值 | 完成值 |
| 参保率 | 95% | 96.2% |
> optional subsidised_persons actual extreme_poverty 2023 2310
> participation_rate target all 2023 95
> participation_rate actual all 2023 96.2

[f27b]
# 2023年医保主要指标完成情况表
| 指标 | 目标任务，特困人员要应保尽保，应资尽资，确保不漏一人 | 完成情况 |
| 参保率 | 95% | 96.2% |
> optional participation_rate target all 2023 95
> participation_rate actual all 2023 96.2

[f31]
# 2023年医疗保险运行情况
单位：人、万元
| | 职工基本医疗保险 | < | 城乡居民基本医疗保险 |
| ^ | 基本医疗保险 | 生育保险 | ^ |
| 参保人数 | 31204 | 18760 | 256810 |
| 本年基金收入 | 14120 | < | 24960 |
> insured_persons actual employees 2023 31204
> insured_persons actual residents 2023 256810
> fund_revenue actual employees 2023 14120
> fund_revenue actual residents 2023 24960

[f46a]
# 青禾县医疗保障局2023年度部门整体支出绩效自评报告
## 整体支出绩效评价基础数据表
单位：万元
| 经费控制情况 | 2022年决算数 | 2023年预算数 | 2023年决算数 |
| 项目支出 | 912.4 | 860 | 948.6 |
| 医保经办业务经费 | 112.4 | 100 | 108.6 |
| 公用经费 | 44.1 | 40 | 43.7 |
> project_expenditure actual - 2022 912.4
> project_expenditure budget - 2023 860
> project_expenditure actual - 2023 948.6
> project_expenditure actual - 2022 112.4 part
> project_expenditure budget - 2023 100 part
> project_expenditure actual - 2023 108.6 part
> operating_expenditure actual - 2022 44.1
> operating_expenditure budget - 2023 40
> operating_expenditure actual - 2023 43.7

[f46b] ragged
# 青禾县医疗保障局2023年度部门整体支出绩效自评报告
## 项目支出情况
单位：万元
| 序号 | 项目名称 | 单位 | 预算数 | 执行数 | 结余 | 得分 |
| 1 | 医疗救助补助 | 医保局 | 602 | 590 | 12 | 98 |
| 2 | 信息系统运维费 | 医保中心 | 18 | 17.1 | 0.9 | 95 |
> project_expenditure budget - 2023 602 part
> project_expenditure actual - 2023 590 part
> self_evaluation_score actual - 2023 98 part
> project_expenditure budget - 2023 18 part
> project_expenditure actual - 2023 17.1 part
> self_evaluation_score actual - 2023 95 part

[f46c]
# 青禾县医疗保障局2023年度部门整体支出绩效自评报告
## 项目支出情况
单位：万元
| 项目名称 | 预算数 | < | < | < | 执行数 |
| ^ | 合计 | 中央 | 省级 | 县级 | ^ |
| 医疗救助补助 | 602 | 300 | 200 | 102 | 590 |
> project_expenditure budget - 2023 602 part
> project_expenditure actual - 2023 590 part

[f48]
# 2023年医保统计表
| 指标 | 单位 | 数量 |
| 一、参保人数 | 人 | 9000 |
| 1.职工基本医疗保险（含生育保险） | 人 | 800 |
| 2.城乡居民基本医疗保险 | 人 | 8200 |
> insured_persons actual all 2023 9000
> insured_persons actual employees 2023 800
> insured_persons actual residents 2023 8200

[f50]
# 青禾县医疗保障局2023年度部门整体支出绩效自评表
单位：万元
| 项目 | 年初预算 | 全年预算 | 全年执行 | 执行率 |
| 年度资金总额 | 500 | 520 | 507 | 97.5% |
> expenditure initial_budget - 2023 500
> expenditure adjusted_budget - 2023 520
> expenditure actual - 2023 507
> budget_execution_rate actual - 2023 97.5

[f50b]
# 青禾县医疗保障局2023年度部门整体支出绩效自评表
单位：万元
| 项目 | 预算 | < | 执行数 |
| ^ | 年初预算 | 预算调整 | ^ |
| 支出合计 | 500 | 20 | 507 |
| 基本支出 | 300 | 0 | 290 |
> optional expenditure adjusted_budget - 2023 20
> expenditure initial_budget - 2023 500
> expenditure actual - 2023 507
> basic_expenditure initial_budget - 2023 300
> basic_expenditure actual - 2023 290

[syn1]
; the same words by synonyms
# 青禾县医疗保障局2023年度部门整体支出绩效自评表
| 三级指标 | 预期值 | 实绩 | 满分 | 实得分 |
| 城乡居民参保率 | ≥95% | 96.1% | 10 | 10 |
| 职工医保参保人数 | 2.5万人 | 2.61万人 | 10 | 10 |
> participation_rate target residents 2023 >=95
> participation_rate actual residents 2023 96.1
> insured_persons target employees 2023 25000
> insured_persons actual employees 2023 26100

[own1]
; one row of figures, the name in a merged cell; weights under 权重
# 青禾县医疗保障局2023年度部门整体支出绩效自评表
| 指标 | 权重 | 指标值 | 完成值 | 得分 |
| 预算执行率 | 10 | 100% | 98.2% | 9.8 |
| 公用经费控制率 | 5 | ≤100% | 93% | 5 |
| 结转结余率 | 5 | ≤5 | 1.2 | 5 |
> budget_execution_rate target - 2023 100
> budget_execution_rate actual - 2023 98.2
> operating_control_rate target - 2023 <=100
> operating_control_rate actual - 2023 93
> carryover_rate target - 2023 <=5
> carryover_rate actual - 2023 1.2

[own2] ragged
; nine cells of eleven: the empty ones are lost
# 青禾县医疗保障局2023年度部门整体支出绩效自评表
| 项目 | 年初预算数（万元） | 全年预算数（万元） | 全年执行数（万元） | 执行率 | 分值 | 得分 |
| 年度资金总额 | 956.4 | 941.8 | 98.47% | 10 | 9.85 |
> expenditure adjusted_budget - 2023 956.4
> expenditure actual - 2023 941.8
> budget_execution_rate actual - 2023 98.47

[own3]
; a second head row: a new block with its own whole
# 青禾县医疗保障局2023年度部门整体支出绩效自评表
单位：万元
| 项目 | 年初预算数 | 决算数 |
| 支出合计 | 820 | 811 |
| 基本支出 | 320 | 315 |
| 项目支出 | 500 | 496 |
| 其中：“三公”经费 | 年初预算数 | 决算数 |
| 合计 | 6.2 | 4.1 |
| 公务接待费 | 2.2 | 1.1 |
| 公务用车购置及运行费 | 4 | 3 |
> expenditure initial_budget - 2023 820
> expenditure actual - 2023 811
> basic_expenditure initial_budget - 2023 320
> basic_expenditure actual - 2023 315
> project_expenditure initial_budget - 2023 500
> project_expenditure actual - 2023 496
> three_public_expenditure initial_budget - 2023 6.2
> three_public_expenditure actual - 2023 4.1
> reception_expenditure initial_budget - 2023 2.2
> reception_expenditure actual - 2023 1.1
> vehicle_expenditure initial_budget - 2023 4
> vehicle_expenditure actual - 2023 3

[f36]
# 青禾县医疗保障局2023年度部门整体支出绩效自评表
人员编制

31

实有人数

29

> authorised_posts actual all 2023 31
> staff actual all 2023 29

[jiangsu]
# 青禾县医疗保障局2023年度部门整体支出绩效自评表
单位：万元
| 收入 | 预算数 | 执行数 | 支出 | 预算数 | 执行数 |
| 财政拨款小计 | 900 | 890 | 基本支出 | 300 | 298 |
| 其他资金 | 20 | 20 | 项目支出 | 620 | 610 |
| 合计 | 920 | 910 | 合计 | 920 | 908 |
> revenue budget - 2023 920
> revenue actual - 2023 910
> expenditure budget - 2023 920
> expenditure actual - 2023 908
> basic_expenditure budget - 2023 300
> basic_expenditure actual - 2023 298
> project_expenditure budget - 2023 620
> project_expenditure actual - 2023 610

[yunnan]
# 青禾县医疗保障局2023年度部门整体支出绩效自评表
| 项目 | 年初预算数（万元） | 年中追加（减） | 调整预算数（万元） | 执行数（万元） | 执行率（%） |
| 部门预算总额 | 500 | 20.5 | 520.5 | 507.3 | 97.46 |
| 其中：基本支出 | 300 | 10 | 310 | 305 | 98.39 |
| 项目支出 | 200 | 10.5 | 210.5 | 202.3 | 96.1 |
> expenditure initial_budget - 2023 500
> expenditure adjusted_budget - 2023 520.5
> expenditure actual - 2023 507.3
> budget_execution_rate actual - 2023 97.46 basis=adjusted_budget
> basic_expenditure initial_budget - 2023 300
> basic_expenditure adjusted_budget - 2023 310
> basic_expenditure actual - 2023 305
> project_expenditure initial_budget - 2023 200
> project_expenditure adjusted_budget - 2023 210.5
> project_expenditure actual - 2023 202.3

[guangdong]
# 青禾县医疗保障局2023年度部门整体支出绩效自评表
| 部门预算资金（万元） | 预算数 | 执行数 | 预算执行率 |
| 合计 | 820.1 | 804.5 | 98.1% |
| 基本支出 | 320.1 | 318.2 | 99.41% |
> expenditure budget - 2023 820.1
> expenditure actual - 2023 804.5
> budget_execution_rate actual - 2023 98.1
> basic_expenditure budget - 2023 320.1
> basic_expenditure actual - 2023 318.2

[hebei]
# 青禾县医疗保障局2023年度部门整体绩效自评报告
## 三公经费情况
| 项目 | 2022年 | 2023年 | 2023年比2022年 |
| “三公”经费支出（万元） | 5.4 | 4.7 | -0.7 |
| 其中：公务接待费（万元） | 1.8 | 1.5 | -0.3 |
> three_public_expenditure actual - 2022 5.4
> three_public_expenditure actual - 2023 4.7
> reception_expenditure actual - 2022 1.8
> reception_expenditure actual - 2023 1.5

[hubei]
# 青禾县医疗保障局2023年度部门整体绩效自评表
| 年度绩效目标1（80分） | 一级指标 | 二级指标 | 三级指标 | 年初目标值（A） | 实际完成值（B） | 得分 |
| ^ | 产出指标 | 数量指标 | 基本医疗保险参保人数 | ≥30万人 | 30.21万人 | 10 |
| ^ | ^ | 质量指标 | 特困人员、低保对象参保率 | 100% | 100% | 10 |
| ^ | 效益指标 | 社会效益指标 | 城乡居民政策范围内住院费用报销比例 | 70%左右 | 71.2% | 10 |
| 总分 | < | < | < | < | < | 98.5 |
> insured_persons target all 2023 >=300000
> insured_persons actual all 2023 302100
> participation_rate target extreme_poverty 2023 100
> participation_rate actual extreme_poverty 2023 100
> participation_rate target subsistence_allowance 2023 100
> participation_rate actual subsistence_allowance 2023 100
> inpatient_reimbursement_ratio target residents 2023 ~70
> inpatient_reimbursement_ratio actual residents 2023 71.2
> self_evaluation_score actual - 2023 98.5

[staffkinds]
# 青禾县医疗保障局2023年度部门整体支出绩效评价基础数据表
| 单位 | 编制数 | 实有人数 |
| 局机关 | 8 | 7 |
| 医保中心 | 20 | 19 |
| 合计 | 28 | 26 |
> optional authorised_posts actual bureau 2023 8
> optional staff actual bureau 2023 7
> optional authorised_posts actual centre 2023 20
> optional staff actual centre 2023 19
> authorised_posts actual all 2023 28
> staff actual all 2023 26

[accounts]
# 青禾县医疗保障局2023年度部门决算
单位：万元
| 项目 | 本年收入 | 本年支出 | 年末结转和结余 |
| 合计 | 905.2 | 899.1 | 6.1 |
| 基本支出 | 300.1 | 300.1 | 0 |
> revenue actual - 2023 905.2
> expenditure actual - 2023 899.1
> closing_balance actual - 2023 6.1
> optional basic_expenditure actual - 2023 300.1

[otherinsurance]
# 2023年青禾县社会保险参保情况
| 险种 | 参保人数（人） | 基金收入（万元） |
| 城镇职工基本养老保险 | 21000 | 18000 |
| 失业保险 | 9000 | 300 |
| 城镇职工基本医疗保险 | 26000 | 9800 |
| 城乡居民基本医疗保险 | 198000 | 19800 |
> insured_persons actual employees 2023 26000
> fund_revenue actual employees 2023 9800
> insured_persons actual residents 2023 198000
> fund_revenue actual residents 2023 19800

[otherplace]
# 2023年全市各县医保参保情况
| 县区 | 参保人数（人） | 参保率 |
| 青禾县 | 21000 | 96% |
| 白水县 | 9000 | 95% |
| 合计 | 30000 | 95.7% |
> optional insured_persons actual all 2023 21000
> optional participation_rate actual all 2023 96
> optional insured_persons actual all 2023 30000
> optional participation_rate actual all 2023 95.7

[months]
# 2023年医保基金运行情况
单位：万元
| 项目 | 1-6月执行数 | 全年预算 |
| 居民医保基金收入 | 9000 | 18000 |
> nothing

[note]
# 青禾县医疗保障局2023年度部门整体支出绩效自评表
| 三级指标 | 指标值 | 完成值 | 评分标准 | 得分 |
| 参保率 | ≥95% | 96% | 每低1%扣2分 | 10 |
| 住院政策范围内报销比例 | ≥70% | 71% | 达到70%得满分 | 10 |
> participation_rate target all 2023 >=95
> participation_rate actual all 2023 96
> inpatient_reimbursement_ratio target all 2023 >=70
> inpatient_reimbursement_ratio actual all 2023 71

[syn2]
# 青禾县医疗保障局2023年度部门整体支出绩效自评表
| 绩效指标 | 年度目标任务值 | 年末实绩值 | 标准分 | 自评得分 |
| 职工医保政策范围内住院支付比 | 85% | 86.1% | 10 | 10 |
| 参保群众满意率 | 90% | 94% | 5 | 5 |
> inpatient_reimbursement_ratio target employees 2023 85
> inpatient_reimbursement_ratio actual employees 2023 86.1
> satisfaction_rate target public 2023 90
> satisfaction_rate actual public 2023 94

[syn3]
# 青禾县医疗保障局2023年“三公”经费决算表
单位：万元
| 支出项目 | 年初核定预算 | 全年实际开支 | 支出占预算比例 |
| “三公”经费合计 | 18.4 | 15.456 | 84% |
| 公务接待 | 8.8 | 5.12 | 58.18% |
> three_public_expenditure initial_budget - 2023 18.4
> three_public_expenditure actual - 2023 15.456
> three_public_control_rate actual - 2023 84
> reception_expenditure initial_budget - 2023 8.8
> reception_expenditure actual - 2023 5.12

[syn4]
# 青禾县医疗保障局2023年“三公”经费决算表
单位：万元
| 科目 | 当年预算 | 当年决算 |
| “三公”经费 | 18.4 | 15.4 |
| 公务接待 | 8.8 | 5.1 |
> three_public_expenditure budget - 2023 18.4
> three_public_expenditure actual - 2023 15.4
> reception_expenditure budget - 2023 8.8
> reception_expenditure actual - 2023 5.1
"""


def _cases(text: str) -> list[Case]:
    found: list[Case] = []
    for line in text.strip().splitlines():
        header = re.fullmatch(r"\[([\w-]+)\]( ragged)?", line)
        if header:
            found.append(Case(header[1], 2023, bool(header[2])))
        elif line.startswith("> optional "):
            found[-1].optional.append(line.removeprefix("> optional "))
        elif line.startswith("> "):
            found[-1].expected.append(line.removeprefix("> "))
        elif not line.startswith(";"):
            found[-1].lines.append(line)
    return found


OWN = _cases(WRITTEN)
FORMS = [case for case in read_cases("forms.txt") if not case.ragged] + [
    case for case in OWN if not case.ragged
]


def _read(case: Case) -> tuple[Mention, ...]:
    document = document_of(case)
    identity, lexicon = identity_of(case, document), lexicon_of(load())
    reading = gate.with_proved(
        reader.tables(document, identity, lexicon), reader.torn(document, identity, lexicon)
    )
    for mention in reading.mentions:
        assert document.text[mention.start : mention.end] == mention.quote
    return reading.mentions


def _lines(case: Case, optional: bool = True) -> set[str]:
    lines = case.expected + (case.optional if optional else [])
    return {wanted(line)[0] for line in lines if line != "nothing"}


@pytest.mark.parametrize("case", OWN, ids=lambda case: case.name)
def test_published_faults(case: Case) -> None:
    found = {stated(mention) for mention in _read(case)}
    assert _lines(case, optional=False) <= found <= _lines(case)


# --- tables that a text reader finds in running text ------------------------------------------

# The text as a page gives it, blanks and line ends as they stand; every figure is made up.
RUNNING = """
[data]
青禾县审计局2023年度部门整体支出绩效自评报告
附件2: 部门整体支出绩效评价基础数据表 填报单位: 单位:万元 财政供养人员情况 编制数 2023年实际在职人数 控制率

61 57 93.

44% 经费控制情况 2022年决算数 2023年预算数 2023年决算数 三公经费 18.4 41.3 36.6

1、公务用车购置和维护经费 10.2 31.3 29.1 其中:公车购置 19.8 19.8 公车运行维护 10.2

11.5 9.3

2、出国经费

3、公务接待 8.2

10 7.5 项目支出:

1、政策宣传专项 120.5

118 96.2 政府采购金额 22.7 30.1. 28.9 部门整体支出绩效评价指标表 一级指标 得分 二级指标 得分 三级指标 得分 评价标准 得分
> authorised_posts actual all 2023 61
> staff actual all 2023 57
> staffing_control_rate actual - 2023 93.44
> three_public_expenditure actual - 2022 18.4
> three_public_expenditure budget - 2023 41.3
> three_public_expenditure actual - 2023 36.6
> vehicle_expenditure actual - 2022 10.2
> vehicle_expenditure budget - 2023 31.3
> vehicle_expenditure actual - 2023 29.1
> vehicle_purchase_expenditure budget - 2023 19.8
> vehicle_purchase_expenditure actual - 2023 19.8
> vehicle_operation_expenditure actual - 2022 10.2
> vehicle_operation_expenditure budget - 2023 11.5
> vehicle_operation_expenditure actual - 2023 9.3
> reception_expenditure actual - 2022 8.2
> reception_expenditure budget - 2023 10
> reception_expenditure actual - 2023 7.5
> procurement_expenditure actual - 2022 22.7
> procurement_expenditure budget - 2023 30.1
> procurement_expenditure actual - 2023 28.9

[form]
青禾县项目支出绩效自评表 (2023年度) 项目名称 孤儿助医补助 主管部门 青禾县民政局 项目资金 年初预算数 (万元) 年度资金总额 其中:当年财政拨款 实施单位 全年预算数 全年执行数 分值 执行率 得分 48.72 46.29 10 95% 9.5 48.72 46.29 — 95% — 上年结转资金 — — 预期目标 实际完成情况 救助及时 救助及时
> project_expenditure adjusted_budget - 2023 48.72 part
> project_expenditure actual - 2023 46.29 part
> budget_execution_rate actual - 2023 95 part

[broken]
; the same form with a rate that nothing gives: no figure, and no score either
青禾县项目支出绩效自评表 (2023年度) 项目名称 孤儿助医补助 主管部门 青禾县民政局 项目资金 年初预算数 (万元) 年度资金总额 其中:当年财政拨款 实施单位 全年预算数 全年执行数 分值 执行率 得分 48.72 46.29 10 91% 9.5 48.72 46.29 — 91% — 上年结转资金 — — 预期目标 实际完成情况 救助及时 救助及时
> nothing

[glued]
财政项目支出绩效自评表
2023年度
项目名称校舍加固
项目资金(元) 年初预算数全年预算数全年执行数分值执行率得分
年度资金总额2750000.002750000.002750000.0010100.0%10
其中:当年财政拨款   -0.0%-
> project_expenditure initial_budget - 2023 275 part
> project_expenditure adjusted_budget - 2023 275 part
> project_expenditure actual - 2023 275 part
> budget_execution_rate actual - 2023 100 part

[unread]
; a head that was not read: three amounts and a rate below two heads
1、青禾县项目支出绩效自评表(2023年)项目名称校舍加固主管部门青禾县教育局年初预匏数调整预算将全年执行数(B)执行率(B/A)31.731.731.7100%年度总体目标
> nothing

[goals]
; the sign of a percentage parts a goal from its result, and marks follow; a row with one is neither
财政项目支出绩效自评表
2023年度
项目名称校舍加固
绩效指标一级指标二级指标三级指标年度指标值实际完成值分值得分偏差原因分析及改进措施
产出指标数量指标校舍加固完成率100%92%1514按期
效益指标社会效益指标办学条件改善改善55
满意度指标服务对象满意度指标家长满意度≧90%≧87.5%1010
学生满意度85%1010
总分:94
> satisfaction_rate target public 2023 >=90
> satisfaction_rate actual public 2023 >=87.5
> optional satisfaction_rate target public 2023 85
> optional satisfaction_rate actual public 2023 85
> self_evaluation_score actual - 2023 94 part

[rules]
; a form of scores whose rows run together: rules with faults of a scan are no figures
青禾县2023年度部门整体支出绩效评价自评报告
一级指标分值二级指标分值三级指标分值评价标准指标说明得分投入12预算配置12在职人员控制率6标准为100%。在职人员控制率W100%,得6分;每超一个百分点扣0.5分,扣完为止。在职人员控制率=(在职人员数/编制数)100%。6“三公经费”变动率6“三公经费”变动率至0,得6分;
2、“三公经费”0,每超一个百分点扣0.7分,扣完为止。预算控制率6预算控制率=0,得6分;预算控制率=(本年追加/年初预算)100%o6
2023年我局三公经费支出3.2万元。
> three_public_expenditure actual - 2023 3.2

[tidy]
; a head over rows of its own is no running text
青禾县审计局2023年度部门整体支出绩效自评报告
单位:万元
项目 2022年决算数 2023年预算数 2023年决算数
三公经费 18.4 41.3 36.6
公务接待费 8.2 10 7.5
> three_public_expenditure actual - 2022 18.4
> three_public_expenditure budget - 2023 41.3
> three_public_expenditure actual - 2023 36.6
> reception_expenditure actual - 2022 8.2
> reception_expenditure budget - 2023 10
> reception_expenditure actual - 2023 7.5
"""


@pytest.mark.parametrize("case", _cases(RUNNING), ids=lambda case: case.name)
def test_tables_of_running_text(case: Case) -> None:
    words = "\n".join(case.lines)
    source = Source(f"{case.name}.txt", f"{case.name}.txt", "0" * 64, len(words))
    document = text.read(source, words.encode())
    reading = reader.read(document, identity_of(case, document), load())
    for mention in reading.mentions:
        assert document.text[mention.start : mention.end] == mention.quote
    found = {stated(mention) for mention in reading.mentions}
    assert _lines(case, optional=False) <= found <= _lines(case)


# --- a table that lost its places -------------------------------------------------------------


def _flattened(case: Case, blanks: bool) -> Case:
    """The case with the order of its cells only; merged cells stand once, blank ones if `blanks`."""
    flat = copy(case)
    flat.ragged, flat.lines = True, []
    for line in case.lines:
        cells = [cell.strip() for cell in line.strip()[1:-1].split("|")]
        if line.startswith("|"):
            cells = ["" if cell == "^" else cell for cell in cells if cell != "<"]
            cells = cells if blanks else [cell for cell in cells if cell]
            line = "| " + " | ".join(cells) + " |"
        flat.lines.append(line)
    return flat


@pytest.mark.parametrize("case", FORMS, ids=lambda case: case.name)
@pytest.mark.parametrize("blanks", [True, False])
def test_flattened_forms_state_nothing_else(case: Case, blanks: bool) -> None:
    assert {stated(mention) for mention in _read(_flattened(case, blanks))} <= _stated_at_all(case)


def _stated_at_all(case: Case) -> set[str]:
    """What the case expects, and what is read of its sentences."""
    return _lines(case) | {stated(mention) for mention in _read(case)}


def _one_cell_short(case: Case) -> Iterator[tuple[str, Case]]:
    """The flattened case, once without each of its plain numbers."""
    flat = _flattened(case, blanks=True)
    for at, line in enumerate(flat.lines):
        cells = [cell.strip() for cell in line.strip()[1:-1].split("|")]
        for place, cell in enumerate(cells) if line.startswith("|") else ():
            if re.fullmatch(r"-?[\d,.]+(?:%|万?[人元])?", cell):
                short = copy(flat)
                rest = cells[:place] + cells[place + 1 :]
                short.lines = [
                    *flat.lines[:at],
                    "| " + " | ".join(rest) + " |",
                    *flat.lines[at + 1 :],
                ]
                yield cell, short


@pytest.mark.parametrize("case", FORMS, ids=lambda case: case.name)
def test_a_row_one_cell_short_states_nothing_else(case: Case) -> None:
    known = _stated_at_all(case)
    for lost, short in _one_cell_short(case):
        wrong = {stated(mention) for mention in _read(short)} - known
        assert not wrong, f"without {lost}: {wrong}"


# --- proofs -----------------------------------------------------------------------------------


def test_identities_hold_at_printed_precision() -> None:
    assert is_rate(Decimal("98.47"), Decimal("941.8"), Decimal("956.4"))
    assert not is_rate(Decimal("98.57"), Decimal("941.8"), Decimal("956.4"))
    assert not is_rate(Decimal("100"), Decimal("0"), Decimal("0"))
    assert adds_up(Decimal("18.4"), [Decimal("8.8"), Decimal("9.6")])
    assert not adds_up(Decimal("18.4"), [Decimal("8.8"), Decimal("9.9")])
    assert adds_up(Decimal("1.00"), [Decimal("0.33"), Decimal("0.33"), Decimal("0.33")])


def test_a_row_that_fits_no_reading_is_a_warning_with_its_words() -> None:
    case = next(case for case in OWN if case.name == "f23b")
    document = document_of(case)
    lexicon = lexicon_of(load())
    reading = reader.tables(document, identity_of(case, document), lexicon)
    assert [(i.severity, i.where) for i in reading.issues] == [
        ("warning", "总额 9.00 7.50 7.20 93.00% 10 9.6")
    ]


def test_every_number_beside_a_known_name_is_taken_or_refused() -> None:
    lexicon = lexicon_of(load())
    line_number = load().words["tables"]["line_number"]
    for case in FORMS:
        document = document_of(case)
        if line_number in document.text:
            continue
        reading = reader.tables(document, identity_of(case, document), lexicon)
        ends = {m.end for m in reading.mentions} | {r.end for r in reading.refusals}
        for cell in (c for b in document.blocks for c in b.cells):
            text = document.text[cell.start : cell.end]
            named = [
                c
                for b in document.blocks
                for c in b.cells
                if c.row == cell.row
                and c.column < cell.column
                and b.start <= cell.start < b.end
                and lexicon.labels(document.text[c.start : c.end])
                and lexicon.labels(document.text[c.start : c.end])[-1].type == "label"
            ]
            if named and re.fullmatch(r"[≥≤]?[\d.]+%?", text):
                assert cell.end in ends, f"{case.name}: {text}"


# --- guards -----------------------------------------------------------------------------------


def test_no_wording_in_the_code() -> None:
    for path in Path(tables.__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
        docs = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, documented) and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                han = re.search("[\u4e00-\u9fff]", node.value)
                assert not han or id(node) in docs, f"{path.name}: {node.value}"


def test_a_table_of_many_columns_and_one_without_cells_are_read() -> None:
    words = ["项目", *(f"{year}年" for year in range(1900, 2020))]
    text, cells = "", []
    for row, line in enumerate([words, ["参保人数", *map(str, range(1000, 1120))]]):
        for column, word in enumerate(line):
            cells.append(Cell(row, column, len(text), len(text) + len(word)))
            text += word + "\t"
    blocks = (
        Block("table", 0, len(text), cells=tuple(cells)),
        Block("table", len(text), len(text)),
    )
    document = Document(Source("a.txt", "a.txt", "0" * 64, 1), "text", "text", text, blocks)
    reading = reader.tables(document, Identity(year=2023), lexicon_of(load()))
    assert len(reading.mentions) == 120
