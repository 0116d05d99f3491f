"""Building a run again in a clean store, from what it recorded, and saying what came out."""
