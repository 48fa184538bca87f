"""Ships a library that somebody compiled elsewhere."""
