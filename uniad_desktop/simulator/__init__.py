"""The simulated GenICam camera and the parts that it shows."""
