"""Downloader middlewares: retries and pauses toward an archive."""
