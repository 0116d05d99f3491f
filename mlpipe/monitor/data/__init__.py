"""What is asked of the current rows themselves, whatever the model: checks, times, labels."""
