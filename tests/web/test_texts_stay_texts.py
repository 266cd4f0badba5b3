"""Whatever people write stays text: on no page does it become a tag, an attribute or an address."""

import re

from flask import Flask

from crm.people.roles import Right, Role
from tests import factories
from tests.web.belongings import make_belongings, make_plan
from tests.web.url_map import addresses, rules

HOSTILE = """<qzx>"'{{7*7}}"""
BROKEN_OUT = re.compile(r"<qzx|qzx>[\"']|(?:href|src|action|hx-\w+)=\"(?:javascript|data):")


def test_no_text_breaks_out_of_its_place_on_any_page(app: Flask, cast: factories.Cast) -> None:
    """Every page of somebody who sees everything, with hostile text in each field that is written by people."""
    plan = make_plan(cast.carrier_a)
    held = make_belongings(cast.carrier_a, cast.park, plan, HOSTILE)
    client = factories.signed_in_client(
        app, factories.make_user(*Role, unit=cast.carrier_a, rights=tuple(Right))
    )
    wrong, shown = [], 0
    for rule, method in rules(app):
        if method != "GET":
            continue
        for address in addresses(rule, held):
            answer = client.get(address)
            text = answer.text if answer.mimetype == "text/html" else ""
            shown += "qzx" in text
            hits = BROKEN_OUT.findall(text)
            if hits or answer.status_code >= 500 or "}}49" in text:
                wrong.append((address, answer.status_code, hits))
    assert wrong == []
    assert shown > 50
