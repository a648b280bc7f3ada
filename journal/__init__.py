"""What is remembered: the only floor that knows a database. Implements the ports that alerts declares."""
