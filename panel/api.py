"""All that a plugin may import from the core, in one list. What is not here may change without notice."""

from panel import audit, files, records, vault
from panel.access.guard import needs, public, signed_in
from panel.access.identity import Identity, asking, current, identify
from panel.access.models import User
from panel.access.proof import ProofField
from panel.access.proof import demand as demand_proof
from panel.access.proof import fresh as proof_is_fresh
from panel.access.proof import prove as prove_identity
from panel.access.scope import condition, find, require, scope, units_below
from panel.access.switches import switched_on
from panel.admin.acts import Act, address_of, ask, carried_out, respond
from panel.admin.declare import Bulk
from panel.admin.fields import (
    ChoiceField,
    DayField,
    LineField,
    MomentField,
    ProseField,
    RefField,
    RefListField,
    Required,
    WholeField,
    YuanField,
)
from panel.admin.forms import RecordForm as Form
from panel.admin.forms import form_sent, paper_sent
from panel.admin.imports.columns import Column as ImportColumn
from panel.admin.imports.columns import Kind as ImportKind
from panel.admin.imports.columns import fold
from panel.admin.imports.reading import read_table
from panel.admin.imports.target import Change as ImportChange
from panel.admin.imports.target import Current as ImportCurrent
from panel.admin.imports.target import Problem as ImportProblem
from panel.admin.imports.target import Target as ImportTarget
from panel.admin.view import ChoiceFilter, Crud, Filter, Menu, PageView, RecordView, Section, bulk, expose
from panel.approvals.declare import Field as ApprovalField
from panel.approvals.declare import Subject as ApprovalSubject
from panel.approvals.models import Decision
from panel.approvals.models import Request as ApprovalRequest
from panel.approvals.models import State as ApprovalState
from panel.approvals.services import approval_of
from panel.approvals.services import submit as submit_for_approval
from panel.approvals.services import withdraw as withdraw_approval
from panel.approvals.submitting import governs as approvals_govern
from panel.checks.declare import Mend, Severity, Touched, Watch, check, judged
from panel.checks.models import Mark
from panel.checks.patterns import PatternFits, check_pattern
from panel.checks.policy import PolicyRecord, figure, policy, switch, text
from panel.checks.policy import in_force as policy_of
from panel.checks.policy import ship as ship_policy
from panel.checks.sql import breaking, days_before, days_between, exists, how_many, listed, month_of, week_of
from panel.checks.words import Words
from panel.choices import Choice
from panel.cli.context import at_work, institution_option, json_option
from panel.database import (
    BaseModel,
    MoneyField,
    PersonalText,
    Record,
    RestrictedKey,
    SealedText,
    SecretText,
    UtcDateTimeField,
    as_decided,
    db,
    insert_rows,
    is_postgres,
    key_of,
    transaction,
    utcnow,
)
from panel.errors import InUse, NotAllowed, NotFound, Refused, Stale
from panel.following import follow
from panel.i18n import _, _l, ngettext, plain, show_money, show_time, today
from panel.jobs import scheduled, task
from panel.jobs.queue import enqueue, progress, progress_of
from panel.notify.models import Channel
from panel.notify.posting import post_to_channel
from panel.notify.senders.base import SendFailed
from panel.notify.senders.guard import WebPoster, dial, split_address
from panel.notify.telling import publicity_office, tell
from panel.obligations.kinds import AT_ONCE, SHORT, STANDARD, Due, Every, Evidence, Terms
from panel.obligations.kinds import Kind as ObligationKind
from panel.obligations.models import Audience, Obligation
from panel.obligations.models import Role as OwedBy
from panel.obligations.reports import SERIES as DUE_SERIES
from panel.obligations.reports import by_month as due_by_month
from panel.obligations.settle import settle_obligations
from panel.obligations.steps import Plan, Step
from panel.obligations.workdays import load as workdays
from panel.org.holdings import Held, Holding
from panel.org.models import Institution, InstitutionKind, Owned, Person, PersonKind, Unit, UnitKind, serving
from panel.personal import masked
from panel.plugin import API_VERSION, Plugin
from panel.policies.national import binding as national_rules
from panel.reports.declare import Bar, Chart, Figure, Reading, Series
from panel.reports.services import chart

__all__ = [name for name in dir() if not name.startswith("__")]
