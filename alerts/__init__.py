"""What is done about it: the live talk, when a pause is suggested, and the pause itself. Rules first; knows no database."""
