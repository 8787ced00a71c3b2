"""UniAD Desktop: an inspection station with one unified anomaly model for every product."""

__version__ = "0.1.0"
