"""Outcomes, learners, validation and the statistics of trust."""
