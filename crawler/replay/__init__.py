"""Step 5: what an archive's reply for a capture is, and the bytes that the site sent."""
