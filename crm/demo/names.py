"""Invented names: of firms (place, a brand of two characters, field, legal form), investors and people."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import permutations
from random import Random

from crm.companies.models import CompanyKind, FutureIndustry

_BRAND = (
    "澜栎珩沐岚翊璟煜霖泓瑄垚昀晞旸曜朔屿汀溯砺钧铄铂玑珀珞琮琰琅霁霄峤崧嵘岑澈渊沄洺涵淼沣漾"
    "芮芷茗荞蕴菡萤葳蓁棠楠榕樾桓梓栩杉枫桐穗稷恺惟慎憬宸宥寰翮翎翡笙筠篁簌缦绮翘耘聿舸舫"
)
_PLACES = ("常州",) * 14 + ("江苏",) * 5 + ("常州武进",)
_ELSEWHERE = ("上海", "苏州", "南京", "深圳", "杭州", "无锡", "北京", "合肥")
_SYLLABLES = ("Vel", "Tor", "Nim", "Kas", "Bru", "Hal", "Zen", "Lor", "Quin", "Mer")
_ENDINGS = ("mar", "nix", "dera", "tec", "vio", "stad", "lumen", "rion")
_SURNAMES = "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕施张孔曹严金魏陶姜谢邹苏潘葛范彭鲁马方俞任袁柳"
_GIVEN = "安若川屿宁知远清越以宁书言景行嘉树怀瑾子衿云舒望舒思齐明夷静姝允文亦可维桢采薇向晚听澜"


@dataclass(frozen=True)
class Field:
    """What a firm does: its words in a name, its industry (GB/T 4754) and the park's tag."""

    words: str
    industry_code: str
    future_industry: FutureIndustry


def _fields(code: str, tag: FutureIndustry, words: str) -> tuple[Field, ...]:
    return tuple(Field(word, code, tag) for word in words.split())


_AI, _IT = FutureIndustry.AI, FutureIndustry.NEW_IT
_ROBOTS, _OTHER = FutureIndustry.ROBOTICS, FutureIndustry.OTHER

SERVICES = (
    *_fields("I65", _AI, "智能科技 人工智能科技 智算科技 视觉科技 语音技术 认知科技 机器学习技术"),
    *_fields(
        "I65", _IT, "软件 信息技术 云计算科技 数据科技 物联网科技 数字科技 区块链技术 工业软件"
    ),
    *_fields("I64", _IT, "网络科技 互联网科技 网络信息"),
    *_fields("M73", _OTHER, "生物科技 医药科技 新材料研究 能源技术 分子技术"),
    *_fields("M74", _OTHER, "检测技术 工程设计 计量检测 工业设计 测绘科技"),
    *_fields("M75", _OTHER, "技术转移 科技推广 节能技术 环境科技"),
    *_fields("L72", _OTHER, "知识产权服务 企业管理咨询 人力资源 供应链管理"),
    *_fields("P83", _OTHER, "教育科技 职业培训"),
    *_fields("R87", _OTHER, "文化创意 数字文化"),
)
MAKERS = (
    *_fields("C34", _ROBOTS, "机器人 机器人科技 智能装备 传动科技 自动化设备 减速器科技"),
    *_fields("C35", _ROBOTS, "智能制造 精密机械 医疗器械 激光科技 无人机科技"),
    *_fields("C38", _OTHER, "电气 新能源科技 储能科技 电机科技"),
    *_fields("C39", _IT, "电子科技 微电子 光电科技 半导体科技 通信设备 芯片科技"),
    *_fields("C40", _AI, "传感科技 仪器仪表 测控技术 智能仪器"),
    *_fields("C26", _OTHER, "新材料 高分子材料 涂层科技"),
    *_fields("C36", _OTHER, "汽车电子 汽车零部件"),
    *_fields("C27", _OTHER, "生物医药"),
)
FIELDS = (*SERVICES, *SERVICES, *MAKERS)  # two of three firms are in services


class Namer:
    """Gives each firm a name that nobody has had from it, nor is in `taken`."""

    def __init__(self, rng: Random, taken: Iterable[str] = ()) -> None:
        self._rng = rng
        self._given = set(taken)
        self._brands = ["".join(pair) for pair in permutations(_BRAND, 2)]
        rng.shuffle(self._brands)
        self._next = 0

    def brand(self) -> str:
        """The next brand; they come again only when all were used."""
        self._next += 1
        return self._brands[(self._next - 1) % len(self._brands)]

    def firm(self, kind: CompanyKind, field: Field, *, is_joint_stock: bool = False) -> str:
        places = _ELSEWHERE if kind is CompanyKind.BRANCH else _PLACES
        ending = field.words + "股份有限公司" if is_joint_stock else _ending(kind, field.words)
        while True:
            name = f"{self._rng.choice(places)}{self.brand()}{ending}"
            if name not in self._given:
                self._given.add(name)
                return name

    def investor(self) -> str:
        """A Chinese firm from elsewhere."""
        field = self._rng.choice(FIELDS)
        return f"{self._rng.choice(_ELSEWHERE)}{self.brand()}{field.words}有限公司"

    def foreign_investor(self, country: str, form: str) -> str:
        first, last = self._rng.choice(_SYLLABLES), self._rng.choice(_ENDINGS)
        return f"{country}{first}{last} {form}"


def _ending(kind: CompanyKind, words: str) -> str:
    match kind:
        case CompanyKind.BRANCH:
            return words + "有限公司常州分公司"
        case CompanyKind.SOLE_TRADER:
            return words + "工作室"
        case CompanyKind.TEAM:
            return words + "创业团队"
        case CompanyKind.SERVICE:
            return words.removesuffix("服务") + "服务中心"
        case CompanyKind.INSTITUTE:
            return (
                words.removesuffix("科技").removesuffix("技术").removesuffix("研究") + "技术研究院"
            )
        case _:
            return words + "有限公司"


def person(rng: Random) -> str:
    """A name for somebody who does not exist."""
    given = "".join(rng.sample(_GIVEN, rng.choice((1, 2, 2))))
    return rng.choice(_SURNAMES) + given
