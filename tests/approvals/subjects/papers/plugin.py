from panel.api import API_VERSION, Plugin

plugin = Plugin("papers", "Papers", "1.0", API_VERSION)
