from loans.models import Loan
from loans.permissions import LoansPermission as P
from panel.api import Crud, Menu, PageView, RecordView, Section, _l, expose, needs, scope


class LoanView(RecordView):
    model = Loan
    may = Crud(view=P.LOAN_VIEW, create=P.LOAN_CREATE, edit=P.LOAN_EDIT, export=P.LOAN_EXPORT)
    menu = Menu(section=_l("Equipment loans"), label=_l("Loans"), order=10)
    columns = ("item", "unit", "person", "due_on", "returned_on")
    search = ("item", "person.name")
    filters = ("unit", "due_on")
    sections = (Section(_l("Loan"), ("item", "unit", "person", "due_on", "returned_on")),)


class OutView(PageView):
    menu = Menu(section=_l("Equipment loans"), label=_l("Out now"), order=20)

    @expose("/")
    @needs(P.LOAN_VIEW)
    def index(self) -> str:
        loans = scope(Loan.select().where(Loan.returned_on.is_null()), P.LOAN_VIEW).order_by(Loan.due_on).limit(200)
        return self.render("loans/out.html", loans=list(loans))
