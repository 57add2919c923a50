"""The Responses wire, to and from the middle."""
