"""One file an experiment, nothing else: listing this folder lists the laboratory."""
