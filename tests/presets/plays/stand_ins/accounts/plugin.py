from panel.api import API_VERSION, Plugin

plugin = Plugin("accounts", "Account", "1.0", API_VERSION)
