"""What a model rests on: importance of clusters of features, on patients it never saw."""
