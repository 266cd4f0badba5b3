"""Who recorded the generated proofs, from which document, and who verified them; the newest still wait."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from crm.audit.verification import VerificationState
from crm.demo.when import at
from crm.ladder.models import QualificationKind as Kind
from crm.ladder.models import Specialty
from crm.ladder.services import QualificationDetails

_WRITTEN_AFTER = timedelta(days=4)
_WAITING = timedelta(days=21)  # what was given so lately nobody has verified yet
_SOURCES = {
    Kind.HIGH_TECH: "关于认定%(batch)s高新技术企业的公告（演示）",
    Kind.TECH_SME: "%(month)s科技型中小企业入库公告（演示）",
    Kind.ABOVE_SCALE: "%(batch)s规上企业入库名单（演示）",
}
_ON_FILE = "企业提交的证明材料（演示）"
_LABELS = (("专精特新中小企业", 7, date(2019, 12, 20)), ("瞪羚企业", 11, date(2020, 9, 18)))


def told(
    proofs: Sequence[QualificationDetails],
    name: str,
    serial: int,
    *,
    clerk: int | None,
    verifier: int | None,
    labels: Mapping[str, int],
    until: date,
) -> Iterator[QualificationDetails]:
    """The same proofs with all that was noted about them, and one certified firm in seven or so with a label more."""
    for proof in (*proofs, *_labels(proofs, serial, labels, until)):
        month = f"{proof.issued_on.year}年{proof.issued_on.month}月"
        batch = proof.batch or f"{proof.issued_on.year}年"
        source = _SOURCES.get(proof.kind, _ON_FILE) % {"batch": batch, "month": month}
        is_waiting = (
            proof.kind in (Kind.TECH_SME, Kind.LABEL) and proof.issued_on > until - _WAITING
        )
        yield replace(
            proof,
            name_on_it=name,
            source=proof.source or source,
            specialty=_specialty(proof, serial),
            state=VerificationState.PENDING if is_waiting else VerificationState.VERIFIED,
            reported_by_id=clerk,
            verified_by_id=None if is_waiting else verifier,
        )


def _labels(
    proofs: Sequence[QualificationDetails], serial: int, labels: Mapping[str, int], until: date
) -> Iterator[QualificationDetails]:
    first = next((proof for proof in proofs if proof.kind is Kind.HIGH_TECH), None)
    for name, every, on in _LABELS:
        if first and first.issued_on < on <= until and name in labels and serial % every == 0:
            yield QualificationDetails(
                Kind.LABEL, "", on, label_id=labels[name], source=f"{on.year}年{name}公示名单（演示）",
                recorded_at=at(min(on + _WRITTEN_AFTER, until)),
            )  # fmt: skip


def _specialty(proof: QualificationDetails, serial: int) -> Specialty | None:
    if proof.kind is not Kind.ABOVE_SCALE:
        return None
    return Specialty.INDUSTRY if serial % 3 else Specialty.SERVICES
