"""The words by which a plan is understood. Longer words stand before those that they contain."""


def several(words: str) -> tuple[str, ...]:
    return tuple(words.split())


def alternatives(words: str | tuple[str, ...]) -> str:
    """The words as a piece of a pattern, the longest first."""
    several = words.split() if isinstance(words, str) else words
    return f"(?:{'|'.join(sorted(several, key=len, reverse=True))})"


# What a number is of. 年 and 月 are left out: a span of time is a date or a deadline unless something is to become shorter.
COUNTED = several(
    r"""
    个亿(?!元) 家\(次\) 人\(次\) 场\(次\) 户\(次\) 件\(次\) 批\(次\)
    人年 家次 人次 户次 场次 台次 篇次 件次 项次 班次 车次 批次 架次 例 家 个 项 件 名 位 人 户
    场 次 篇 门 所 座 栋 幢 套 台 辆 条 处 块 期 支 只 款 种 类 对 组 张 床 株 棵 册 本
    部 集 校 站 期次 轮 批 节 课时 学时 标段 标箱 艘 枚 间 届 档 宗 单 笔 颗 根 口 盏 面 段
    孔 片 份 首 幅 起 头 羽 架 席 讲 台套 辆次 标准箱
    """
)
MEASURED = several(
    """
    平方公里 平方千米 平方米 平米 平方 ㎡ m² 公顷 亩 公里 千米 米 立方米 吨标准煤 吨标煤 吨 千克 公斤
    斤 千伏安 兆伏安 方(?![面式案针向法便阵]) 千瓦时 千瓦 兆瓦 度 MW GW kW 升 伏 分贝 微克/立方米 毫克/升 个点 个机柜 P
    """
)
MONEY = several("元 美元 欧元 日元 港元 人民币")
SHARES = several("个百分点 百分点 个基点 基点 个BP BP % ‰")
POINTS = several("分")
TIMES = several("倍")
SPANS = several("个工作日 工作日 小时 分钟 天 日 个月")
"""Spans of time are promised only where something is to take so long at most."""
SHORTENED = alternatives(
    """
    缩短 压缩 压减 控制在 缩减 不超过 以内 之内 提速 降至 减至
    """
)

UNITS = (*COUNTED, *MEASURED, *MONEY, *SHARES, *POINTS, *TIMES, *SPANS)
SCALES = several("百万 千万 十亿 百亿 千亿 万亿 万 亿 千 百")

PER = several("亩 人 户 家 年 月 天 日 小时 平方米 平方公里 ㎡ 公顷 立方米 吨")
"""万元/亩, 吨/年: a unit may be one by another."""
NEVER_CHINESE = several("期 批 轮 届 档 面 对 类 位 次 种 站 段 级 口 单 年 日 天 个月")
"""A Chinese numeral with one of these is a name or an ordinal (二期, 三类), never a promise."""

# Bounds before a number …
ABOVE = alternatives(
    """
    超过 突破 超出 超 高于 大于 多于 优于 快于 (?<![通超经])过 (?<![突冲])破 跨越 冲破
    """
)
AT_LEAST = alternatives(
    """
    不少于 不低于 不小于 不得少于 不得低于 不低於 不少於 至少 达到 达至 达 最少 起码 ≥ 保底
    (?:提[高升]?|增[加长]?|扩[大充]?|拓展|[上攀]?升)[到至] 累计达 跨上 跃上 站上 迈上
    """
)
STRICT = alternatives(
    """
    > ＞
    """
)
AT_MOST = alternatives(
    """
    不超过 不高于 不大于 不多于 不得超过 不突破 控制在 低于 少于 小于
    (?:[压下]?降低?|压[缩减]?|缩[短减]|减少?|控制|收窄)[到至] ≤
    """
)
AMOUNTS = alternatives(
    """
    保持在 稳定在 维持在 实现 完成 合计 共计 约为 (?<!签)约 大约 近 将近 接近 为 各 (?<![人户亩年日地])均 共 在
    至 到 有 分别 左右
    """
)
# … and after it
OR_MORE = alternatives(
    """
    以上 及以上 之上 或以上 （含）以上 (含)以上 [+]
    """
)
OR_LESS = alternatives(
    """
    以内 之内 以下 及以下 之下
    """
)
ABOUT = alternatives(
    """
    左右 上下
    """
)

FIRM = several("力争 确保 力求 必保 力保")
WEAK = several("争取 争创 努力 奋力 冲刺 冲击 挑战 保证")
"""Words for how firmly something is promised; the weak ones only before another verb or a number."""

# What is done to things: a clause that begins with one has a promise of its own; a Chinese numeral after one is a promise.
ACTS = alternatives(
    """
    新增 净增 新建 各建 召开 办好 新培育 新引进 新认定 新签约 新开工 引进 引育 引入 招引 招聘 聘请 培育 培养 培训
    建设 建成 建立 共建 组建 打造 创建 创成 举办 开展 组织 完成 实施 申报 获批 获评 争取 争创 认定
    孵化 转化 落户 落地 签约 签订 开工 竣工 投产 投用 实现 开发 开设 撰写 报送 发放 投放 服务 走访
    解决 推动 推进 促成 设立 成立 发布 制定 出台 修订 改造 盘活 供应 出让 收储 新招引 储备 入库
    带动 吸引 集聚 汇聚 达成 策划 选派 选聘 选树 评选 表彰 转让 受理 办理 授权 提供 安排 筹集 募集
    融资 上市 挂牌 股改 兑现 减免 拨付 输送 招收 招生 开通 开放 建好 配置 新设 承办 参加 参与 编制
    编印 刊发 推出 拓展 发展 扶持 资助 奖励 支持 帮助 协助 整治 拆除 腾退 清理 新辟 绿化 栽植 铺设
    敷设 新改建 改建 扩建 提升 征收 签署 对接 邀请 开办 新开 征集 梳理 遴选 推荐 推选 推介 输出
    吸纳 入驻 引聚 申请 取得 获得 获取 增加 扩大 做大 新增加 研发 攻克 攻关 突破 形成 推广 应用
    建设完成 纳入 进入 列入 跻身 入选 入围 建成投用 新认证 认证 备案 登记 交付 供给 晋升 晋级 升级
    培树 更新 立项 扩容 投入(?!使用|运营|运行|产出|占|比|强度)
    """
)
GROWTH = alternatives(
    """
    增长 增幅 增速 提高 提升 下降 降低 减少 压减 增加 递增 上升 压降 缩减 同比增 增 降 翻番
    """
)

