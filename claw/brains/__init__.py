"""Conversation: who speaks, what they mean, which tools, and a reply made of what was observed."""
