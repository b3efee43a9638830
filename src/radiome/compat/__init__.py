"""Stand-ins for other radiomics programs: their settings in, their numbers out."""
