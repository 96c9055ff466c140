"""Every measure of a ranking, by what it looks at: a row each, with its formula."""
