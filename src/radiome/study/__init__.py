"""One declared protocol from images to a statement: steps, lock, provenance, verification."""
