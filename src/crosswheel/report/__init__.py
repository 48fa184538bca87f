"""What a person or a program reads of a run. Everything here reads events and values, and changes nothing."""