OF_BEFORE = r"(?:(?:去年|上年|上一年度?)(?:同期)?的?|每(?:亩|平方公里|平方米|㎡|公顷|[百千万]?人|[百千万亿]元))$"
"""不低于去年的1.2倍, 提高到每亩30万元: what stands between a bound and its number."""

# Numbers that are no promise: what was, what is, what others did.
BACKGROUND = alternatives(
    """
    去年 上年末 上年底 上年度 上一年 过去 截至 截止 目前 现有 原有 已有 现已 已累计 已建成 已经
    累计已 已达 已集聚 已引进 已落户 已建 已完成 已签约 已入驻 前期(?!项目|工作|手续|费|准备) 历年 近年来 一年来 五年来 三年来
    当前 现在 此前 以来 原来的 总计已 先后
    """
)
PAST_CHAPTER = alternatives(
    """
    回顾 总结 成效 成绩 完成情况 进展情况 主要工作情况 存在问题 存在的问题 形势分析 面临的形势 基本情况
    现状 工作情况 取得的 发展基础 工作基础 小结
    """
)
TOWARDS = alternatives(
    """
    全年 年内 本年度 (?<!年度)目标 确保 力求 努力 预计
    """
)
TOWARDS_FIRMLY = alternatives(
    """
    今年 明年 力争 争取 将 (?<!年度)计划 到年底 年底前 下一步 今后 基础上
    """
)
"""Words that turn a sentence from what was to what shall be; in a review of the past only the firm ones do."""
COMPARED = alternatives(
    """
    比(?![重例率值赛对选如武分邻学照作]) 较(?![大强高快好多为]) 同比 相比 环比
    """
)

# Before these nouns money or a share is a threshold (亿元企业, 50亿元项目), before those it is the thing promised.
BEARERS = alternatives(
    """
    企业 项目 产业 集群 园区 载体 楼宇 平台 工程 镇 街道 村 开发区 工业 重大 重点 龙头 外资 制造业
    优质 产业链 单体 大项目 好项目 科技 企 市场 品牌 规模 税收企业 高新技术企业 民营企业 公司 客商
    集团 产品 大企业 商场 街区 服务业 工业企业 内资 先进 新兴 建设项目 专精特新
    """
)
VALUES = alternatives(
    """
    收入 产值 投资 资金 税收 贷款 融资 授信 补贴 基金 利润 合同 交易 成交 销售 贴息 销售额 额度
    奖补 补助 专项 债券 资产 信贷 扶持 经费 研发 政策 奖励 外贸 到账 出口
    """
)
SCOPED_BY = alternatives(
    """
    围绕 聚焦 依托 立足 根据 按照 对照 针对 利用 发挥 整合 坚持 基于 抓住 抓好 贯彻 借助 用好 突出
    紧扣 位于 占地 面向 落实好 瞄准
    """
)
"""After these a number counts what the work rests on, not what it shall bring."""

_EVENTS = {
    "竣工投用": "建成并投入运营 建成并投用 建成并启用 建成并运营 建成并投入使用 "
    "建成投运 竣工投运 竣工投用 建成投用 建成运营 建成启用 建成使用",
    "竣工投产": "竣工投产 建成投产",
    "竣工交付": "竣工交付",
    "竣工验收": "竣工验收 通过竣工验收",
    "竣工备案": "竣工备案",
    "交付使用": "交付使用 交付",
    "投用": "投入使用 投入运营 投入运行 投运 正式运营 正式启用 投用 启用 运营",
    "开工": "开工建设 动工建设 进场施工 进场 开建 全面开工 启动建设 开工 动工 奠基",
    "封顶": "主体结构封顶 主体封顶 结构封顶 封顶 结顶",
    "揭牌": "挂牌运行 挂牌成立 揭牌 挂牌",
    "开园": "正式开园 开园",
    "试运行": "上线试运行 试运行 试运营",
    "试生产": "试生产 试投产 试产",
    "设备进场": "设备进场 设备搬入",
    "竣工": "竣工 完工 落成",
    "投产": "投产",
    "开业": "开业 开馆",
    "建成": "建成",
    "完成": "通过[^,]{0,6}验收 验收 搬迁 完成",
    "启动": "启动",
    "摘牌": "摘牌",
    "通电": "送电 通电",
    "出正负零": "主体结构出正负零 主体出正负零 出正负零",
    "入住": "拎包入住 入住",
    "取得": "取得",
    "并网": "并网发电 并网",
    "量产": "量产",
    "签约": "签约",
    "达产": "达产",
    "通车": "通车",
    "开学": "开学",
    "招生": "招生",
    "上线": "上线 上线运行",
    "入驻": "入驻",
    "出台": "出台 印发",
    "发布": "发布",
    "开放": "开放",
}
EVENTS = tuple(
    sorted(
        ((word, event) for event, words in _EVENTS.items() for word in words.split()),
        key=lambda pair: ("[" in pair[0], -len(pair[0])),  # a pattern after all words
    )
)
"""What is done on a day, as written and what it comes to."""
