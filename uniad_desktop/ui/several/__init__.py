"""Several cameras on one screen."""
