"""The units that a new database of 常州科教城 begins with. Codes are stable: plans and commands name units by them."""

from crm.audit.services import Actor
from crm.core.db import session
from crm.people.models import Unit, UnitKind
from crm.people.queries import unit_by_code
from crm.people.services import UnitDetails, add_unit

ROOT = ("park", "科教城", UnitKind.PARK)

# code, name, kind; all stand directly below the park
BODIES = (
    ("office", "党政办公室", UnitKind.OFFICE),
    ("innovation", "科技创新处", UnitKind.OFFICE),
    ("industry", "产业发展处", UnitKind.OFFICE),
    ("talent", "人才工作处", UnitKind.OFFICE),
    ("cooperation", "国际合作处", UnitKind.OFFICE),
    ("education", "高教处", UnitKind.OFFICE),
    ("finance", "财政审计处", UnitKind.OFFICE),
    ("construction", "规划建设处", UnitKind.OFFICE),
    ("party", "党群工作处", UnitKind.OFFICE),
    ("investment", "投资促进处", UnitKind.OFFICE),
    ("modern_center", "现代工业中心", UnitKind.CENTRE),
    ("ip_center", "知识产权保护中心", UnitKind.CENTRE),
    ("service_center", "公共服务中心", UnitKind.CENTRE),
    ("devco", "投资发展公司", UnitKind.SUBSIDIARY),
    ("ustp", "国家大学科技园", UnitKind.CARRIER),
    ("longcheng", "长江龙城国际创新基地", UnitKind.CARRIER),
    ("dut", "大理工科创园", UnitKind.CARRIER),
    ("dcy", "大创园", UnitKind.CARRIER),
    ("cyb", "创业邦", UnitKind.CARRIER),
    ("sino_israel", "中以创新园", UnitKind.GARDEN),
    ("sino_german", "中德创新园", UnitKind.GARDEN),
    ("czu", "常州大学", UnitKind.COLLEGE),
)

NATIONAL_INCUBATORS = frozenset({"ustp", "longcheng", "dut"})  # 三大国家级孵化器


def found(*, by: Actor) -> Unit:
    """Put the park's tree into an empty database; returns the park. Does nothing where it is there already."""
    code, name, kind = ROOT
    park = unit_by_code(code)
    if park is not None:
        return park
    park = add_unit(UnitDetails(code, name, kind), by=by)
    for position, (code, name, kind) in enumerate(BODIES, start=1):
        add_unit(UnitDetails(code, name, kind, park, code in NATIONAL_INCUBATORS, position), by=by)
    session.flush()
    return park
