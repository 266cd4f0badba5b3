"""入驻: the entry desk, from an application half filled in to a firm that resides in the park."""
