"""Experiments of deep learning theory: the science, the claims it must meet, and the batches that run it."""
