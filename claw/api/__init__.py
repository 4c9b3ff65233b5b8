"""REST under /api/v1, the WebSocket stream, pairing and health."""
