"""What the verbs print, made from what they found: tables and lines. `writers.terminal.show` takes them as they are."""
