"""Small networks on crops of the images: rivals of the features, on the same folds."""
