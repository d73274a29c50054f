"""A whole story in a real JupyterLab with a real browser, and a search for its secrets wherever it was."""
