"""The pane: the one element of the app that shows an item, its action bar, and takes the keys."""
