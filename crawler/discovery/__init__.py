"""Finding a site's privacy policy through the years from its bare domain."""
