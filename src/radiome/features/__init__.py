"""The feature families of IBSI 1, and the catalogue that describes each feature."""
