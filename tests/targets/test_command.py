import json
from datetime import date

from tests.metrics.test_figures import entrant


def test_the_board_is_printed_as_json(app, plan):
    answer = app.test_cli_runner().invoke(
        args=["targets", "board", "--year", "2020", "--as-of", "2020-09-29", "--json"]
    )
    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.stdout)
    assert (found["year"], found["as_of"]) == (2020, "2020-09-29")
    assert (len(found["indicators"]), len(found["milestones"])) == (45, 7)
    assert {i["pace"] for i in found["indicators"]} == {0.666667, None}


def test_the_board_is_printed_as_a_table_as_of_today(app, plan):
    answer = app.test_cli_runner().invoke(args=["targets", "board"])
    assert answer.exit_code == 0, answer.output
    lines = answer.output.splitlines()
    assert lines[0].endswith("2020-09-30")
    assert len(lines) == 2 + 45 + 7


def test_the_rows_of_a_target_are_printed_and_come_to_its_figure(app, plan, cast):
    for day in (date(2020, 3, 10), date(2020, 9, 30), date(2020, 10, 1)):
        entrant(cast.carrier_a, day)
    entrant(cast.carrier_b, date(2020, 5, 5))

    def ask(*args):
        return app.test_cli_runner().invoke(args=["targets", "rows", *args])

    found = json.loads(ask("T01", "--as-of", "2020-09-30", "--json").stdout)
    assert found["actual"] == sum(row["contribution"] for row in found["rows"]) == 3
    assert [row["date"] for row in found["rows"]] == ["2020-09-30", "2020-05-05", "2020-03-10"]
    own = json.loads(
        ask("T01", "--as-of", "2020-09-30", "--unit", cast.carrier_b.code, "--json").stdout
    )
    assert (own["actual"], len(own["rows"])) == (1, 1)
    assert "T01 新增入驻企业" in ask("T01").output
    for args in (("T99",), ("T08",), ("T01", "--unit", "nowhere"), ("T01", "--year", "1999")):
        assert ask(*args).exit_code == 1


def test_a_year_without_a_plan_is_an_error(app, plan):
    for command in ("board", "adopt"):
        answer = app.test_cli_runner().invoke(args=["targets", command, "--year", "1999"])
        assert answer.exit_code == 1
        assert "1999" in answer.output


def test_adopting_twice_is_harmless(app, plan):
    answer = app.test_cli_runner().invoke(args=["targets", "adopt", "--year", "2020"])
    assert answer.exit_code == 0
    assert "2020年工作要点" in answer.output
