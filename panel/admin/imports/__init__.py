"""Import of messy spreadsheets: reading, mapping and parsing, which need no database."""
