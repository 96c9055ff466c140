"""From a config to steps, from steps to a bundle: the smallest amount of work that answers every pipeline."""
