"""The way in: the doors that take mail and the reading of what came through them."""
