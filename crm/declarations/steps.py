"""Which step may follow which, as data (domain.md §2), and which must say why."""

from collections.abc import Mapping

from crm.declarations.models import State

ORDER = tuple(state for state in State if state is not State.REJECTED)
CLOSED = (State.RECOGNISED, State.REJECTED)
IN_REVIEW = (State.FILED, State.ACCEPTED)  # 在审
FILED = (*IN_REVIEW, State.PUBLICISED, State.RECOGNISED)
"""From here on it counts as filed (已申报)."""

FORWARD: Mapping[State, tuple[State, ...]] = {
    State.SURVEYED: (State.PLANNED, State.FILED),
    State.PLANNED: (State.FILED,),
    State.FILED: (State.ACCEPTED, State.PUBLICISED, State.RECOGNISED),  # some offices skip a step
    State.ACCEPTED: (State.PUBLICISED, State.RECOGNISED),
    State.PUBLICISED: (State.RECOGNISED,),
}


def allowed(state: State) -> tuple[State, ...]:
    """Where it may go from here: on, back to any earlier state, or 未通过. 认定 is final: what it gave is revoked instead."""
    if state is State.RECOGNISED:
        return ()
    if state is State.REJECTED:
        return ORDER[:-1]
    return (*FORWARD[state], *ORDER[: ORDER.index(state)], State.REJECTED)


def needs_reason(state: State, to_state: State) -> bool:
    """未通过, and every step back, also out of 未通过."""
    return to_state not in FORWARD.get(state, ())
