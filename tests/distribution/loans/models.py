from peewee import CharField, Check, DateField

from panel.api import Owned, Person, RestrictedKey, Unit, _l


class Loan(Owned):
    """Something lent to a person until a day."""

    title, titles = _l("Loan"), _l("Loans")
    scope_unit = "unit"
    refusals = {"loans_loan_named": _l("Say what is lent.")}

    unit = RestrictedKey(Unit, backref="loans", verbose_name=_l("Unit"))
    item = CharField(max_length=80, verbose_name=_l("Item"))
    person = RestrictedKey(Person, backref="loans", verbose_name=_l("Lent to"))
    due_on = DateField(verbose_name=_l("Due back on"))
    returned_on = DateField(null=True, verbose_name=_l("Returned on"))
    reminded_on = DateField(null=True, verbose_name=_l("Reminded on"))

    class Meta:
        indexes = ((("institution", "due_on"), False),)
        constraints = [Check("item <> ''", name="loans_loan_named")]

    def __str__(self) -> str:
        return self.item
