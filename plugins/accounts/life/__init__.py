"""The life of an account: applying to open it, changing, appointing, closing it, and its filing."""
