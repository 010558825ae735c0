from panel.api import API_VERSION, Plugin

plugin = Plugin("groupchat", "Groupchat", "1.0", API_VERSION)
