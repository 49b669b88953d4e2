"""From settings to services: the only file that knows every adapter."""
