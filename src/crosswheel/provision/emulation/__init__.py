"""How programs of a foreign architecture are made to run here."""
