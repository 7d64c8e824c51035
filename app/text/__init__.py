"""How things are written: values and moments in words, Markdown and formulas, markup that nothing changes."""
