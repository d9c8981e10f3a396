"""Training scripts and configs that stand beside exported rows; one module for each tool."""
