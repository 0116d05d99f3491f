"""Quality without labels: what the scores themselves say, as long as they mean what they meant."""
