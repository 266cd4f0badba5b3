"""Evidence files: taken by what they are, kept once by their content, seen by who sees the record."""

import io
import zipfile
from datetime import date

import pytest
from sqlalchemy import func, select

from crm.audit.models import AuditEntry
from crm.core.db import session, writing
from crm.core.errors import Conflict, DomainError
from crm.files import services
from crm.files.content import MediaType, media_type_of
from crm.files.models import Attachment, StoredFile
from crm.ladder.models import QualificationKind
from tests import factories

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"


def packed(*names):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()


XLSX = packed("docProps/app.xml", "[Content_Types].xml", "xl/workbook.xml")
DOCX = packed("[Content_Types].xml", "word/document.xml")


@pytest.fixture
def proof(cast):
    firm = factories.make_company(cast.carrier_a)
    return factories.make_qualification(firm, QualificationKind.HIGH_TECH, date(2018, 1, 2))


def upload(browser, proof, content=PDF, name="证书.pdf", **data):
    sent = {"file": (io.BytesIO(content), name), **data}
    address = f"/files/qualification/{proof.id}"
    return browser.post(address, data=sent, content_type="multipart/form-data")


def count(model):
    return session.scalar(select(func.count(model.id)))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, MediaType.PDF),
        (PNG, MediaType.PNG),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\0" * 40, MediaType.JPEG),
        (XLSX, MediaType.XLSX),
        (DOCX, MediaType.DOCX),
        (packed("a.txt"), MediaType.ZIP),
        (packed("[Content_Types].xml", "evil.exe"), MediaType.ZIP),
        ("常州甲科技有限公司\n".encode("gb18030"), MediaType.TEXT),
        (b"MZ\x90\x00" + b"\0" * 60, None),
        (b"PK\x03\x04 broken", None),
        (b"\xff\xfea\0b\0", None),
        (b"", None),
    ],
)
def test_a_file_is_what_its_content_says(content, kind):
    assert media_type_of(io.BytesIO(content)) == kind


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("证书.pdf", "证书.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\用户\\证书.PDF", "证书.pdf"),
        ("发票.exe", "发票.pdf"),
        ("a\u202efdp.exe", "afdp.pdf"),
        ('x"\r\n<b>.pdf', "xb.pdf"),
        ("王" * 300 + ".pdf", "王" * 116 + ".pdf"),
    ],
)
def test_a_name_is_tidied(sent, kept):
    assert services.tidy_name(sent, MediaType.PDF) == kept


def test_a_name_of_nothing_is_refused():
    for name in ("", "...", "\u200b.pdf"):
        with pytest.raises(DomainError):
            services.tidy_name(name, MediaType.PDF)


def test_a_file_is_attached_downloaded_and_removed(browser_of, proof):
    browser = browser_of("a")
    assert upload(browser, proof, note="扫描件").location == f"/ladder/qualifications/{proof.id}"
    page = browser.get(f"/files/qualification/{proof.id}", headers={"HX-Request": "true"})
    assert "证书.pdf" in page.text
    assert "扫描件" in page.text
    attachment = session.scalars(select(Attachment)).one()
    answer = browser_of("leader").get(f"/files/{attachment.id}/content")
    assert answer.data == PDF
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    said = answer.headers["Content-Disposition"]
    assert said.startswith(
        f"attachment; filename=attachment-{attachment.id}.pdf; filename*=UTF-8''"
    )
    assert "%E8%AF%81%E4%B9%A6.pdf" in said
    answer.close()
    assert browser.post(f"/files/{attachment.id}/removals").status_code == 303
    assert browser.post(f"/files/{attachment.id}/removals").status_code == 404
    assert browser.get(f"/files/{attachment.id}/content").status_code == 404
    actions = session.scalars(select(AuditEntry.action)).all()
    assert [a for a in actions if a.startswith("file")] == ["file.attached", "file.removed"]


def test_the_same_content_is_stored_once_and_attached_once(browser_of, cast, proof):
    browser = browser_of("a")
    assert upload(browser, proof).status_code == 303
    again = upload(browser, proof, name="另一个名字.pdf")
    assert (again.status_code, "内容相同的附件已经在了：证书.pdf" in again.text) == (409, True)
    other = factories.make_qualification(
        factories.make_company(cast.carrier_a), QualificationKind.HIGH_TECH, date(2018, 1, 2)
    )
    assert upload(browser, other).status_code == 303
    assert (count(StoredFile), count(Attachment)) == (1, 2)


def test_bad_files_are_refused_with_a_sentence(app, browser_of, proof):
    browser = browser_of("a")
    assert "请选择文件" in browser.post(f"/files/qualification/{proof.id}", data={}).text
    wrong = upload(browser, proof, b"MZ\x90\x00" + b"\0" * 90, "证书.pdf", note="留着")
    assert (wrong.status_code, "不接受这种文件" in wrong.text, "留着" in wrong.text) == (
        422,
        True,
        True,
    )
    odd = upload(browser, proof, note="a\ufffe")
    assert odd.status_code == 422
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    large = browser.post(
        f"/files/qualification/{proof.id}",
        data=head + PDF + b"0" * (100 * 1024 * 1024) + b"\r\n--x--\r\n",
        content_type="multipart/form-data; boundary=x",
    )
    assert large.status_code == 413
    assert count(StoredFile) == 0


def test_others_and_readers_change_nothing(browser_of, proof):
    upload(browser_of("a"), proof)
    attachment = session.scalars(select(Attachment)).one()
    stranger = browser_of("b")
    assert upload(stranger, proof, PNG).status_code == 404
    for address in (f"/files/{attachment.id}/content", f"/files/qualification/{proof.id}"):
        assert stranger.get(address).status_code == 404
    assert stranger.post(f"/files/{attachment.id}/removals").status_code == 404
    for name in ("leader", "investment", "supervisor"):
        assert upload(browser_of(name), proof, PNG).status_code == 403, name
        assert browser_of(name).post(f"/files/{attachment.id}/removals").status_code == 403
    assert browser_of("admin").get(f"/files/{attachment.id}/content").status_code == 403
    assert browser_of("a").get(f"/files/nothing/{proof.id}").status_code == 404
    assert count(Attachment) == 1


def test_a_file_removed_by_two_is_removed_once(browser_of, cast, proof):
    upload(browser_of("a"), proof)
    number = session.scalars(select(Attachment.id)).one()
    with writing():
        services.remove(session.get_one(Attachment, number), by=cast.a)
    with pytest.raises(Conflict), writing():
        services.remove(session.get_one(Attachment, number), by=cast.a)
