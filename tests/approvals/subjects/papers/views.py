from subjects.papers.models import Paper
from subjects.papers.permissions import PaperPermission as P

from panel.api import Crud, Menu, RecordView, Section


class PaperView(RecordView):
    model = Paper
    may = Crud(view=P.PAPER_VIEW, create=P.PAPER_EDIT, edit=P.PAPER_EDIT)
    menu = Menu("申请", "申请", 10)
    columns = ("name", "unit", "kind", "amount")
    sections = (Section("申请", ("name", "unit", "kind", "amount")),)
