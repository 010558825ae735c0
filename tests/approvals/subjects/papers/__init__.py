"""A plugin that exists for the tests of approvals: a paper with lines, decided by a chain."""
