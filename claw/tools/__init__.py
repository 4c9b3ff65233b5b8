"""Typed operations that people, rules, models and the API all go through: one tool per file."""
