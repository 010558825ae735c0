from stand_ins.groupchat.models import Slip
from stand_ins.groupchat.permissions import GroupchatPermission as P

from panel.api import Crud, Menu, RecordView, Section


class PaperView(RecordView):
    model = Slip
    may = Crud(view=P.PAPER_VIEW, create=P.PAPER_EDIT, edit=P.PAPER_EDIT)
    menu = Menu("申请", "申请", 10)
    columns = ("name", "unit")
    sections = (Section("申请", ("name", "unit")),)
