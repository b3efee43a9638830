"""The report of a study: one page from the tables of its run folder."""
