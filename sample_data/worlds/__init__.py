"""The small worlds that the sample data is drawn from."""
