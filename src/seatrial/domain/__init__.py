"""What things are and what is allowed; standard library only."""
