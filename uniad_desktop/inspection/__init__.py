"""The station: grab, infer and judge on threads, without any screen."""
