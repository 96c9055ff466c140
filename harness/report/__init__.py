"""Reading bundles and drawing them: a view model, blocks, writers."""
