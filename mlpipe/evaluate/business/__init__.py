"""What the model is worth, in money and to customers."""
