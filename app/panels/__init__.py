"""The panels of the experiment page: each a module with its layout and its callbacks."""
