"""Words for what this room writes into the log."""

from crm.core.registry import LogWords
from crm.core.words import N_

LOG_WORDS = LogWords(
    kinds={
        "building": N_("楼栋"),
        "room": N_("房间"),
        "rooms": N_("房间"),
    },
    actions={
        "building.added": N_("登记楼栋"),
        "building.changed": N_("修改楼栋"),
        "room.added": N_("登记房间"),
        "room.changed": N_("修改房间"),
        "room.closed": N_("停用房间"),
        "room.reopened": N_("恢复使用房间"),
        "room.let": N_("登记用房"),
        "room.given_back": N_("退房"),
        "room.extended": N_("续租"),
        "rooms.added": N_("批量登记房间"),
        "rooms.let": N_("批量登记用房"),
    },
    fields={
        "agreed_to_on": N_("合同到期日"),
        "floor": N_("楼层"),
        "floors": N_("层数"),
        "area": N_("面积（㎡）"),
        "total_area": N_("总面积（㎡）"),
        "desks": N_("工位数"),
        "rent_note": N_("租金说明"),
    },
)
