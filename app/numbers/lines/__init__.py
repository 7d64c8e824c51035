"""Lines: stored curves of many runs, averaged over seeds, compared, and given as numbers and as SQL."""
