"""From raw log2 odds to probabilities that hold: learned from pairs that reviewers labelled."""
