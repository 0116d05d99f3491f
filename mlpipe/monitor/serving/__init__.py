"""How the model answers: latency, errors, memory and silence, from the prediction log."""
