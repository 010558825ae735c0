"""API tokens for scripts, and the JSON API they open: the same views, scope, checks and audit as the pages."""
