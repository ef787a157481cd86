"""Tests of the checkers: that they find what is wrong, and say what they could not check."""
