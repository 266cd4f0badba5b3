"""What the pages of attachments accept."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileRequired, MultipleFileField
from wtforms.validators import Length

from crm.files.services import LONGEST_NAME
from crm.web.fields import text_field, version_field

MOST_AT_ONCE = 20


class AttachmentForm(FlaskForm):
    """Files with a word on what they show."""

    file = MultipleFileField(
        _("文件"),
        [
            FileRequired(_("请选择文件。")),
            Length(max=MOST_AT_ONCE, message=_("一次最多上传 %(max)d 个文件。")),
        ],
    )
    note = text_field(_("说明"), 200)


class DescriptionForm(FlaskForm):
    """What an attachment is called and shows; its suffix says what it is and stays."""

    version = version_field()
    name = text_field(_("名称"), LONGEST_NAME, required=True)
    note = text_field(_("说明"), 200)

    def to_description(self) -> dict[str, Any]:
        return {"name": self.name.data, "note": self.note.data, "version": self.version.data}
