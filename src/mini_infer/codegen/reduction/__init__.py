"""Many elements into one: folds, pools, losses."""
