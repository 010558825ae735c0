"""The institution's own rule for opening secrets."""

from __future__ import annotations

from panel.api import PolicyRecord, _l, figure, policy, switch


@policy
class SecretsPolicy(PolicyRecord):
    """What the institution lays down for secrets sealed in the panel."""

    title, titles = _l("Policy on sealed secrets"), _l("Policies on sealed secrets")

    complex_passwords = switch(
        _l("Passwords are complex"),
        _l("At least 8 characters; of capital letters, small letters, digits and signs, three kinds."),
        ("s4-01-r22",),
        default=True,
    )
    two_people = switch(
        _l("A second person releases the opening of a secret"),
        _l("By the approval chain for openings. Nobody releases what they asked for themselves."),
        ("s2-09-r21", "s3-01-r07", "s4-01-r24"),
    )
    release_hours = figure(
        _l("A released secret is looked at within"),
        _l("Later the release is void and must be asked for again."),
        ("s4-01-r24",),
        least=1,
        most=168,
        default=24,
        unit=_l("hours"),
    )
    show_minutes = figure(
        _l("Without a second person it is looked at within"),
        _l("From the reason and the proof of identity to the showing."),
        ("s4-01-r24",),
        least=1,
        most=60,
        default=5,
        unit=_l("minutes"),
    )
