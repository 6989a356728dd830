"""A household's profile as those see it who work on it: values beside what they rest on."""
