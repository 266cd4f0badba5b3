"""培训和活动: how many took part, persons (人) and attendances (人次) apart."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.attributes import Attribute, Sort
from crm.core.columns import Choice
from crm.core.words import N_, LabelledEnum
from crm.evidence.kind import Kind, holder
from crm.evidence.models import Evidence


class EventKind(LabelledEnum):
    """What took place."""

    TRAINING = "training", N_("培训")
    TEACHERS = "teachers", N_("教师发展培训及研修")
    MATCHING = "matching", N_("对接活动")
    ROADSHOW = "roadshow", N_("路演")
    CONTEST = "contest", N_("大赛")
    OTHER = "other", N_("其他活动")


class Audience(LabelledEnum):
    """For whom."""

    TEACHERS = "teachers", N_("师资")
    STUDENTS = "students", N_("学生")
    FIRMS = "firms", N_("企业")
    STAFF = "staff", N_("园区人员")
    MIXED = "mixed", N_("综合")


class Origin(LabelledEnum):
    """With which partner."""

    GERMAN = "german", N_("中德")
    ISRAELI = "israeli", N_("中以")
    OWN = "own", N_("本地")


class Event(Evidence):
    """One event. 人次 counts everybody each time, 人 once: they are never added up."""

    __tablename__ = "events"
    FILTERS = ("kind", "audience", "programme")
    AMOUNT = ("persons",)
    ORDERS = ("persons",)

    kind: Mapped[EventKind] = mapped_column(Choice(EventKind))
    audience: Mapped[Audience | None] = mapped_column(Choice(Audience))
    programme: Mapped[Origin] = mapped_column(Choice(Origin), default=Origin.OWN)
    place: Mapped[str] = mapped_column(String(80), default="")
    persons: Mapped[int | None]
    attendances: Mapped[int | None]


def _derive(values: dict[str, object], _firm: object) -> None:
    values["programme"] = values.get("programme") or Origin.OWN


EVENTS = Kind(
    key="events",
    label=N_("培训活动"),
    icon="calendar-event",
    model=Event,
    natural_key=N_("活动名称、主办单位和日期"),
    keys=(("title", "holder", "happened_on"),),
    counts_alone=True,
    beside=("place",),
    derive=_derive,
    own=(
        Attribute("title", N_("活动名称"), is_required=True, longest=200, width=34,
                  headings=("培训名称", "名称", "主题"), example="中德职教师资研修班"),
        Attribute("kind", N_("活动类别"), Sort.CHOICE, choices=EventKind, is_required=True, is_default=True,
                  headings=("类别", "类型"), example="培训", width=18),
        Attribute("audience", N_("对象"), Sort.CHOICE, choices=Audience, is_default=True,
                  headings=("培训对象", "参加对象"), width=10),
        Attribute("programme", N_("合作渠道"), Sort.CHOICE, choices=Origin, headings=("渠道",),
                  help=N_("中德、中以合作的活动请选，留空为本地。"), width=10),
        holder(N_("主办单位"), "承办单位", "单位", is_required=True),
        Attribute("place", N_("地点"), longest=80, width=18),
        Attribute("happened_on", N_("日期"), Sort.DATE, is_required=True, is_default=True,
                  headings=("活动日期", "培训日期", "举办日期"), example="2020-09-12"),
        Attribute("persons", N_("人数（人）"), Sort.NUMBER, is_default=True, headings=("人数", "参训人数"),
                  help=N_("每人只计一次。"), example="60", width=10),
        Attribute("attendances", N_("人次"), Sort.NUMBER, is_default=True, headings=("参训人次",),
                  help=N_("每人每次都计。"), example="180", width=10),
    ),
)  # fmt: skip
