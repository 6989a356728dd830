"""Banks 银行: accounts and balances, by files over SFTP, one folder a bank."""
