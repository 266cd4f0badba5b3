"""Look-alikes in a long text of names: the very ones that comparing each with each finds."""

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from crm.companies.likeness import very_similar
from crm.companies.queries import SHORTEST_UNLIKE, VERY_SIMILAR

NAMES = st.text("常州智能科技装备电子𬭛a1", min_size=SHORTEST_UNLIKE, max_size=24)


@st.composite
def registers(draw):
    """Some names, and beside each of them one with a few characters changed."""
    names = draw(st.lists(NAMES, min_size=1, max_size=6))
    changed = [
        name[:at] + draw(st.sampled_from(["", "新", "常州"])) + name[at + draw(st.integers(0, 2)) :]
        for name in names
        for at in [draw(st.integers(0, len(name)))]
    ]
    return [*names, *changed, ""], [name for name in names if draw(st.booleans())] or names


@given(registers())
def test_nothing_is_missed_and_nothing_added(register):
    names, wanted = register
    found = {(line, place) for line, place, _ in very_similar("\n".join(names), wanted)}
    assert found == {
        (line, place)
        for line, name in enumerate(names)
        for place, key in enumerate(wanted)
        if fuzz.ratio(key, name) >= VERY_SIMILAR
    }


def test_an_empty_register_has_none():
    assert list(very_similar("", ["常州智能科技"])) == []
