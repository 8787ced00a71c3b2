"""The engine: a trained model made to run on frames."""
