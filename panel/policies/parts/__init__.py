"""What a preset is made of: each kind of part reads, shows, applies and writes itself."""
