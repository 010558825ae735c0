"""A plugin that exists for the tests of the base views: one model with every kind of field."""
