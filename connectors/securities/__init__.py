"""Securities 证券: holdings and cash, by Excel workbooks over SFTP."""
