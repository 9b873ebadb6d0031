"""Deep networks on handwritten digits."""
