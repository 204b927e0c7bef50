"""Generators and critics, each pair in one module; sizes come from the data spec."""
