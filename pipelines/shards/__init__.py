"""Parts of a corpus that other machines made, and how they come into it."""
