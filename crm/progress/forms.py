"""What the page of a note accepts."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm

from crm.progress.services import NoteTexts
from crm.web.fields import lines_field, version_field


class NoteForm(FlaskForm):
    """What is said of one project for one period."""

    progress = lines_field(_("进展"), required=_("请填写进展。"), rows=4)
    problems = lines_field(_("存在问题"), rows=3)
    next_steps = lines_field(_("下步计划"), rows=3)
    coordination = lines_field(_("需协调事项"), rows=2)
    version = version_field()

    def to_texts(self) -> NoteTexts:
        return NoteTexts(
            self.progress.data or "",
            self.problems.data or "",
            self.next_steps.data or "",
            self.coordination.data or "",
        )
