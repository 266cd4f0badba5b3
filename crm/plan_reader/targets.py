"""What each promise of a sentence promises: about what, how much, how firmly, by when."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from crm.plan_reader import lexicon as words
from crm.plan_reader.bounds import comparator_of
from crm.plan_reader.dates import windows
from crm.plan_reader.firmness import modal_of
from crm.plan_reader.layout import Sentence, Span, clauses
from crm.plan_reader.parts import AND, Part, parts_of
from crm.plan_reader.promises import is_promise, is_start_of_range
from crm.plan_reader.respectively import bound_together, echoed, going_on, shared
from crm.plan_reader.subjects import Phrase, acted_on, subject_of
from crm.plan_reader.tables import Row
from crm.plan_reader.tense import tense_of

_FROM = re.compile(r"(?:由|从)[^,]*$")


@dataclass(frozen=True)
class Target:
    """One promise with a number. `text` is the clause it came from, text[start:end] of the plan.

    `value_to`: the upper end of a range. `unit` as written, `比例` for a fraction. `parent`, `repeats`: places of other targets
    in the list, of which this is a part (其中) or which it says again.
    """

    text: str
    start: int
    end: int
    number_start: int
    number_end: int
    subject: str
    comparator: str
    value: Decimal
    value_to: Decimal | None
    unit: str
    modal: str
    scope: str
    due: date
    chapter: str
    task: str
    is_growth: bool
    parent: int | None = None
    repeats: int | None = None


def targets_of(
    plain: str, masked: str, sentence: Sentence, year: int, before: Sequence[Target] = ()
) -> Iterator[Target]:
    """The promises of one sentence in order. `plain` and `masked` are the text as layout narrows and blanks it.

    `before`: those of the sentence that a ; joins to this one.
    """
    if sentence.row:
        yield from _of_row(plain, masked, sentence, sentence.row, year)
        return
    last: Target | None = None
    told = list(before)  # by the clause before
    modal, announced, is_within, scope, named = "", "", False, "", ""
    tense = tense_of(masked, sentence, year)
    for clause in clauses(masked, sentence):
        parts = bound_together(list(parts_of(masked, clause)), masked, clause)
        again = echoed(parts, masked, clause, told)
        phrases = shared(parts, masked, clause) or going_on(
            parts, {at: one.subject for at, one in again.items()}
        )
        sums_up = _count_projects(told)
        if parts:
            told = []
        else:
            named = _named(plain, clause)
        modal = modal if parts or not _breaks(clause.of(masked)) else ""
        announced = announced if parts else modal_of(clause.of(masked), alone=True)
        told_until, compared = clause.start, "="
        for at, part in enumerate(parts):
            if not is_promise(part, tense, sums_up=sums_up or _count_projects(told)):
                continue
            lead = plain[told_until : part.quantity.start]
            if at and is_start_of_range(parts[at - 1]):
                lead = _FROM.sub("", lead)
            told_until = part.until if part.stands_last else part.until + len(part.rest)
            rest = plain[part.until : part.until + len(part.rest)]
            phrase = phrases.get(at) or subject_of(lead, rest, part.stands_last)
            if phrase.subject.endswith(_LEVELS) and at + 1 < len(parts):
                phrase = _with_noun(phrase, parts[at + 1])
            carried = "" if _begins_with_act(part.lead) else modal
            own = modal_of(lead)
            said = again[at].modal if at in again else own or announced or carried
            is_its_alone = part.is_bracketed or (own and not phrase.subject)  # 52亿元,力争55亿元
            modal = modal if is_its_alone else said
            announced = ""
            is_within = "其中" in part.lead or (
                is_within and last is not None and part.quantity.unit == last.unit
            )
            scope = phrase.scope or scope
            compared = comparator_of(part, compared)
            says_little = phrase.is_partial or phrase.is_only_growth or not phrase.subject
            is_named = named and not told and (says_little or masked[clause.start - 1] == ":")
            spoken = named if is_named else last.subject if last else ""
            if last and told and _goes_on(part, phrase, told[-1]):
                phrase, spoken = replace(phrase, subject=last.subject), ""
            last = _target(plain, clause, part, phrase, spoken, sentence, year)
            last = replace(last, modal=said, scope=scope, comparator=compared)
            told.append(last)
            yield replace(last, parent=-1) if is_within else last
        if parts:
            named = "" if told else _named(plain, clause)


def _of_row(plain: str, masked: str, sentence: Sentence, row: Row, year: int) -> Iterator[Target]:
    """知识产权申请量(其中发明专利): 500(150) in the cell of a table."""
    name, *others = re.split(r"[(,]?其中[:]?", row.name.rstrip(")"))
    for at, part in enumerate(parts_of(masked, sentence)):
        is_part = bool(at and others)
        name = others.pop(0) if is_part else name
        grown = re.search(words.GROWTH, part.lead)
        phrase = subject_of(name + (grown[0] if grown else ""), "", True)
        target = _target(plain, sentence, part, phrase, "", sentence, year)
        yield replace(
            target,
            text=plain[row.start : row.end],
            start=row.start,
            end=row.end,
            unit=target.unit or row.unit,
            comparator=comparator_of(part, "="),
            modal=modal_of(part.lead),
            due=date(sentence.year or year, 12, 31),
            parent=-1 if is_part else None,
        )


def _goes_on(part: Part, phrase: Phrase, before: Target) -> bool:
    """分别增长6%、7.5%: the second says the same of another."""
    is_bare = not phrase.subject and not AND.sub("", part.lead)
    return is_bare and part.quantity.unit == before.unit


def _count_projects(told: list[Target]) -> bool:
    return any(one.unit in ("个", "项") and "项目" in one.subject for one in told)


def _breaks(clause: str) -> bool:
    """Whether a clause without a number ends what a modal before it spoke of."""
    return bool(re.search(words.ACTS, clause))


_TIME = r"(?:全年|年内|今年|本年度|当年|其中|同时|并|并且|以及|和|及|、|,|\s|到?20\d\d年底?|[上下]半年|░)*"


def _begins_with_act(lead: str) -> bool:
    return bool(re.match(f"{_TIME}{words.ACTS}", lead.strip()))


_LEVELS = ("国家级", "省级", "市级", "区级", "部级", "县级")


def _with_noun(phrase: Phrase, following: Part) -> Phrase:
    """1家国家级、3家省级研发机构: the noun stands behind the last of them."""
    own = following.rest.strip("、,。 ")
    noun = re.sub(f"^{words.alternatives(_LEVELS)}", "", own)
    return replace(phrase, subject=phrase.subject + noun) if noun != own else phrase


def _named(plain: str, clause: Span) -> str:
    """认定高新技术企业, 总数达到800家: what a clause without a number speaks of, for the next one."""
    own = subject_of(clause.of(plain), "", True).subject
    own = re.split(f"{words.ABOVE}|{words.AT_LEAST}|确保|保持|正增长", own, maxsplit=1)[0]
    return acted_on(own) if len(own) <= _LONGEST_NAME else ""


_LONGEST_NAME = 20


def _target(
    plain: str,
    clause: Span,
    part: Part,
    phrase: Phrase,
    before: str,
    sentence: Sentence,
    year: int,
) -> Target:
    quantity = part.quantity
    subject = phrase.after(before) if before else phrase.subject
    said = [*windows(part.before, year)]
    until = said[-1].due if said else _due_of(plain, sentence, quantity.start, year)
    return Target(
        text=clause.of(plain).strip(),
        start=clause.start + len(clause.of(plain)) - len(clause.of(plain).lstrip()),
        end=clause.end,
        number_start=quantity.start,
        number_end=quantity.end,
        subject=subject,
        comparator="=",
        value=quantity.value,
        value_to=quantity.value_to,
        unit=quantity.unit,
        modal="",
        scope=phrase.scope,
        due=until,
        chapter=sentence.chapter,
        task=sentence.task,
        is_growth=phrase.is_growth,
    )


def _due_of(plain: str, sentence: Sentence, before: int, year: int) -> date:
    said = [*windows(plain[sentence.start : before], year)] or [*windows(sentence.deadline, year)]
    return said[-1].due if said else date(year, 12, 31)
