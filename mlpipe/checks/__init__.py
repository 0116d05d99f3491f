"""The vocabulary of checks, counted over any table in one scan."""
