"""A Sonos household of two players."""
