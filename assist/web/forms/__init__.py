"""Forms over a part of a release: what YAML holds, as fields that people fill in.

A field's name on the page is its place in the part, as errors of reading name it: `criteria[2].if`.
"""
