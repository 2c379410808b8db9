"""The compiled parts of the event engine; each calls only those before it: clocks, parts, work, places, moments.

`starting` calls work and places; nothing but the engine itself calls it.
"""
