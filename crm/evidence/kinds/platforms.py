"""科技创新创业平台: recognised, and some day withdrawn; the stock counts what stands on a day."""

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from crm.companies.models import CompanyKind
from crm.core.attributes import Attribute, Sort
from crm.core.columns import Choice
from crm.core.words import N_, LabelledEnum
from crm.evidence.kind import FIRM, Kind, holder
from crm.evidence.models import Evidence


class PlatformKind(LabelledEnum):
    """What it is for."""

    PUBLIC_RESEARCH = "public_research", N_("公共研发平台")
    FIRM_RESEARCH = "firm_research", N_("企业研发平台")
    INCUBATOR = "incubator", N_("孵化器和众创空间")
    TRANSFER_BODY = "transfer_body", N_("技术转移机构")
    TRANSFER_BASE = "transfer_base", N_("成果转移转化基地")
    WORKSTATION = "workstation", N_("院士、博士后工作站")
    SERVICE = "service", N_("公共服务平台")


class PlatformLevel(LabelledEnum):
    """Whose recognition it is."""

    NATIONAL = "national", N_("国家级"), "国家"
    PROVINCIAL_FIRST = "provincial_first", N_("省一流"), "省一流公共研发平台"
    PROVINCIAL = "provincial", N_("省级"), "省", "江苏省"
    MUNICIPAL = "municipal", N_("市级"), "市", "常州市"
    DISTRICT = "district", N_("区级"), "区", "武进区"


class HostKind(LabelledEnum):
    """What sort of body carries it."""

    COLLEGE = "college", N_("高校"), "院校"
    INSTITUTE = "institute", N_("科研院所"), "院所", "科研机构"
    FIRM = "firm", N_("企业")
    PARK = "park", N_("园区单位")


class Platform(Evidence):
    """One recognition. It stands from `happened_on` until, not including, `withdrawn_on`."""

    __tablename__ = "platforms"
    FILTERS = ("kind", "level", "host_kind")
    AMOUNT = ("withdrawn_on",)
    ORDERS = ("withdrawn_on",)

    kind: Mapped[PlatformKind] = mapped_column(Choice(PlatformKind))
    level: Mapped[PlatformLevel] = mapped_column(Choice(PlatformLevel))
    host_kind: Mapped[HostKind | None] = mapped_column(Choice(HostKind))
    partner: Mapped[str] = mapped_column(String(200), default="")
    authority: Mapped[str] = mapped_column(String(80), default="")
    withdrawn_on: Mapped[date | None]


_BY_FIRM = {
    CompanyKind.COLLEGE: HostKind.COLLEGE,
    CompanyKind.INSTITUTE: HostKind.INSTITUTE,
    CompanyKind.ENTERPRISE: HostKind.FIRM,
}


def _derive(values: dict[str, object], firm: CompanyKind | None) -> None:
    if firm and not values.get("host_kind"):
        values["host_kind"] = _BY_FIRM.get(firm)


PLATFORMS = Kind(
    key="platforms",
    label=N_("平台"),
    icon="building-community",
    model=Platform,
    natural_key=N_("平台名称、级别和承担单位"),
    keys=(("title", "level", FIRM),),
    orders=(("withdrawn_on", "happened_on"),),
    counts_alone=True,
    beside=("partner", "authority"),
    derive=_derive,
    own=(
        Attribute("title", N_("平台名称"), is_required=True, longest=200, width=34,
                  headings=("名称",), example="江苏省智能装备工程技术研究中心"),
        Attribute("kind", N_("平台类别"), Sort.CHOICE, choices=PlatformKind, is_required=True,
                  is_default=True, headings=("类别", "类型"), example="企业研发平台", width=18),
        Attribute("level", N_("级别"), Sort.CHOICE, choices=PlatformLevel, is_required=True,
                  is_default=True, example="省级", width=10),
        holder(N_("承担单位"), "依托单位", "企业名称", "建设单位", is_required=True),
        Attribute("host_kind", N_("承担单位类型"), Sort.CHOICE, choices=HostKind, is_default=True,
                  headings=("单位类型",)),
        Attribute("partner", N_("共建单位"), longest=200, headings=("合作单位",), width=26),
        Attribute("authority", N_("认定部门"), longest=80, headings=("批准部门", "发证机关"), width=20),
        Attribute("happened_on", N_("认定日期"), Sort.DATE, is_required=True, is_default=True,
                  headings=("批准日期", "认定时间"), example="2020-08-10"),
        Attribute("withdrawn_on", N_("撤销日期"), Sort.DATE, is_default=True, headings=("摘牌日期",),
                  help=N_("自这一天起不再计入平台总数。")),
    ),
)  # fmt: skip
