"""Where text comes from: ir_datasets, local files, sentence pairs, the embedded corpus."""
