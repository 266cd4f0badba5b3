"""What generated projects promised, met with and reported: nothing from the future, every kind of thing to look at."""

from random import Random

from crm.demo import underway
from crm.demo.pipeline import projects
from crm.milestones.models import PROVED
from tests.demo.made import TODAY, UNITS, made_office


def pairs():
    return list(enumerate(projects(160, made_office()), 1))


def test_milestones_are_typed_where_nothing_proves_them_and_slips_have_reasons():
    rows = list(underway.milestones(pairs(), Random("1"), TODAY))
    assert len({(row.project_id, row.details.kind) for row in rows}) == len(rows) > 200
    assert all(row.details.done_on is None for row in rows if row.details.kind in PROVED)
    assert all(row.details.done_on <= TODAY for row in rows if row.details.done_on)
    slips = [(row, slip) for row in rows for slip in row.slips]
    assert len(slips) > 20
    for row, slip in slips:
        assert slip.reason
        assert row.promised_on <= slip.changed_on <= TODAY
        assert slip.after_on > row.details.planned_on


def test_some_problems_are_solved_and_some_before_the_leaders():
    rows = list(underway.problems(pairs(), UNITS, Random("1"), TODAY))
    assert any(row.solved_on for row in rows)
    assert any(row.escalated_on and row.asked for row in rows)
    assert all(row.raised_on <= TODAY for row in rows)


def test_notes_are_of_projects_that_report_and_some_are_owing():
    rows = list(underway.notes(pairs(), Random("1"), TODAY))
    assert len({(row.project_id, row.period) for row in rows}) == len(rows)
    assert all(row.noted_on <= TODAY and row.texts.progress for row in rows)
    now = sum(row.period.name == "2020-09" for row in rows)
    before = sum(row.period.name == "2020-08" for row in rows)
    assert 0 < now < before * 1.1
    assert list(underway.notes(pairs(), Random("1"), TODAY)) == rows
