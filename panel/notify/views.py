"""The pages of notifications: inbox, preferences, channels, outbox."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for

from panel.access.forms import run
from panel.access.guard import needs, signed_in
from panel.access.identity import asking, current
from panel.access.scope import find
from panel.admin.forms import form_sent
from panel.admin.view import Menu, PageView, expose
from panel.errors import NotFound, Refused
from panel.i18n import _, _l, today
from panel.notify import forms, services
from panel.notify.compose import Composer
from panel.notify.models import Channel, ChannelKind, Delivery, DeliveryState, Preference
from panel.notify.outbox import NOBODY
from panel.notify.permissions import NotifyPermission as P
from panel.notify.reasons import reasons
from panel.notify.senders import SENDERS
from panel.org.models import Person

WORKBENCH, SETTINGS = _l("Workbench"), _l("Settings")
BOTH = ("GET", "POST")
SHOWN = 100


def _me() -> Person | None:
    identity = current()
    return identity.user.person if identity and identity.user and identity.user.person_id else None


class InboxView(PageView):
    """What whoever asks was told."""

    menu = Menu(section=WORKBENCH, label=_l("Inbox"), order=5)

    @expose("/", methods=BOTH)
    @signed_in("everybody has an inbox of their own")
    def index(self) -> Any:
        """The newest messages; a POST marks them as read."""
        me = _me()
        if request.method == "POST":
            newest = request.form.get("newest", "")
            if me is not None and newest.isdecimal() and len(newest) < 19:
                services.read(me, int(newest))
            return redirect(url_for(".index"))
        messages = services.inbox(me) if me else []
        composer = Composer(asking().institution, today())
        lines = [(message, composer.line(message)) for message in messages]
        return self.render("notify/inbox.html", lines=lines, me=me)

    @expose("/preferences/", methods=BOTH)
    @signed_in("everybody decides for themselves when and by what they are told")
    def preferences(self) -> Any:
        """One's own wishes."""
        me = _me()
        if me is None:
            raise Refused(_("Your user is linked to no person: there is nobody to tell."))
        channels = [c for c in _active() if not SENDERS[c.kind].group and c.person_id in (None, me.id)]
        return _preferences(self, me, channels, url_for(".index"))


def _active() -> list[Channel]:
    return list(
        Channel.select().where(Channel.institution == asking().institution, Channel.active).order_by(Channel.name)
    )


def _preferences(view: PageView, person: Person | None, channels: list[Channel], back: str) -> Any:
    form = forms.PreferenceForm(form_sent(), channels=channels)
    if request.method == "GET":
        of = Preference.person.is_null() if person is None else Preference.person == person
        form.show(Preference.get_or_none(Preference.institution == asking().institution, of) or NOBODY)
    if run(form, lambda: services.set_preference(person, form.values())):
        flash(_("Saved."), "success")
        return redirect(back)
    return view.render("notify/preferences.html", form=form, person=person, back=back), 422 if form.wrong else 200


