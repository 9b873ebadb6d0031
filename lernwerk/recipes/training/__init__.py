"""How training succeeds, and how it fails."""
