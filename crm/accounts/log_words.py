"""Words for what this room writes into the log."""

from crm.core.registry import LogWords
from crm.core.words import N_

LOG_WORDS = LogWords(
    kinds={
        "login": N_("登录"),
        "logout": N_("登录"),
        "sessions": N_("登录"),
        "user": N_("用户"),
        "unit": N_("单位"),
    },
    actions={
        "login.accepted": N_("登录"),
        "login.refused": N_("登录被拒绝"),
        "login.locked": N_("登录失败次数过多"),
        "logout": N_("退出登录"),
        "sessions.ended": N_("结束登录"),
        "user.added": N_("新增用户"),
        "user.changed": N_("修改用户"),
        "user.password_changed": N_("修改密码"),
        "user.password_reset": N_("重置密码"),
        "user.password_refused": N_("修改密码被拒绝"),
        "user.disabled": N_("停用用户"),
        "user.enabled": N_("启用用户"),
        "unit.added": N_("新增单位"),
        "unit.changed": N_("修改单位"),
    },
    fields={
        "roles": N_("角色"),
        "rights": N_("权利"),
        "is_national_incubator": N_("国家级孵化器"),
    },
)
