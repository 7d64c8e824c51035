"""From the rows of the store to the numbers of a figure, with their intervals, and the SELECT that gives the same."""
