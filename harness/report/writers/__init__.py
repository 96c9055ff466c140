"""Writers: a view model as text in one format each."""
