"""Files: what visitors send, from the upload to its message, and what they are shown."""
