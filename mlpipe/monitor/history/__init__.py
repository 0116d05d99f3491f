"""What monitor remembers: a record of each chunk, and what the chunks of many nights decide."""
