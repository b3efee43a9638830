"""What a study found, as pictures for a paper: one file per plot, SVG with the data beside it."""
