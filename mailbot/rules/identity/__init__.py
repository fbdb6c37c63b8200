"""Whose mail is it, to which case does it belong, and what is that good for?"""
