"""Step 6: from a page's bytes to its main text as Markdown: HTML and PDF."""
