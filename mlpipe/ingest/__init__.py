"""Files and SQL become one table; bad rows go to quarantine with their reason."""
