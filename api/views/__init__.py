"""What pages and scripts are told, one file a subject: frozen shapes, each beside the function that makes it."""
