"""Step 7: whether a text is a privacy policy."""
