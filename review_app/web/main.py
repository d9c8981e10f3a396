"""The script that Streamlit runs for every page; it stands in no package, so it asks for ours by name.

It lies apart from the folder `pages`, whose modules Streamlit would take for scripts of their own.
"""

from importlib import import_module

import_module("tuneset.review_app.app.shell").run()
