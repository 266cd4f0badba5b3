"""What else is written down about a firm: address, scope, tags, marks, names it had before. Some is left empty, as in life.

Each firm draws from a stream of its own, seeded by its name, so that these details change nothing else in the world.
"""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from crm.companies.former_names import FormerNameDetails
from crm.companies.models import CompanyKind, EconomyType, FutureIndustry, PartyOrganisation
from crm.companies.services import CompanyDetails
from crm.demo.when import between

_LICENSED = (CompanyKind.ENTERPRISE, CompanyKind.BRANCH, CompanyKind.SOLE_TRADER)
_STREETS = ("常武中路18号科教城", "常武中路801号", "滆湖中路28号", "锦华路1号", "武进大道西一路9号")
_PARTY = (
    (PartyOrganisation.NO_MEMBERS,) * 5
    + (PartyOrganisation.MEMBERS_ONLY,) * 4
    + (PartyOrganisation.JOINT_BRANCH,) * 3
    + (PartyOrganisation.BRANCH,) * 2
    + (PartyOrganisation.GENERAL_BRANCH,)
)
_ONCE = (
    "信息咨询",
    "科技咨询",
    "商贸",
    "电子商务",
    "技术服务",
)  # what a firm did under its old name
_WHY_RENAMED = ("主营业务调整", "股东变更", "企业升级更名", "品牌统一")
_FOCUS = (
    "涉及锂电池测试，已备案",
    "有喷涂工序，配套废气处理",
    "使用危险化学品，专库存放",
    "大型设备吊装",
)
_HALF_A_YEAR = timedelta(days=180)


def particulars(
    company: CompanyDetails, words: str, staff_contact_id: int | None, until: date
) -> tuple[CompanyDetails, tuple[FormerNameDetails, ...]]:
    """The company with its further details, and its former names; `words` say what it does."""
    rng = Random(company.name)
    is_team = company.kind is CompanyKind.TEAM
    is_licensed = company.kind in _LICENSED
    is_maker = company.industry_code.startswith("C")
    is_focus = is_maker and rng.random() < 0.06
    details = replace(
        company,
        registered_address="" if is_team or rng.random() < 0.15 else _address(rng),
        business_scope=_scope(words) if is_licensed and rng.random() < 0.8 else "",
        economy_types=_economy_types(company, rng),
        party_organisation=rng.choice(_PARTY) if not is_team and rng.random() < 0.7 else None,
        is_safety_focus=is_focus,
        is_environment_focus=is_focus and rng.random() < 0.5,
        focus_note=rng.choice(_FOCUS) if is_focus else "",
        staff_contact_id=staff_contact_id if rng.random() < 0.6 else None,
    )
    return details, _former_names(company, words, until, rng)


def _address(rng: Random) -> str:
    return f"常州市武进区{rng.choice(_STREETS)}{rng.randrange(1, 40)}幢{rng.randrange(101, 1800)}室"


def _scope(words: str) -> str:
    return (
        f"{words}领域内的技术开发、技术咨询、技术服务、技术转让；相关产品的研发和销售；"
        "自营和代理各类商品及技术的进出口业务。（依法须经批准的项目，经相关部门批准后方可开展经营活动）"
    )


def _economy_types(company: CompanyDetails, rng: Random) -> frozenset[EconomyType]:
    found = set()
    if company.future_industry in (FutureIndustry.AI, FutureIndustry.NEW_IT) and rng.random() < 0.6:
        found.add(EconomyType.DIGITAL)
    for economy_type, share in (
        (EconomyType.HEADQUARTERS, 0.04),
        (EconomyType.PLATFORM, 0.08),
        (EconomyType.BUILDING, 0.12),
    ):
        if rng.random() < share:
            found.add(economy_type)
    return frozenset(found)


def _former_names(
    company: CompanyDetails, words: str, until: date, rng: Random
) -> tuple[FormerNameDetails, ...]:
    """One firm in twenty had another name, for half a year at least."""
    is_renamed = company.kind is CompanyKind.ENTERPRISE and rng.random() < 0.055
    since = company.established_on
    if not is_renamed or since is None or since + _HALF_A_YEAR > until:
        return ()
    old = company.name.replace(words, rng.choice(_ONCE)).replace("股份有限公司", "有限公司")
    if old == company.name:
        return ()
    until_on = between(rng, since + _HALF_A_YEAR, until)
    return (FormerNameDetails(old, until_on, rng.choice(_WHY_RENAMED)),)
