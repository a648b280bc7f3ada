"""What people read, one file a subject. Short, present tense, the body as the subject; no diagnosis, no verdict."""
