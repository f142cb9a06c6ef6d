"""The corpus in other forms: a module a form.

Each has `write(chosen, target)`, which writes a file or fills a folder, and returns in words what.
"""
