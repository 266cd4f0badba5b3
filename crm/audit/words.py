"""Words for the codes of the log: each room brings its own (its log_words.py), here are the fields that many rooms write.

A code without a word is shown as it is: entries outlive the code that wrote them.
"""

from collections.abc import Iterable, Mapping

from crm.core import registry
from crm.core.words import N_

FIELDS = {
    "name": N_("名称"),
    "kind": N_("类型"),
    "unit_id": N_("单位编号"),
    "address": N_("地址"),
    "effective_on": N_("生效日期"),
    "note": N_("说明"),
    "count": N_("条数"),
    "sha256": N_("内容摘要"),
    "uscc": N_("统一社会信用代码"),
    "future_industry": N_("未来产业"),
    "amount": N_("金额"),
    "leader_id": N_("责任领导编号"),
    "origin": N_("来源地"),
    "owner_id": N_("责任人"),
    "summary": N_("项目简介"),
    "source": N_("来源"),
    "agreement_number": N_("协议编号"),
    "agreement_on": N_("协议签订日期"),
    "reason": N_("原因"),
    "as_of": N_("统计截止"),
    "scope": N_("统计范围"),
    "rows": N_("条数"),
    "state": N_("状态"),
    "value": N_("完成数"),
    "issued_on": N_("发证日期"),
    "review_note": N_("退回原因"),
    "carrier_id": N_("载体"),
    "rooms": N_("用房"),
    "starts_on": N_("开始日期"),
    "left_on": N_("出库日期"),
    "authority": N_("发证机关"),
    "level": N_("级别"),
    "reported_by_id": N_("填报人编号"),
    "verified_by_id": N_("核验人编号"),
    "archived_at": N_("停用时间"),
    "number": N_("编号"),
    "year": N_("年份"),
    "position": N_("职务"),
    "on": N_("日期"),
    "from_on": N_("开始日期"),
    "valid_from": N_("生效日期"),
    "carrier": N_("载体"),
    "company": N_("企业"),
    "project_id": N_("项目编号"),
    "happened_on": N_("日期"),
    "due_on": N_("时限"),
    "opening": N_("年初存量"),
    "parent_id": N_("所属指标编号"),
    "owner": N_("办理人"),
    "text": N_("内容"),
    "received_on": N_("收件日期"),
    "format": N_("格式"),
    "until_on": N_("推迟到"),
    "task_id": N_("待办编号"),
    "by_id": N_("填报人编号"),
    "title": N_("名称或姓名"),
    "company_id": N_("企业编号"),
}

ORIGINS = {"command line": N_("命令行")}


def kinds() -> Mapping[str, str]:
    """The first words of actions: what the page of the log filters by."""
    return {code: word for room in registry.log_words for code, word in room.kinds.items()}


def same_kind(code: str) -> list[str]:
    """The kinds with the word of this one: of a firm, of many firms."""
    words = kinds()
    return [other for other in words if words[other] == words[code]]


def action_word(code: str) -> str:
    return _word(code, (room.actions for room in registry.log_words))


def field_word(name: str) -> str:
    return _word(name, (FIELDS, *(room.fields for room in registry.log_words)))


def _word(code: str, words: Iterable[Mapping[str, str]]) -> str:
    return next((some[code] for some in words if code in some), code)
