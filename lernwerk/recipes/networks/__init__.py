"""Networks with hidden layers."""
