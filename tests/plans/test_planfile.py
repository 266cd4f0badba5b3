import json
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from crm.plans import planfile
from crm.plans.planfile import Mention, PlanFileError, available_plans, parse_plan, read_plan
from crm.targets.pace import Comparator, Kind

REPEATS = {"T17": "T06", "T18": "T07", "T24": "T01", "T25": "T02"}


@pytest.fixture(scope="module")
def plan():
    return read_plan(2020)


@pytest.fixture
def raw():
    """The file as it is, to be broken."""
    path = Path(planfile.__file__).with_name("files") / "2020.json"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def indicator(plan):
    return {entry.id: entry for entry in plan.indicators}.__getitem__


def test_the_plan_of_2020_is_there_and_that_of_1999_is_not():
    assert 2020 in available_plans()
    with pytest.raises(LookupError):
        read_plan(1999)


def test_the_plan_has_nine_chapters_33_tasks_45_targets_and_seven_milestones(plan):
    assert "".join(chapter.number for chapter in plan.chapters) == "一二三四五六七八九"
    assert [task.number for task in plan.tasks] == list(range(1, 34))
    assert (len(plan.indicators), len(plan.milestones)) == (45, 7)
    assert (plan.issued_on, plan.published_on) == (date(2020, 3, 17), date(2020, 4, 22))


def test_tasks_fall_to_their_chapters_as_in_the_document(plan):
    sizes = Counter(task.chapter for task in plan.tasks)
    assert [sizes[number] for number in "一二三四五六七八九"] == [3, 4, 3, 3, 4, 4, 3, 3, 6]


def test_ids_and_repeats_together_are_the_49_mentions_of_the_document(plan):
    repeats = {mention.id: entry.id for entry in plan.indicators for mention in entry.mentions}
    assert repeats == REPEATS
    ids = [entry.id for entry in plan.indicators] + list(repeats)
    assert sorted(ids) == [f"T{n:02}" for n in range(1, 50)]


def test_a_repeat_says_which_task_it_stands_in(indicator):
    assert indicator("T01").mentions == (Mention("T24", 11),)
    assert indicator("T06").mentions == (Mention("T17", 8),)


def test_comparators_over_the_49_mentions_are_those_counted_in_the_document(plan):
    # growth aside, the document has 27 bare numbers, 10 "at least", 9 "more than", 3 ranges
    counts = Counter()
    for entry in plan.indicators:
        if entry.kind is not Kind.GROWTH:
            counts[entry.comparator] += 1 + len(entry.mentions)
    assert counts == {
        Comparator.EQUAL: 27,
        Comparator.AT_LEAST: 9,
        Comparator.MORE_THAN: 9,
        Comparator.RANGE: 3,
    }


def test_figures_are_exact(indicator):
    assert indicator("T07").target == Decimal("2.8")
    assert (indicator("T09").target, indicator("T09").target_to) == (1, 2)
    assert indicator("T04").baseline.value == 2078
    assert indicator("T08").baseline.value == Decimal("240.3")
    assert isinstance(indicator("T01").target, Decimal)


def test_strive_for_is_kept_where_the_document_says_it(plan):
    striven = {entry.id for entry in plan.indicators if entry.modal == "力争"}
    assert striven == {"T08", "T11", "T13", "T14", "T15", "T19", "T31", "T32", "T33"}


def test_parts_name_the_whole_they_belong_to(plan):
    parents = {entry.id: entry.parent for entry in plan.indicators if entry.parent}
    assert parents == {
        **{"T14": "T03", "T28": "T03", "T36": "T35"},
        **{"T38": "T37", "T46": "T45", "T47": "T45"},
    }


def test_what_no_record_proves_is_reported_and_all_else_computed(plan):
    reported = {entry.id for entry in plan.indicators if not entry.metric}
    assert reported == {
        *("T08", "T09", "T11", "T12", "T20"),
        *("T37", "T38", "T39", "T40", "T41", "T42", "T48", "T49"),
    }


