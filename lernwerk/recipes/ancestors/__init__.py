"""The ancestors: machines of the field's history."""
