"""The wire of the DCI registry APIs (Digital Convergence Initiative, SPDCI 1.0.0) and a client."""
