"""A report of runs: frozen values, their JSON, how they are made from events, merged and kept."""
