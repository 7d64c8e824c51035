"""Networks, attacks, exact piece counting and data sets that several experiments share."""