class ChannelView(PageView):
    """The ways out of the house."""

    menu = Menu(section=SETTINGS, label=_l("Channels"), order=61)

    @expose("/")
    @needs(P.CHANNEL_VIEW, whole=True)
    def index(self) -> str:
        """Every channel and how it fares."""
        channels = list(Channel.select().where(Channel.institution == asking().institution).order_by(Channel.name))
        kinds = dict(ChannelKind.pairs())
        return self.render("notify/channels.html", channels=channels, kinds=kinds, me=_me())

    @expose("/new/", methods=BOTH)
    @needs(P.CHANNEL_EDIT, whole=True)
    def new(self) -> Any:
        """Entering a channel."""
        kind = request.values.get("kind", "")
        if kind not in SENDERS:
            return redirect(url_for(".index"))
        form = forms.ChannelForm(form_sent())
        form.suit(kind)
        if run(form, lambda: services.add_channel({"kind": kind, **form.values()})):
            flash(_("Saved. Send a test now."), "success")
            return redirect(url_for(".index"))
        label = ChannelKind(kind).label
        return self.render("notify/channel.html", form=form, kind=kind, title=label), 422 if form.wrong else 200

    @expose("/edit/", methods=BOTH)
    @needs(P.CHANNEL_EDIT, whole=True)
    def edit(self) -> Any:
        """Changing a channel."""
        channel = self._channel()
        form = forms.ChannelForm(form_sent())
        form.suit(channel.kind)
        if request.method == "GET":
            form.show(channel)
        if run(form, lambda: services.change_channel(channel, None, form.values())):
            flash(_("Saved. Send a test now."), "success")
            return redirect(url_for(".index"))
        context = {"form": form, "kind": channel.kind, "title": channel.name, "channel": channel}
        return self.render("notify/channel.html", **context), 422 if form.wrong else 200

    @expose("/test/", methods=("POST",))
    @needs(P.CHANNEL_EDIT, whole=True)
    def test(self) -> Any:
        """Send a word at once, and say what came of it."""
        channel = self._channel()
        try:
            services.send_test(channel, channel.person or _me())
        except Refused as refusal:
            flash(str(refusal), "danger")
        else:
            flash(_("“%(name)s” took the test message.", name=channel), "success")
        return redirect(url_for(".index"))

    @expose("/delete/", methods=("POST",))
    @needs(P.CHANNEL_EDIT, whole=True)
    def delete(self) -> Any:
        """Delete a channel that never sent anything."""
        channel = self._channel()
        try:
            services.delete_channel(channel)
        except Refused as refusal:
            flash(_("%(why)s Switch it off instead.", why=refusal), "danger")
        else:
            flash(_("Deleted: %(name)s", name=channel), "success")
        return redirect(url_for(".index"))

    @expose("/defaults/", methods=BOTH)
    @needs(P.CHANNEL_EDIT, whole=True)
    def defaults(self) -> Any:
        """What holds for everybody who has said nothing."""
        return _preferences(self, None, [c for c in _active() if c.person_id is None], url_for(".index"))

    def _channel(self) -> Channel:
        return find(Channel, request.values.get("id"), P.CHANNEL_EDIT)


class OutboxView(PageView):
    """What left, what waits, what failed; and why nothing was sent."""

    menu = Menu(section=SETTINGS, label=_l("Outbox"), order=62)

    @expose("/")
    @needs(P.DELIVERY_VIEW, whole=True)
    def index(self) -> str:
        """The newest deliveries, by state."""
        state = request.args.get("state", "")
        query = (
            Delivery.select(Delivery, Channel, Person)
            .join(Channel)
            .switch(Delivery)
            .left_outer_join(Person, on=(Delivery.person == Person.id))
            .where(Delivery.institution == asking().institution)
            .order_by(Delivery.id.desc())
        )
        if state in [s.value for s in DeliveryState]:
            query = query.where(Delivery.state == state)
        doubtful = Delivery.select().where(Delivery.institution == asking().institution, Delivery.doubtful > 0).count()
        context = {"states": DeliveryState.pairs(), "styles": DeliveryState.styles(), "state": state}
        return self.render("notify/outbox.html", rows=list(query.limit(SHOWN)), doubtful=doubtful, **context)

    @expose("/why/")
    @needs(P.DELIVERY_VIEW, whole=True)
    def why(self) -> str:
        """Why was nothing sent?"""
        return self.render("notify/why.html", reasons=reasons(asking().institution))

    @expose("/retry/", methods=("POST",))
    @needs(P.DELIVERY_RETRY, whole=True)
    def retry(self) -> Any:
        """Take a failed delivery up again."""
        try:
            services.send_again(services.own_delivery(request.form.get("id")))
        except NotFound:
            raise
        except Refused as refusal:
            flash(str(refusal), "danger")
        else:
            flash(_("It is sent again within a minute."), "success")
        return redirect(url_for(".index", state="parked"))