def test_a_part_is_computed_by_the_metric_of_its_whole_or_both_by_hand(indicator):
    for part, whole in (("T14", "T03"), ("T28", "T03"), ("T46", "T45"), ("T47", "T45")):
        assert indicator(part).metric == indicator(whole).metric
        assert set(indicator(part).filters.items()) > set(indicator(whole).filters.items())


def test_the_flats_and_the_training_bases_are_one_thing_with_their_milestones(plan, indicator):
    milestones = {entry.id: entry for entry in plan.milestones}
    assert {key: m.same_as for key, m in milestones.items() if m.same_as} == {
        "M5": "T44",
        "M6": "T39",
    }
    flats = milestones["M5"]
    assert (flats.not_before, flats.due) == (date(2020, 7, 1), date(2020, 12, 31))
    assert (indicator("T44").starts_on, indicator("T44").due) == (flats.not_before, flats.due)
    assert milestones["M4"].not_before == date(2020, 10, 1)


def test_every_entry_reads_in_both_languages(plan):
    for entry in (*plan.indicators, *plan.milestones):
        assert not entry.subject_zh.isascii()
        assert entry.subject_en.strip()
        assert not any("一" <= sign <= "龥" for sign in entry.subject_en)
    for entry in plan.indicators:
        assert entry.definition_zh.endswith("。")
        assert entry.definition_en.endswith(".")


def _duplicate_target(raw):
    raw["indicators"][1]["id"] = "T01"


def _repeat_named_like_a_target(raw):
    raw["indicators"][0]["mentions"][0]["id"] = "T05"


def _parent_nobody_knows(raw):
    raw["indicators"][0]["parent"] = "T99"


def _own_parent(raw):
    raw["indicators"][0]["parent"] = "T01"


def _task_nobody_knows(raw):
    raw["indicators"][8]["task"] = 34


def _chapter_nobody_knows(raw):
    raw["tasks"][0]["chapter"] = "十"


def _mention_lost(raw):
    raw["indicators"][0]["mentions"] = []


def _range_without_upper_value(raw):
    raw["indicators"][8]["target_to"] = None


def _growth_without_baseline(raw):
    raw["indicators"][3]["baseline"] = None


def _milestone_of_an_unknown_target(raw):
    raw["milestones"][4]["same_as"] = "T17"


def _metric_nobody_knows(raw):
    raw["indicators"][0]["metric"] = "companies.happy"


def _filter_that_the_metric_does_not_know(raw):
    raw["indicators"][0]["filters"] = {"kind": "invention"}


def _value_that_is_no_choice(raw):
    raw["indicators"][2]["filters"] = {"kind": "perpetuum_mobile"}


def _window_turned_round(raw):
    raw["milestones"][0]["due"] = "2020-06-30"


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (_duplicate_target, "targets given twice: T01"),
        (_repeat_named_like_a_target, "targets given twice: T05"),
        (_parent_nobody_knows, "unknown parent: T99"),
        (_own_parent, "T01: it cannot be part of itself"),
        (_task_nobody_knows, "unknown task: 34"),
        (_chapter_nobody_knows, "unknown chapter: 十"),
        (_mention_lost, "48 mentions instead of 49"),
        (_range_without_upper_value, "T09: a range needs an upper value"),
        (_growth_without_baseline, "T04: growth needs a baseline"),
        (_milestone_of_an_unknown_target, "unknown same_as: T17"),
        (_metric_nobody_knows, "unknown metric: companies.happy"),
        (_filter_that_the_metric_does_not_know, "T01: “新增入驻企业”不能按“kind”筛选"),
        (_value_that_is_no_choice, "T03: “perpetuum_mobile”不在“专利类型”的可选范围内"),
        (_window_turned_round, "M1: its window ends before it begins"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused_with_the_place(raw, broken, says):
    broken(raw)
    with pytest.raises(PlanFileError, match=says):
        parse_plan(json.dumps(raw))
