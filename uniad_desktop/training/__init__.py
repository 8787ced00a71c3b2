"""Training: data, the training loop, calibration of limits, metrics."""
