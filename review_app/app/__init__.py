"""The Streamlit app: the only place, with `web`, that names Streamlit."""
