"""The report of a study: one HTML file, made from the tables of its run folder alone."""
