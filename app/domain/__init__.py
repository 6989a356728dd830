"""The words of verification: frozen values without I/O."""
