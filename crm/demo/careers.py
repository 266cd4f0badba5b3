"""Who climbs the ladder: the proofs of a few hundred firms, so that the plan's own numbers mean something.

110 certificates in stock at the end of 2019 and 120 on 30 September 2020 (of 130), 100 above-scale firms and 107
(of more than 110), 10 certificates won in the national incubators (of 15), 2 firms reformed or quoted (of 3).
With fewer than FULL firms all are fewer in proportion; with more they stay: they describe the park.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random

from crm.demo.arrivals import PLAN_YEAR, Arrival
from crm.ladder.models import QualificationKind as Kind
from crm.ladder.qualifications import Board
from crm.ladder.services import QualificationDetails

FULL = 1200
_AUTHORITY = "江苏省高新技术企业认定管理工作协调小组（演示）"
_STATISTICS = "统计部门（演示）"
_SETTLED_BY = date(2017, 1, 1)  # who climbs has been here since then
_BATCHES = {
    2014: (date(2014, 9, 2),),
    2015: (date(2015, 8, 24), date(2015, 11, 3)),
    2017: (date(2017, 11, 17), date(2017, 12, 7)),
    2018: (date(2018, 10, 24), date(2018, 11, 30)),
    2019: (date(2019, 11, 22), date(2019, 12, 6)),
}
_SUMMER_2017 = (date(2017, 6, 30), date(2017, 7, 20), date(2017, 8, 25))
_RENEWAL_FILED_ON = date(2020, 6, 15)  # 到期待重新认定
_BATCHES_2020 = (date(2020, 5, 28), date(2020, 7, 15), date(2020, 9, 11))
_RENEWED_2020 = (date(2020, 6, 19), date(2020, 6, 19), date(2020, 8, 14), date(2020, 8, 14))
_BOOMING = 3
_LAST_BATCH_2020 = date(2020, 12, 2)


@dataclass
class Career:
    """What one firm achieves; where and how long it resides is made to fit."""

    proofs: list[QualificationDetails] = field(default_factory=list)
    is_national: bool | None = None  # in a national incubator, elsewhere, or wherever
    leaves_on: date | None = None
    is_booming: bool = False  # its revenue passes 100 million yuan in the plan's year

    def holds(self, kind: Kind) -> bool:
        return any(proof.kind is kind for proof in self.proofs)


Careers = dict[int, Career]


def careers(stream: Sequence[Arrival], rng: Random) -> Careers:
    """By a firm's place in the stream. The same whatever the day: proofs of later days are left out when they are written."""
    return _Ladder(stream, rng).climb()


