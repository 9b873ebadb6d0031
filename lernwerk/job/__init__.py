"""The main job: from data to a trained, checked model with a report, and predictions with it."""
