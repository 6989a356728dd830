"""A register of those who receive relief 救助对象名册 (IBR), over DCI."""
