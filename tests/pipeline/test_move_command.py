"""`flask projects move`: the same rules as on the board, its refusals in sentences."""

import json
from datetime import date

import pytest

from crm.core.db import session
from crm.people.roles import Role
from crm.projects.models import Project, Stage
from tests import factories
from tests.projects.conftest import ready as ready

HUGE = "9" * 23
PATH = ((Stage.LEAD, date(2020, 3, 5)), (Stage.NEGOTIATING, date(2020, 4, 1)))


def run(app, *words):
    return app.test_cli_runner().invoke(args=["projects", "move", *map(str, words)])


def stage_of(project):
    session.rollback()
    return session.get_one(Project, project.id).stage


def test_a_project_is_moved_and_the_step_is_told(app, cast, ready):
    project = ready(PATH[0])
    answer = run(app, project.id, "negotiating", "--on", "2020-05-06", "--json")
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.output)
    assert (told["from"], told["to"], told["on"]) == ("lead", "negotiating", "2020-05-06")
    assert stage_of(project) == Stage.NEGOTIATING
    assert run(app, project.id, "intent", "--on", "2020-05-07").output.startswith("✓")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("intent", "--on", "2020-10-01"), "不能晚于今天"),
        (("intent", "--on", "2020-03-31"), "按日期插入"),
        (("paused", "--on", "2020-05-01"), "须填写原因"),
        (("lost", "--on", "2020-05-01", "--reason", "x"), "原因类别"),
        (("intent", "--on", "2020-05-01", "--by", "nobody"), "没有用户名"),
        (("intent", "--on", "2020-05-01", "--by", "audits"), "没有推进项目的权限"),
    ],
)
def test_a_refusal_is_a_sentence_and_nothing_moves(app, cast, ready, words, said):
    factories.make_user(Role.AUDITOR, unit=cast.office, username="audits")
    project = ready(*PATH)
    answer = run(app, project.id, *words)
    assert answer.exit_code == 1
    assert said in answer.output
    assert stage_of(project) == Stage.NEGOTIATING


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((10**30, "intent", "--on", "2020-05-01"), "Invalid value for 'ID'"),
        (("x", "intent", "--on", "2020-05-01"), "Invalid value for 'ID'"),
        ((1, "moon", "--on", "2020-05-01"), "Invalid value for 'STAGE'"),
        ((1, "intent", "--on", "2020-02-30"), "Invalid value for '--on'"),
        ((1, "intent"), "Missing option '--on'"),
    ],
)
def test_wrong_words_are_told_before_anything_is_looked_up(app, cast, words, said):
    answer = run(app, *words)
    assert (answer.exit_code, said in answer.output) == (2, True), answer.output


def test_what_lacks_is_named_and_waived_by_who_may(app, cast, ready):
    other = factories.make_user(*cast.investment.roles, unit=cast.office, username="other")
    project = ready(PATH[0], contact="")
    move = (project.id, "negotiating", "--on", "2020-05-01")
    assert "联系人" in run(app, *move).output
    waived = (*move, "--waive", "--reason", "急", "--by")
    assert "权限" in run(app, *waived, other.username).output
    assert run(app, *waived, cast.investment.username).exit_code == 0


def test_a_sealed_project_is_not_there_for_the_system(app, cast, ready):
    project = ready(PATH[0], is_sealed=True)
    assert "没有编号" in run(app, project.id, "negotiating", "--on", "2020-05-01").output
    by = ("--by", cast.investment.username)
    answer = run(app, project.id, "negotiating", "--on", "2020-05-01", *by)
    assert answer.exit_code == 0, answer.output


@pytest.mark.parametrize(
    "words",
    [
        ("targets", "rows", "T01", "--year", HUGE),
        ("targets", "snapshot", "--differences", HUGE),
        ("jobs", "cancel", HUGE),
    ],
)
def test_a_number_that_nothing_holds_is_no_crash(app, words):
    result = app.test_cli_runner().invoke(args=list(words))
    assert isinstance(result.exception, SystemExit)
    assert result.exit_code in (1, 2)
