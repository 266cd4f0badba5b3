"""What the pages of imports accept. A sheet's columns and cells are as many as it has: step_pages.py reads those itself."""

import secrets
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import HiddenField, SelectField
from wtforms.validators import InputRequired, Regexp

from crm.files.grids import MOST_ROWS
from crm.web.fields import choices_of, count_field, lines_field, text_field, version_field

LONGEST_PASTE = 1_000_000


class NewImportForm(FlaskForm):
    """A file or what was copied from a sheet. `token` makes a second press find what the first one made."""

    kind = SelectField(_("导入什么"), [InputRequired(_("请选择。"))])
    file = FileField(_("表格文件"), description=_("XLSX、XLS 或 CSV；可拖到这里。"))
    text = lines_field(
        _("或粘贴表格"),
        LONGEST_PASTE,
        rows=6,
        description=_("在 Excel 中连同表头一起复制，粘贴到这里。"),
    )
    source = text_field(
        _("来源文件"), 120, description=_("证明这些记录的文件名称或文号；核验时按它整批核对。")
    )
    token = HiddenField(validators=[InputRequired(), Regexp(r"^[\w-]{10,64}$")])

    def __init__(self, kinds: list[tuple[str, str]], **values: Any) -> None:
        super().__init__(**values)
        self.kind.choices = choices_of(kinds)
        if not self.token.data:
            self.token.data = secrets.token_urlsafe(16)


class SheetForm(FlaskForm):
    """Which sheet is read, and in which row its head ends."""

    sheet = SelectField(_("工作表"), choices=(), validate_choice=False)
    head_row = count_field(_("表头在第几行"), 1, MOST_ROWS, description=_("留空则自动识别。"))
    version = version_field()

    def offer(self, sheets: tuple[str, ...]) -> None:
        self.sheet.choices = choices_of((name, name) for name in sheets)


class ImportForm(FlaskForm):
    """A step of an import: nothing but which version of it the page showed."""

    version = version_field()


class ColumnsForm(ImportForm):
    """What the columns hold (step_pages.uses_in reads them) and the document that proves the rows."""

    source = text_field(
        _("来源文件"), 120, description=_("证明这些记录的文件名称或文号；核验时按它整批核对。")
    )
