"""The door of the app: the gate before every request, its headers, and the server."""
