"""Full-text search in all versions."""
