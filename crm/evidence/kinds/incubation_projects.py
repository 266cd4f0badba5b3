"""孵化器新增创业项目: firms and teams that a carrier took in."""

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from crm.companies.models import FutureIndustry
from crm.core.attributes import Attribute, Sort
from crm.core.columns import Choice
from crm.core.words import N_, LabelledEnum
from crm.evidence.kind import Kind, holder
from crm.evidence.models import Evidence


class VentureKind(LabelledEnum):
    """Whether there is a licence already."""

    FIRM = "firm", N_("企业")
    TEAM = "team", N_("团队")


class IncubationProject(Evidence):
    """One project; `holder` is the firm or team that carries it."""

    __tablename__ = "incubation_projects"
    FILTERS = ("kind",)

    kind: Mapped[VentureKind] = mapped_column(Choice(VentureKind))
    leader: Mapped[str] = mapped_column(String(40), default="")
    future_industry: Mapped[FutureIndustry | None] = mapped_column(Choice(FutureIndustry))
    left_on: Mapped[date | None]


INCUBATION_PROJECTS = Kind(
    key="incubation_projects",
    label=N_("创业项目"),
    icon="school",
    model=IncubationProject,
    natural_key=N_("项目名称、项目单位和入孵日期"),
    keys=(("title", "holder", "happened_on"),),
    orders=(("left_on", "happened_on"),),
    counts_alone=True,
    beside=("leader", "future_industry", "left_on"),
    own=(
        Attribute("title", N_("项目名称"), is_required=True, longest=200, width=34,
                  headings=("创业项目", "名称"), example="协作机器人末端执行器"),
        holder(N_("项目单位"), "企业名称", "团队名称", "企业或团队", is_required=True),
        Attribute("kind", N_("类别"), Sort.CHOICE, choices=VentureKind, is_required=True, is_default=True,
                  example="团队", width=8),
        Attribute("leader", N_("负责人"), longest=40, is_default=True, headings=("项目负责人", "团队负责人")),
        Attribute("future_industry", N_("未来产业"), Sort.CHOICE, choices=FutureIndustry, is_default=True,
                  headings=("产业", "行业"), width=16),
        Attribute("happened_on", N_("入孵日期"), Sort.DATE, is_required=True, is_default=True,
                  headings=("入驻日期", "入孵时间"), example="2020-03-25"),
        Attribute("left_on", N_("退出日期"), Sort.DATE, headings=("毕业日期", "离孵日期")),
    ),
)  # fmt: skip
