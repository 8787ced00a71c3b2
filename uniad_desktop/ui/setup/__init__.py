"""The Setup page: cameras, the live picture, every feature of the camera."""
