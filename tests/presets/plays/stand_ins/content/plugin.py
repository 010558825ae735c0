from panel.api import API_VERSION, Plugin

plugin = Plugin("content", "Content", "1.0", API_VERSION)
