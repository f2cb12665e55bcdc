"""Fingerprints, duplicate links and stories: all SQL of the deduplicate step."""
