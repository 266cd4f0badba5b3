"""Parts of the generated world without a database."""

from datetime import date
from random import Random

from crm.demo.arrivals import arrivals
from crm.demo.careers import careers
from crm.demo.firms import Carrier, Firm, Makers, firms
from crm.demo.names import Namer
from crm.demo.office import Builder, Office
from crm.demo.returns import Returns

TODAY = date(2020, 9, 30)
CARRIERS = (
    Carrier(11, "ustp", True), Carrier(12, "longcheng", True), Carrier(13, "dcy", False), Carrier(14, "park", False),
)  # fmt: skip
UNITS = {
    code: number
    for number, code in enumerate(
        ("investment", "construction", "sino_israel", "sino_german", "ustp", "longcheng", "dut"),
        start=21,
    )
}


def made_firms(companies: int, seed: int = 7, today: date = TODAY) -> list[Firm]:
    until = min(today, date(2020, 12, 31))
    stream = arrivals(companies, until, Random(f"{seed}:arrivals"))
    returns = Returns(
        Random(f"{seed}:returns"), clerks={11: 5}, verifier=6, until=until, today=today
    )
    makers = Makers(
        rng=Random(f"{seed}:firms"), namer=Namer(Random(f"{seed}:names")), carriers=CARRIERS, returns=returns,
        today=today, until=until, first_serial=1, labels={},
    )  # fmt: skip
    return list(firms(stream, careers(stream, Random(f"{seed}:careers")), makers))


def made_office(seed: int = 7, today: date = TODAY) -> Office:
    builders = [Builder(number, date(2009 + number % 9, 5, 4)) for number in range(1, 60)]
    return Office(
        rng=Random(f"{seed}:projects"), namer=Namer(Random(f"{seed}:names")), units=UNITS, owners=(1, 2, 3),
        builders=builders, today=today, until=min(today, date(2020, 12, 31)),
    )  # fmt: skip
