"""One image and one mask to one feature row."""
