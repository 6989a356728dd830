"""Household registry 户籍管理: REST and JSON; a person, then the household they belong to."""
