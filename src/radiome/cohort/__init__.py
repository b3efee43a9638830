"""Many cases: manifest, engine, store."""
