"""Other programs of this machine ask the running station for a trigger or its raw frames."""
