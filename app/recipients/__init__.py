"""Who receives relief 在保家庭, when each is due, and re-verification."""
