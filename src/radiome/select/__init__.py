"""Which features say the same, and which are kept: redundancy and selection, nothing deleted."""
