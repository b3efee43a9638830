"""False discoveries: cut-points, number of tests, number of patients."""
