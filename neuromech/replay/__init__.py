"""Replay of recorded movements on a body, which tests the body and its medium."""
