"""What sums products: the register tile, its epilogue, and what is made of them."""
