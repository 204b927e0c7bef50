"""Features: what a score looks at. Each extractor has a name and a hash of its weights."""
