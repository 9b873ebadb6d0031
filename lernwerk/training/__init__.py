"""Training: feeding, checks, the step, the loop and its events."""
