"""Business registration 工商登记: REST and JSON behind OAuth 2 client credentials."""
