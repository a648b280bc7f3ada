"""What a browser is given: templates, styles, scripts and the vendored assets beside them."""
