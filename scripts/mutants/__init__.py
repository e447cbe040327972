"""Mutation testing: puts one fault at a time into the code, and sees whether the tests notice."""
