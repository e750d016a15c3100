"""Recommends products of the storefront, computed from orders and reviews."""
