"""The store: every run, its metrics, curves and fields, and the verdicts on theory's claims, in one SQL database."""
