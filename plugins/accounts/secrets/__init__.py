"""Secrets of accounts, sealed in the panel: what the envelope was, and safer."""
