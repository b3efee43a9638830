"""Bootstrap of a whole recipe: .632, .632+ and Harrell's optimism."""
