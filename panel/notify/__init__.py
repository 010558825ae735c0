"""Telling people: the inbox, the outbox and the channels that messages leave by."""
