"""The who: institutions, their unit tree, their people."""
