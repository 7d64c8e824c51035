"""Formulas of the theory: pure functions of numbers and arrays, each citing or deriving its theorem."""
