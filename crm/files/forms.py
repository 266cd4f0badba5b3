"""What the pages of attachments accept."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired

from crm.web.fields import text_field


class AttachmentForm(FlaskForm):
    """One file with a word on what it shows."""

    file = FileField(
        _("文件"),
        [FileRequired(_("请选择文件。"))],
        description=_("PDF、PNG、JPG、XLSX 或 DOCX。"),
    )
    note = text_field(_("说明"), 200)
