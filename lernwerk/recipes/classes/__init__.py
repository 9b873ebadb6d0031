"""Classification with one layer."""
