"""What happens in a run: the plan, the engine, and the store that remembers."""
