"""Tax 税务: SOAP 1.1, document/literal, HTTP Basic."""
