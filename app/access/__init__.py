"""Who may ask what: scopes, consent, clients' tokens."""
