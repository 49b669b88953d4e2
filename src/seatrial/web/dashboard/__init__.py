"""The dashboard: pages for the people who make apps."""
