"""What the heart says: RR intervals become windows, and windows become an arousal state. Pure: no clock, no I/O, no logging."""
