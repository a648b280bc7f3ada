"""A wearer's minutes in the formats of health records. Figures only: no word of the journal goes into them."""
