"""Reviews: what stored talks and entries say together, as data. Pure, except for `gathered`."""
