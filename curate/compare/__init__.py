"""Are two texts the same thing, said the same way? Normal forms, word differences and the guards."""
