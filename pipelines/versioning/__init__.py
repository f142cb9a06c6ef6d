"""Step 8: versions of a policy, and what changed between them."""
