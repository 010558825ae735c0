"""The checks of the register by subject; `plugins/accounts/rules.py` lists them for the core."""
