"""The forms of the steps. Their fields' names are fixed (docs); all mistakes are told at once."""
