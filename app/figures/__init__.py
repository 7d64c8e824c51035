"""Figures: pure functions from records to plotly figures as plain dicts, in one look."""
