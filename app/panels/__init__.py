"""Panels: a part of a page each, what it offers to choose and what it draws; some have callbacks of their own."""
