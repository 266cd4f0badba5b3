"""The ground: database, clock, money, identifiers, errors, words. Nothing here knows Flask."""
