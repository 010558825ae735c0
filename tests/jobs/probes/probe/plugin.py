"""A plugin whose only purpose is to be worked by real workers in tests."""

from panel.api import API_VERSION, Plugin

plugin = Plugin("probe", "Probe", version="1", api=API_VERSION)
