"""From zero: one parameter and a few."""
