"""A Pulumi plugin in Python: resources as typed models with four functions, over the plugin protocol.

A resource is one pydantic model of its inputs and create, read, update, delete. Checking, detailed diffs, previews,
unknown values, readable errors and the package schema are written once, here. Import names from the modules: a plugin
that has just started must not pay for what it may never need.
"""
