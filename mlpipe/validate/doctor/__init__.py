"""The data doctor: what is wrong with data although every check passes."""
