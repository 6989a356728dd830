"""Other verification centres 异地协查, asked about the persons of the regions that are theirs."""
