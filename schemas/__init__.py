"""What every part agrees on: pydantic models, Arrow schemas, workspace paths and the error tree."""
