"""What the strap says: GATT bytes become measurements; real straps, simulated straps and recordings look the same."""
