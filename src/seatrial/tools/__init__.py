"""Programs of others that are run as processes of their own, where they are installed."""
