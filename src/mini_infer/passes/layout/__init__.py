"""In which order of axes values lie."""
