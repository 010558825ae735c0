"""The catalogue of rules, and the national rules that stand above an institution's own policy."""