class _Ladder:
    def __init__(self, stream: Sequence[Arrival], rng: Random) -> None:
        self._rng = rng
        self._scale = min(len(stream), FULL) / FULL
        self._careers: Careers = {}
        self._numbers = iter(range(900_001, 1_000_000))
        settled = [n for n, a in enumerate(stream) if a.is_firm and a.on < _SETTLED_BY]
        rng.shuffle(settled)
        self._settled = iter(settled)
        self._new = [n for n, a in enumerate(stream) if a.is_firm and a.on.year == PLAN_YEAR]

    def climb(self) -> Careers:
        certified = self._certify()
        self._certify_in_plan_year()
        self._bring_a_certificate()
        above_scale = self._put_on_the_register(certified)
        self._reform(above_scale)
        for place in above_scale[::-1][: self._count(_BOOMING)]:
            self._careers[place].is_booming = True
        return self._careers

    def _certify(self) -> list[int]:
        """The stock of 110 at the end of 2019; returns the places of those who keep their certificate."""
        lapsing = self._take(6)  # in the summer of 2020, without renewal
        self._high_tech(lapsing[:2], _SUMMER_2017, renewal_filed_on=_RENEWAL_FILED_ON)
        self._high_tech(lapsing[2:], _SUMMER_2017[2:] + _SUMMER_2017[:2])
        renewing = self._take(4)
        for n, (place, renewed_on) in enumerate(zip(renewing, _RENEWED_2020, strict=False)):
            self._high_tech([place], [date(2017, 6 + n // 2 * 2, 25)])
            self._high_tech([place], [renewed_on], is_renewal=True)
            self._careers[place].is_national = n % 2 == 0
        ending = self._take(20)  # in the last months of 2020
        self._high_tech(ending, _BATCHES[2017])
        self._high_tech(ending[: len(ending) * 4 // 5], [_LAST_BATCH_2020], is_renewal=True)
        for place in ending:
            self._careers[place].is_national = False
        of_2018 = self._take(35)
        again = of_2018[: len(of_2018) // 3]
        self._high_tech(again, _BATCHES[2015])
        self._high_tech(again, _BATCHES[2018], is_renewal=True)
        self._high_tech(of_2018[len(again) :], _BATCHES[2018])
        if of_2018:
            self._careers[of_2018.pop()].leaves_on = date(2020, 6, 18)
        of_2019 = self._take(45)
        self._high_tech(of_2019, _BATCHES[2019])
        self._high_tech(self._take(8), _BATCHES[2014])  # lapsed long ago
        return of_2018 + of_2019

    def _certify_in_plan_year(self) -> None:
        for is_national in (True, False):
            new = self._take(8)
            self._high_tech(new, _BATCHES_2020)
            last = self._take(5 if is_national else 10)
            self._high_tech(last, [_LAST_BATCH_2020])
            for place in new + last:
                self._careers[place].is_national = is_national

    def _bring_a_certificate(self) -> None:
        """A firm that moved in as a whole: in the stock, never newly certified here."""
        if self._new:
            place = self._new[len(self._new) // 2]
            self._high_tech([place], [date(2018, 11, 28)], is_moved_in=True)

    def _put_on_the_register(self, certified: list[int]) -> list[int]:
        """100 at the end of 2019; 9 more and 2 fewer by 30 September. Returns who stays."""
        shared = self._rng.sample(certified, min(len(certified), self._count(45)))
        staying = shared + self._take(53)
        for place in staying:
            self._above_scale(place, date(self._rng.randrange(2015, 2020), 3, 25))
        for place in self._take(3):
            self._above_scale(place, date(2016, 3, 25), date(2019, 6, 28), "连续两年未达规模")
        for place in self._take(2):
            self._above_scale(place, date(2017, 3, 24), date(2020, 5, 29), "停产退库")
        by_month = (date(2020, 3, 20), date(2020, 6, 19), date(2020, 9, 18))
        for n, place in enumerate(self._take(9)):
            self._above_scale(place, by_month[n % len(by_month)])
        for place in self._take(6):
            self._above_scale(place, date(2020, 12, 18))
        return staying

    def _reform(self, above_scale: Sequence[int]) -> None:
        """22 reformed before the plan's year, 9 of them quoted and 3 listed; 2 firms with three events in it."""
        reformed = above_scale[: self._count(22)]
        for n, place in enumerate(reformed):
            on = date(2013 + n % 6, 5 + n % 7, 12)
            self._add(place, Kind.SHARE_REFORM, on, f"股改〔{on.year}〕演示{n + 1}号")
            if n < self._count(9):
                code = f"8799{n + 10}"
                left_on = date(2019, 4, 26) if n == 8 else None
                self._add(
                    place, Kind.QUOTED, date(on.year + 1, 3, 16), code,
                    authority=Board.NEEQ.value, revoked_on=left_on, reason="主动摘牌" if left_on else "",
                )  # fmt: skip
        markets = (
            (Board.CHINEXT, "309901", date(2019, 5, 17)),
            (Board.SHANGHAI, "609901", date(2019, 9, 10)),
            (Board.STAR, "689901", date(2019, 11, 26)),
        )
        for place, (board, code, on) in zip(reformed[::-1], markets, strict=False):
            self._add(place, Kind.LISTED, on, code, authority=board.value)
        fresh = above_scale[len(reformed) : len(reformed) + 3]
        days = (date(2020, 3, 27), date(2020, 6, 22), date(2020, 11, 16))
        for n, (place, on) in enumerate(zip(fresh, days, strict=False)):
            self._add(place, Kind.SHARE_REFORM, on, f"股改〔2020〕演示{n + 1}号")
        if fresh:  # two events, one firm
            day = date(2020, 8, 19)
            self._add(fresh[0], Kind.QUOTED, day, "879930", authority=Board.NEEQ.value)

    def _high_tech(
        self,
        places: Iterable[int],
        batches: Sequence[date],
        *,
        is_renewal: bool = False,
        is_moved_in: bool = False,
        renewal_filed_on: date | None = None,
    ) -> None:
        for n, place in enumerate(places):
            on = batches[n % len(batches)]
            self._add(
                place, Kind.HIGH_TECH, on, f"GR{on.year}32{next(self._numbers)}",
                authority=_AUTHORITY, batch=f"{on.year}年第{n % len(batches) + 1}批",
                is_renewal=is_renewal, is_moved_in=is_moved_in, renewal_filed_on=renewal_filed_on,
            )  # fmt: skip

    def _above_scale(
        self, place: int, on: date, revoked_on: date | None = None, reason: str = ""
    ) -> None:
        batch = f"{on.year}年度" if on.month == 3 and on.year < PLAN_YEAR else f"{on:%Y-%m}月度"
        self._add(
            place, Kind.ABOVE_SCALE, on, batch, authority=_STATISTICS, batch=batch,
            revoked_on=revoked_on, reason=reason,
        )  # fmt: skip

    def _add(self, place: int, kind: Kind, on: date, number: str, **values: object) -> None:
        proof = QualificationDetails(kind, number, on, **values)  # type: ignore[arg-type]
        self._careers.setdefault(place, Career()).proofs.append(proof)

    def _take(self, count: int) -> list[int]:
        """So many settled firms that do nothing else yet, in proportion to the park's size."""
        return list(self._some(self._count(count)))

    def _some(self, count: int) -> Iterator[int]:
        for _, place in zip(range(count), self._settled, strict=False):
            yield place

    def _count(self, at_full_size: int) -> int:
        return round(at_full_size * self._scale)
