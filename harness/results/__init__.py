"""The bundle: one versioned folder that holds everything a figure was made from."""
