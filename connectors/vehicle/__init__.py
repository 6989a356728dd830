"""Vehicles and vessels 车船管理: HTTP GET with a GBK query string, XML in GBK."""
