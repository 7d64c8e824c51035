"""The parts that pages are made of: what is always shown in the same way."""
