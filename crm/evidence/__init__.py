"""证明材料: ten registers of records that prove targets, of one shape; each kind is one file of `kinds`."""
