from panel.api import API_VERSION, Plugin

plugin = Plugin("samples", "Samples", "1.0", API_VERSION)
