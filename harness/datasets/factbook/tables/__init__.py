"""Tables of facts, one module a domain."""
