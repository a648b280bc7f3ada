"""What many talks of one wearer say over weeks: figures with their uncertainty, and two periods beside each other."""
