"""The register of firms, their contacts and residence."""
