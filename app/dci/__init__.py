"""The DCI registry interface (SPDCI 1.0.0): what partners ask for and what they are told."""
