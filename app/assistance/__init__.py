"""Questions of other verification centres 异地协查, answered for the regions that are ours."""
