"""媒体报道: what was written about the park, by the level of the medium."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.attributes import Attribute, Sort
from crm.core.columns import Choice
from crm.core.words import N_, LabelledEnum
from crm.evidence.kind import Kind, holder
from crm.evidence.models import Evidence


class PressLevel(LabelledEnum):
    """How far the medium reaches."""

    NATIONAL = "national", N_("中央及全国性媒体")
    PROVINCIAL = "provincial", N_("省级媒体")
    MUNICIPAL = "municipal", N_("市级媒体")
    OTHER = "other", N_("其他媒体")


class PressReport(Evidence):
    """One report in one medium; the same text elsewhere is another."""

    __tablename__ = "press_reports"
    FILTERS = ("level",)

    outlet: Mapped[str] = mapped_column(String(80))
    level: Mapped[PressLevel] = mapped_column(Choice(PressLevel))
    address: Mapped[str] = mapped_column(String(300), default="")


PRESS_REPORTS = Kind(
    key="press_reports",
    label=N_("媒体报道"),
    icon="speakerphone",
    model=PressReport,
    natural_key=N_("标题、媒体和发表日期"),
    keys=(("title", "outlet", "happened_on"),),
    counts_alone=True,
    beside=("address",),
    own=(
        Attribute("title", N_("标题"), is_required=True, longest=200, width=40,
                  headings=("报道标题", "题目"), example="科教城：把论文写在车间里"),
        Attribute("outlet", N_("媒体"), is_required=True, longest=80, is_default=True, width=18,
                  headings=("媒体名称", "刊发媒体", "报刊"), example="科技日报"),
        Attribute("level", N_("媒体级别"), Sort.CHOICE, choices=PressLevel, is_required=True, is_default=True,
                  headings=("级别",), example="中央及全国性媒体", width=18),
        holder(N_("涉及企业或单位"), "企业名称", "单位", is_default=False),
        Attribute("address", N_("网址或版面"), longest=300, headings=("链接", "网址", "版面"), width=30),
        Attribute("happened_on", N_("发表日期"), Sort.DATE, is_required=True, is_default=True,
                  headings=("刊发日期", "报道日期", "日期"), example="2020-05-08"),
    ),
)  # fmt: skip
